"""What an account sees of its conversations, in short."""

from typing import Any

from tests.server.inprocess import InProcess


def conversations(backend: InProcess, account: int) -> list[tuple[int, int]]:
    """The peers of an inbox with the unread messages of each."""
    _, answer = backend.act(account, "GET", "inbox")
    return [(entry["peer"], entry["unread"]) for entry in answer["conversations"]]


def requests(backend: InProcess, account: int, path: str = "requests") -> list[int]:
    """Who asks."""
    _, answer = backend.act(account, "GET", path)
    return [entry["peer"] for entry in answer["requests"]]


def entry(backend: InProcess, account: int, peer: int) -> dict[str, Any]:
    """One conversation as the inbox shows it."""
    _, answer = backend.act(account, "GET", "inbox")
    (found,) = [entry for entry in answer["conversations"] if entry["peer"] == peer]
    return dict(found)


def messages(backend: InProcess, account: int, peer: int) -> list[dict[str, Any]]:
    """The messages of a conversation, which are read by that."""
    _, answer = backend.act(account, "POST", f"threads/{peer}/read")
    return list(answer.get("messages", []))


def texts(backend: InProcess, account: int, peer: int) -> list[str]:
    """The texts of a conversation, which are read by that."""
    return [message["text"] for message in messages(backend, account, peer)]
