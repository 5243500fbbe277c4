"""The backend that ``bench_listen.py`` measures against: as little work as can be.

It answers a message with its id and tells whoever listens as its recipient, by server-sent events.
``python listen_backend.py`` prints its port, and ends with its standard input.
"""

import asyncio
import os
import sys
from typing import Any

from dmsim.descriptors import allow_many_descriptors

LIFE_S = 600

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
_ANSWER = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%b"

#: Who listens, by account.
listening: dict[bytes, Any] = {}


class Answering(asyncio.Protocol):
    """Answers whatever arrives in one piece."""

    messages = 0

    def connection_made(self, transport: Any) -> None:
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer, and tell the recipient."""
        if data.startswith(b"GET"):
            account = data.partition(b"Bearer ")[2].partition(b".")[0]
            listening[account] = self._transport
            self._transport.write(_HEAD)
            return
        Answering.messages += 1
        body = b'{"outcome":"inbox","id":%d}' % Answering.messages
        self._transport.write(_ANSWER % (len(body), body))
        recipient = data.split(b"/", 4)[3]
        listener = listening.get(recipient)
        if listener is not None and not listener.is_closing():
            listener.write(b'data: {"id":%d,"text":"x"}\n\n' % Answering.messages)


async def serve() -> None:
    """Until standard input ends."""
    allow_many_descriptors()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.add_reader(sys.stdin.fileno(), lambda: os._exit(0))
    await asyncio.sleep(LIFE_S)


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve())
