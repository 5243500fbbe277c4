"""A small forwarding proxy on loopback, in greenlets of the test's own process or on its own.

It forwards requests with whole addresses, tunnels those with CONNECT, and counts both. Started as
a process it prints its port, and ends when its standard input is closed.
"""

import sys
from typing import Any
from urllib.parse import urlsplit

import gevent
import gevent.socket
from gevent.server import StreamServer

_CHUNK = 1 << 16


class Proxy:
    """Listens as long as it is not closed."""

    def __init__(self) -> None:
        self.forwarded = 0
        self.tunnelled = 0
        self._server = StreamServer(("127.0.0.1", 0), self._serve)
        self._server.start()

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def close(self) -> None:
        self._server.stop(timeout=0)

    def _serve(self, near: gevent.socket.socket, _: object) -> None:
        kept: dict[str, gevent.socket.socket] = {}
        with near, near.makefile("rb") as reader:
            try:
                while self._one(near, reader, kept):
                    pass
            except OSError:
                pass
            finally:
                for far in kept.values():
                    far.close()

    def _one(
        self, near: gevent.socket.socket, reader: Any, kept: dict[str, gevent.socket.socket]
    ) -> bool:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = reader.readline()
            if not line:
                return False
            head += line
        first, rest = head.split(b"\r\n", 1)
        method, url, version = first.decode().split(" ")
        if method == "CONNECT":
            self.tunnelled += 1
            host, _, port = url.rpartition(":")
            self._tunnel(near, host, int(port))
            return False
        self.forwarded += 1
        parts = urlsplit(url)
        length = 0
        for line in rest.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        body = reader.read(length)
        if parts.netloc not in kept:
            kept[parts.netloc] = gevent.socket.create_connection((parts.hostname, parts.port))
            gevent.spawn(_pump, kept[parts.netloc], near)
        path = url.partition(parts.netloc)[2]
        kept[parts.netloc].sendall(f"{method} {path} {version}\r\n".encode() + rest + body)
        return True

    def _tunnel(self, near: gevent.socket.socket, host: str, port: int) -> None:
        with gevent.socket.create_connection((host, port)) as far:
            near.sendall(b"HTTP/1.1 200 Established\r\n\r\n")
            back = gevent.spawn(_pump, far, near)
            _pump(near, far)
            back.join()


def _pump(source: gevent.socket.socket, sink: gevent.socket.socket) -> None:
    try:
        while data := source.recv(_CHUNK):
            sink.sendall(data)
        sink.shutdown(gevent.socket.SHUT_WR)
    except OSError:
        pass


if __name__ == "__main__":
    proxy = Proxy()
    print(proxy.port, flush=True)
    gevent.get_hub().threadpool.apply(sys.stdin.read)
    print(proxy.forwarded, proxy.tunnelled, flush=True)
