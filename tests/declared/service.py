"""A small messaging service of another shape: sessions, rooms, form bodies, ids in headers.

Nobody can follow anybody here, and strangers may write as often as they like.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

#: How long two blocks wait for each other where they race.
_TOGETHER_S = 10.0


class Service:
    """What the service knows; ``racing`` forgets blocks that are set at the same time."""

    def __init__(self, *, racing: bool = False) -> None:
        self.lock = threading.Lock()
        self.sessions: dict[str, int] = {}
        self.rooms: dict[frozenset[int], str] = {}
        self.approved: set[str] = set()
        self.blocks: defaultdict[int, frozenset[int]] = defaultdict(frozenset)
        self.closed: set[int] = set()
        self.posts: list[str] = []
        self.meeting = threading.Barrier(2) if racing else None

    def block(self, actor: int, other: int) -> None:
        """Check whom the actor blocks already, then write the longer list."""
        before = self.blocks[actor]
        if self.meeting is not None:
            self.meeting.wait(_TOGETHER_S)
        with self.lock:
            self.blocks[actor] = before | {other}


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """Serve it on a free loopback port; yields the URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            text = self.rfile.read(length).decode()
            form = dict(parse_qsl(text, strict_parsing=True)) if text else {}
            _, *path = self.path.split("/")
            if path == ["session"]:
                user = int(form["user"])
                with service.lock:
                    service.sessions[f"s-{user}"] = user
                self.say(204, Set_Cookie=f"sid=s-{user}; Path=/; HttpOnly", X_Csrf=f"c-{user}")
                return
            cookie = SimpleCookie(self.headers.get("Cookie", ""))
            actor = service.sessions.get(cookie["sid"].value) if "sid" in cookie else None
            if actor is None or self.headers.get("X-Csrf") != f"c-{actor}":
                self.say(401)
                return
            self.act(actor, path, form)

        do_PUT = do_POST  # noqa: N815 - so the standard library names it
        do_DELETE = do_POST  # noqa: N815

        def act(self, actor: int, path: list[str], form: dict[str, str]) -> None:
            match path:
                case ["rooms"]:
                    pair = frozenset({actor, int(form["with"])})
                    with service.lock:
                        room = service.rooms.setdefault(pair, f"room {len(service.rooms)}/x")
                    self.say(201, Location=room)
                case ["rooms", quoted, "posts"]:
                    self.post(actor, quoted, form["body"])
                case ["rooms", quoted, "approval"]:
                    with service.lock:
                        service.approved.add(quoted)
                    self.say(204)
                case ["people", other, "shun"]:
                    if self.command == "PUT":
                        service.block(actor, int(other))
                    else:
                        service.blocks[actor] -= {int(other)}
                    self.say(204)
                case ["me", "door"]:
                    change = service.closed.add if form["to"] == "shut" else service.closed.discard
                    change(actor)
                    self.say(204)
                case _:
                    self.say(404)

        def post(self, actor: int, quoted: str, text: str) -> None:
            room = quoted.replace("%20", " ").replace("%2F", "/")
            pair = next((pair for pair, known in service.rooms.items() if known == room), None)
            if pair is None or actor not in pair:
                self.say(404)
                return
            (other,) = pair - {actor}
            if actor in service.blocks[other]:
                self.say(403, "blocked by them")
            elif other in service.closed:
                self.say(403, "their door is shut")
            else:
                with service.lock:
                    service.posts.append(text)
                self.say(202, "delivered" if quoted in service.approved else "waiting")

        def say(self, status: int, text: str = "", **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            if status != 204:
                self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
