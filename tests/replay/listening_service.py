"""A small messaging service that tells of messages by polls, frames or events.

What it does with a message depends on its text: ``lost`` is never told, ``leak`` is refused and
told all the same, anything else is told. Everybody may write to everybody.
"""

import asyncio
import json
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

POLL_S = 5.0


class Service:
    """The ASGI application; ``told`` holds what each user was told, in order."""

    def __init__(self) -> None:
        self.told: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.listening: set[str] = set()
        self.messages = 0
        self.polls = 0
        self._more = asyncio.Condition()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        headers = dict(scope["headers"])
        user = headers.get(b"x-user", b"").decode()
        path = scope["path"]
        if scope["type"] == "websocket":
            await self.frames(user, receive, send)
        elif path.startswith("/messages/"):
            text = (await receive())["body"].decode()
            await self.take(path.removeprefix("/messages/"), text, send)
        elif path == "/poll":
            await self.poll(user, scope["query_string"].decode(), send)
        elif path == "/events":
            await self.events(user, send)
        else:
            await answer(send, 200 if path == "/health" else 404, {})

    async def take(self, peer: str, text: str, send: Any) -> None:
        async with self._more:
            self.messages += 1
            id_ = f"m{self.messages}"
            if text != "lost":
                self.told[peer].append({"id": id_, "text": text})
                self._more.notify_all()
        refused = text == "leak"
        await answer(send, 403 if refused else 201, {} if refused else {"id": id_})

    async def after(self, user: str, place: int) -> list[dict[str, Any]]:
        async with self._more:
            await self._more.wait_for(lambda: len(self.told[user]) > place)
            return self.told[user][place:]

    async def poll(self, user: str, query: str, send: Any) -> None:
        self.polls += 1
        place = len(self.told[user])
        new: list[dict[str, Any]] = []
        if query:
            place = int(query.removeprefix("since=t"))
            try:
                new = await asyncio.wait_for(self.after(user, place), POLL_S)
            except TimeoutError:
                new = []
        rooms = {"join": {"!r": {"events": new}}} if new else {}
        await answer(send, 200, {"next": f"t{place + len(new)}", "rooms": rooms})

    async def frames(self, user: str, receive: Any, send: Any) -> None:
        place = len(self.told[user])
        await receive()
        await send({"type": "websocket.accept"})
        gone = asyncio.ensure_future(receive())
        while not gone.done():
            more = asyncio.ensure_future(self.after(user, place))
            await asyncio.wait({more, gone}, return_when=asyncio.FIRST_COMPLETED)
            if more.done():
                for event in more.result():
                    place += 1
                    await send({"type": "websocket.send", "text": json.dumps(event)})
            more.cancel()

    async def events(self, user: str, send: Any) -> None:
        place = len(self.told[user])
        kind = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": kind})
        for event in await self.after(user, place):
            part = f"data: {json.dumps(event)}\n\n".encode()
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})  # it ends after the first messages


async def answer(send: Any, status: int, body: Any) -> None:
    content = json.dumps(body).encode()
    length = [(b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": status, "headers": length})
    await send({"type": "http.response.body", "body": content})


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """Serve it on a free loopback port; yields the URL."""
    config = uvicorn.Config(
        service,
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        timeout_graceful_shutdown=1,
        log_level="critical",
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
