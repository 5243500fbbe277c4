"""A receiver of webhooks on loopback, which checks the signature of all that it gets."""

import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "webhook-secret"
LIMIT_S = 20.0

Entry = dict[str, Any]


class Received:
    """What has arrived, and how the next requests are answered.

    Attributes:
        url: where to send.
        status: the answer to requests from now on; 0 to give none until the end.
        entries: the entries of all requests that were answered with 2xx, in their order.
        refused: how many requests were answered otherwise.
        paths: the paths that were asked for.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.status = 200
        self.entries: list[Entry] = []
        self.refused = 0
        self.paths: list[str] = []
        self.ended = threading.Event()

    def wait(self, number: int) -> list[Entry]:
        """The entries, as soon as there are so many."""
        self.until(lambda: len(self.entries) >= number)
        assert len(self.entries) == number
        return self.entries

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        end = time.monotonic() + LIMIT_S
        while not holds():
            assert time.monotonic() < end, (len(self.entries), self.refused)
            time.sleep(0.01)

    def changes(self) -> list[Any]:
        """What happened to comments."""
        return [change for entry in self.entries for change in entry.get("changes", ())]

    def messaging(self) -> list[Any]:
        """What happened to messages."""
        return [event for entry in self.entries for event in entry.get("messaging", ())]


def _handler(received: Received) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signed = hmac.digest(SECRET.encode(), body, "sha256").hex()
            assert self.headers["X-Hub-Signature-256"] == f"sha256={signed}"
            assert self.headers["Content-Type"] == "application/json"
            told = json.loads(body)
            assert told["object"] == "page"
            received.paths.append(self.path)
            status = received.status
            if 200 <= status < 300:
                received.entries += told["entry"]
            else:
                received.refused += 1
            if status == 0:
                received.ended.wait(LIMIT_S)
                return
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def receiving() -> Iterator[Received]:
    """A receiver for the length of a block."""
    received = Received("")
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(received)) as server:
        server.daemon_threads = True
        received.url = f"http://127.0.0.1:{server.server_port}/webhook?key=in-the-address"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield received
        finally:
            received.ended.set()
            server.shutdown()
            thread.join()
