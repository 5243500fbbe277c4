"""What a receiver is told of pages, at least once and in order."""

import asyncio
import json
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from dmsim.adapters.tokens import account_token
from dmsim.errors import UsageError
from dmsim.server.webhooks import delivery, outbox
from dmsim.server.webhooks.delivery import Delivery
from dmsim.server.webhooks.outbox import Outbox, Waiting
from dmsim.server.webhooks.receiver import Receiver, receiver
from tests.server.graph_client import COMMENT_ID, PAGE_ID, POST_ID, comment, graph, to_person
from tests.server.inprocess import ANN, BEN, CEM, COMMENT, FOX, MASTER, InProcess, settings
from tests.server.seen import texts
from tests.server.test_process import Served, refused, served
from tests.server.webhook_receiver import SECRET, Received, receiving

ALL = "feed,messages,message_echoes,message_reads"
VARIABLE = "DMSIM_WEBHOOK_SECRET"


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    monkeypatch.setenv(VARIABLE, SECRET)
    with receiving() as opened:
        yield opened


@contextmanager
def telling(database: Path, received: Received, fields: str | None = ALL) -> Iterator[Served]:
    """A filled backend that tells a receiver what happens to Fox, if Fox subscribes."""
    with served(database, "--webhook", received.url) as opened:
        opened.fill()
        if fields is not None:
            told = {"subscribed_fields": fields}
            assert act(opened, FOX, f"/v21.0/{PAGE_ID}/subscribed_apps", told) == {"success": True}
        yield opened


def act(opened: Served, account: int, path: str, body: object, method: str = "POST") -> Any:
    """Let an account act over a real connection."""
    told = {"Content-Type": "application/json"}
    status, answer = opened.ask(method, path, account_token(MASTER, account), body, told)
    assert status in {200, 201}, answer
    return answer


def write(opened: Served, author: int, peer: int, text: str) -> None:
    act(opened, author, f"/v1/threads/{peer}/messages", {"text": text})


def health(opened: Served) -> Any:
    return opened.ask("GET", "/health")[1]["webhook"]


def test_comments_and_answers_are_told(tmp_path: Path, received: Received) -> None:
    with telling(tmp_path / "backend.db", received, "feed") as opened:
        asked = act(opened, ANN, f"/v2.5/{POST_ID}/comments", {"message": "Where?"})["id"]
        answer = act(opened, FOX, f"/v2.5/{asked}/comments", {"message": "There."})["id"]
        write(opened, ANN, FOX, "of no interest")
        received.wait(2)
    assert [entry["id"] for entry in received.entries] == [PAGE_ID, PAGE_ID]
    first, second = (change["value"] for change in received.changes())
    assert {change["field"] for change in received.changes()} == {"feed"}
    assert first.pop("created_time") == received.entries[0]["time"]
    assert first == {
        "item": "comment",
        "verb": "add",
        "comment_id": asked,
        "post_id": POST_ID,
        "parent_id": POST_ID,
        "from": {"id": str(ANN), "name": "Ann Ash"},
        "message": "Where?",
    }
    assert (second["comment_id"], second["parent_id"], second["post_id"]) == (
        answer,
        asked,
        POST_ID,
    )
    assert (second["from"]["id"], second["message"]) == (PAGE_ID, "There.")


def test_messages_echoes_and_receipts_are_told(tmp_path: Path, received: Received) -> None:
    with telling(tmp_path / "backend.db", received) as opened:
        act(opened, FOX, f"/v2.5/{COMMENT_ID}/comments", {"message": "Here."})
        private = f"/v2.5/{COMMENT_ID}/private_replies"
        mid = act(opened, FOX, private, {"message": "Your order?"})["id"]
        act(opened, CEM, f"/v1/threads/{FOX}/read", None)
        write(opened, CEM, FOX, "Number 5")
        act(opened, FOX, f"/v1/threads/{CEM}/read", None)
        received.wait(4)
    echo, read, message = received.messaging()
    page, person = {"id": PAGE_ID}, {"id": str(CEM)}
    assert (echo["sender"], echo["recipient"]) == (page, person)
    assert (read["sender"], read["recipient"]) == (person, page)
    assert (message["sender"], message["recipient"]) == (person, page)
    assert (echo["message"]["mid"], echo["message"]["text"]) == (mid, "Your order?")
    assert echo["message"]["is_echo"]
    assert read["read"] == {"watermark": read["timestamp"]}
    assert message["message"]["text"] == "Number 5"
    assert "is_echo" not in message["message"]
    assert echo["timestamp"] <= read["timestamp"] <= message["timestamp"]


def test_nobody_is_told_of_pages_that_did_not_subscribe(tmp_path: Path, received: Received) -> None:
    with telling(tmp_path / "backend.db", received, None) as opened:
        write(opened, ANN, FOX, "before")
        act(opened, FOX, f"/v2.5/{PAGE_ID}/subscribed_apps", {"subscribed_fields": "messages"})
        write(opened, ANN, FOX, "while")
        received.wait(1)
        act(opened, FOX, f"/v2.5/{PAGE_ID}/subscribed_apps", None, "DELETE")
        write(opened, ANN, FOX, "after")
        assert health(opened) == {"waiting": 0, "dropped": 0}
    assert [event["message"]["text"] for event in received.messaging()] == ["while"]


def test_what_is_refused_is_told_again_in_order(tmp_path: Path, received: Received) -> None:
    sent = [f"number {number}" for number in range(250)]
    with telling(tmp_path / "backend.db", received) as opened:
        received.status = 500
        for text in sent:
            write(opened, ANN, FOX, text)
        received.until(lambda: received.refused >= 2)
        assert health(opened) == {"waiting": len(sent), "dropped": 0}
        received.status = 204
        received.wait(len(sent))
        received.until(lambda: health(opened)["waiting"] == 0)
        _, errors = opened.end(signal.SIGTERM)
    assert [event["message"]["text"] for event in received.messaging()] == sent
    assert "webhook: the receiver answers 500; trying again" in errors
    assert "in-the-address" not in errors
    assert SECRET not in errors


def test_what_waits_is_told_after_a_crash(tmp_path: Path, received: Received) -> None:
    database = tmp_path / "backend.db"
    received.status = 503
    with telling(database, received) as opened:
        write(opened, ANN, FOX, "a secret of Ann")
        write(opened, BEN, FOX, "a secret of Ben")
        received.until(lambda: received.refused >= 1)
        opened.process.kill()
        opened.process.wait()
    for file in tmp_path.iterdir():
        assert b"a secret" not in file.read_bytes()
    received.status = 200
    with served(database, "--webhook", received.url) as again:
        received.wait(2)
        received.until(lambda: health(again)["waiting"] == 0)
        write(again, BEN, FOX, "later")
        received.wait(3)
        assert again.end(signal.SIGTERM)[0] == 0
    with served(database, "--webhook", received.url) as once_more:
        assert health(once_more) == {"waiting": 0, "dropped": 0}
    told = [event["message"]["text"] for event in received.messaging()]
    assert told == ["a secret of Ann", "a secret of Ben", "later"]


def test_redirections_are_not_followed(tmp_path: Path, received: Received) -> None:
    received.status = 302
    with telling(tmp_path / "backend.db", received) as opened:
        write(opened, ANN, FOX, "hello")
        received.until(lambda: received.refused >= 2)
    assert not received.entries
    assert all(path.startswith("/webhook?") for path in received.paths)


class TwoEvents:
    """An outbox with two events."""

    def __init__(self) -> None:
        self.left = [Waiting(7, '{"id":"5"}'), Waiting(8, '{"id":"6"}')]

    def batch(self) -> list[Waiting]:
        return self.left

    def delivered(self, last: int, _: asyncio.AbstractEventLoop) -> None:
        self.left = [event for event in self.left if event.id > last]

    def close(self) -> None:
        self.left = []


def test_a_receiver_that_hangs_is_given_up_and_asked_again(
    received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "ANSWER_S", 0.1)
    received.status = 0
    events = TwoEvents()
    told = Delivery(cast(Outbox, events), Receiver(received.url, SECRET.encode()))
    loop = asyncio.new_event_loop()
    told.start(loop)
    received.until(lambda: received.refused >= 1)
    received.status = 200
    assert received.wait(2) == [{"id": "5"}, {"id": "6"}]
    received.until(lambda: not events.left)
    told.stop()
    loop.close()


def waiting(box: Outbox) -> list[Any]:
    """The entries that wait in an outbox that has some."""
    return [json.loads(event.entry) for event in box.batch()] if len(box) else []


def watched(opened: InProcess, fields: str = ALL) -> Outbox:
    """An outbox of a backend in this process, where Fox subscribes."""
    box = Outbox(opened.app._service)
    subscribed = graph(opened, FOX, "POST", f"{PAGE_ID}/subscribed_apps", subscribed_fields=fields)
    assert subscribed == (200, {"success": True})
    return box


def test_a_person_who_shows_no_receipts_gives_none(empty: InProcess) -> None:
    off = settings(a0="everyone", a1="everyone")
    off["read_status"] = [False, True]
    empty.fill_with(settings=off)
    box = watched(empty, "message_reads")
    for person in (ANN, BEN):
        assert graph(empty, FOX, "POST", f"{PAGE_ID}/messages", **to_person(person))[0] == 200
        empty.say(person, "POST", f"requests/{FOX}/accept")
        assert texts(empty, person, FOX) == ["Hello!"]
    (read,) = waiting(box)
    assert read["messaging"][0]["sender"] == {"id": str(BEN)}


def test_comments_from_before_provisioning_are_no_news(small: InProcess) -> None:
    box = watched(small)
    assert not waiting(box)
    comment(small)
    (new,) = waiting(box)
    assert new["changes"][0]["value"]["comment_id"] == f"{POST_ID}_{COMMENT + 1}"


def test_a_reset_throws_away_what_waits(small: InProcess) -> None:
    box = watched(small)
    comment(small)
    assert len(box) == 1
    assert small.admin("reset")[0] == 200
    assert not len(box)
    assert not small.store.events()
    small.fill()
    comment(small)
    assert not len(box)


def test_an_outbox_that_is_full_counts_what_it_drops(
    small: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST", 2)
    box = watched(small)
    written = [comment(small) for _ in range(5)]
    assert (len(box), box.dropped) == (2, 3)
    kept = [entry["changes"][0]["value"]["comment_id"] for entry in waiting(box)]
    assert kept == written[:2]


def test_without_a_receiver_nothing_is_kept(small: InProcess) -> None:
    told = {"subscribed_fields": ALL}
    assert graph(small, FOX, "POST", f"{PAGE_ID}/subscribed_apps", **told)[0] == 200
    comment(small)
    assert not small.store.events()
    assert "webhook" not in json.loads(small.ask("GET", "/health")[1])


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://192.0.2.1/webhook", "192.0.2.1 is 192.0.2.1, not this machine; to tell it"),
        ("http://[2001:db8::1]:9000/", "add --allow-webhook-host 2001:db8::1"),
        ("ftp://127.0.0.1/", "is no address of a receiver"),
        ("127.0.0.1:9000", "is no address of a receiver"),
        ("http://user:secret@127.0.0.1/", "is no address of a receiver"),
        ("http://127.0.0.1:99999/", "give it as http://127.0.0.1:9000/webhook"),
        ("http://no-such-host.invalid/", "the host no-such-host.invalid cannot be resolved"),
    ],
)
def test_a_receiver_that_may_not_be_told_is_refused(
    url: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)
    with pytest.raises(UsageError, match="--webhook: ") as refusal:
        receiver(url, None, ())
    assert told in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_a_host_that_is_allowed_is_a_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)
    assert receiver("http://192.0.2.1/", None, ["192.0.2.1"]).secret == SECRET.encode()
    assert SECRET not in repr(receiver("https://localhost/", None, ()))


def test_a_name_is_told_at_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch, received: Received
) -> None:
    port = received.url.rsplit(":", 1)[1].partition("/")[0]
    told = receiver(f"http://localhost:{port}/events?x=1", None, ())
    assert told.url in (f"http://127.0.0.1:{port}/events?x=1", f"http://[::1]:{port}/events?x=1")
    assert told.host == f"localhost:{port}"
    # Later the name stands for another machine: the very address is used all the same.
    monkeypatch.setattr(socket, "getaddrinfo", _elsewhere(socket.getaddrinfo))
    at_home = Receiver(f"http://127.0.0.1:{port}/events", SECRET.encode(), told.host)
    events = cast(Outbox, None)
    assert Delivery(events, at_home)._send([Waiting(1, "{}")]) is None


def _elsewhere(ask: Any) -> Any:
    def answer(host: str, *rest: Any, **named: Any) -> Any:
        return ask("127.0.0.2" if host == "localhost" else host, *rest, **named)

    return answer


def test_the_process_refuses_a_receiver_elsewhere_and_one_without_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    database = str(tmp_path / "backend.db")
    line = refused("--db", database, "--webhook", "http://192.0.2.1/")
    assert "--allow-webhook-host 192.0.2.1" in line
    line = refused("--db", database, "--webhook", "http://127.0.0.1:9000/")
    assert f"give --webhook-secret-file or {VARIABLE}" in line
    empty_file = tmp_path / "secret"
    empty_file.write_text("\n")
    secret = ("--webhook-secret-file", str(empty_file))
    line = refused("--db", database, "--webhook", "http://127.0.0.1:9000/", *secret)
    assert str(empty_file) in line


def test_a_receiver_that_is_not_there_does_not_hold_up_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        monkeypatch.setenv(VARIABLE, SECRET)
        with telling(tmp_path / "backend.db", Received(url)) as opened:
            write(opened, ANN, FOX, "hello")
            assert health(opened) == {"waiting": 1, "dropped": 0}
            returned, errors = opened.end(signal.SIGTERM)
    assert returned == 0
    assert "Traceback" not in errors
