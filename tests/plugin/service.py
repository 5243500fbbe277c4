"""Chatline, a messaging service of lines over TCP: who follows, blocks and talks to whom.

``python -m tests.plugin.service 9100`` serves it on that port of this machine.
"""

import json
import signal
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

Pair = tuple[int, int]


class Chatline:
    """What the service knows.

    Args:
        broken: what it does wrong: ``blocks`` it forgets, ``silent`` it hangs up at the first
            message, ``garbage`` it answers in no words of its own.
    """

    def __init__(self, broken: str = "") -> None:
        self.broken = broken
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.follows: set[Pair] = set()
        self.blocks: set[Pair] = set()
        #: By pair: who asked, or None where the conversation is open.
        self.threads: dict[frozenset[int], int | None] = {}
        self.said: list[str] = []

    def load(self, name: str, rows: list[list[Any]]) -> None:
        """Take rows of the initial state."""
        if name == "threads":
            for requester, other, thread in rows:
                if thread in {"requested", "accepted"}:
                    asked = requester if thread == "requested" else None
                    self.threads[frozenset({requester, other})] = asked
        else:
            getattr(self, name).update((one, other) for one, other in rows)

    def answer(self, line: str) -> str:
        """Do what a line says."""
        actor, command, rest = line.split(" ", 2)
        with self.lock:
            if command == "RESET":
                self.reset()
            elif command == "LOAD":
                self.load(*json.loads(rest))
            else:
                target, _, text = rest.partition(" ")
                return self.act(int(actor), command, int(target), text)
        return "200 done"

    def act(self, actor: int, command: str, target: int, text: str) -> str:
        """One action of an account."""
        pair = actor, target
        match command:
            case "SAY":
                return self.say(actor, target, json.loads(text))
            case "ACCEPT":
                if self.threads.get(frozenset(pair), actor) != target:
                    return "404 no request"
                self.threads[frozenset(pair)] = None
            case "FOLLOW":
                self.follows.add(pair)
            case "UNFOLLOW":
                self.follows.discard(pair)
            case "BLOCK" if self.broken != "blocks":
                self.blocks.add(pair)
            case "UNBLOCK":
                self.blocks.discard(pair)
        return "200 done"

    def say(self, actor: int, target: int, text: str) -> str:
        """A message, where it lands, and what becomes of the conversation."""
        if (target, actor) in self.blocks:
            return "403 blocked"
        self.said.append(text)
        pair = frozenset({actor, target})
        asked = self.threads.get(pair, actor)
        known = asked != actor or (target, actor) in self.follows
        self.threads[pair] = None if known else actor
        return "200 inbox" if known else "200 requests"


@contextmanager
def serving(service: Chatline, port: int = 0) -> Iterator[str]:
    """Serve it on a loopback port, by default a free one; yields the URL."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                said = b" SAY " in line
                if said and service.broken == "silent":
                    return
                answer = service.answer(line.decode().rstrip("\n"))
                if said and service.broken == "garbage":
                    answer = "what?"
                self.wfile.write(f"{answer}\n".encode())

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    with serving(Chatline(), int(sys.argv[1])) as address, suppress(KeyboardInterrupt):
        print(address, flush=True)
        signal.pause()
