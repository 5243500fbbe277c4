"""The backend that ``bench_replay.py`` measures against: as little work per answer as can be.

That is nginx where it is installed, with one process and a configuration of its own in a temporary
folder, else a few lines on uvloop. It ends with the block, or with the benchmark.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

#: What the reference backend answers to a message that arrives in the inbox.
ANSWER = '{"outcome":"inbox"}'

#: No benchmark runs that long.
LIFE_S = 600

_START_S = 10
_RESPONSE = f"HTTP/1.1 200 OK\r\nContent-Length: {len(ANSWER)}\r\n\r\n{ANSWER}".encode()
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")

#: One process, so that stopping it stops everything.
_NGINX = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr crit;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    default_type application/json;
    keepalive_requests 1000000000;
    keepalive_timeout {life};
    {temporary}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{ return 200 '{answer}'; }}
    }}
}}
"""


class Backend(NamedTuple):
    """A running backend: what it is, where it listens, and the process that answers."""

    name: str
    port: int
    pid: int


@contextmanager
def backend() -> Iterator[Backend]:
    """The cheapest backend this machine has."""
    with tempfile.TemporaryDirectory(prefix="dmsim-bench-") as folder:
        port = _free_port()
        name, command = _command(port, Path(folder))
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
            try:
                _wait_for(port)
                yield Backend(name, port, process.pid)
            finally:
                process.kill()


def _command(port: int, folder: Path) -> tuple[str, list[str]]:
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    setpriv = shutil.which("setpriv")
    if nginx is None or setpriv is None:
        return "uvloop", [sys.executable, __file__, str(port)]
    temporary = " ".join(f"{name}_temp_path {name};" for name in _TEMPORARY)
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(life=LIFE_S, temporary=temporary, port=port, answer=ANSWER))
    # Whatever becomes of the benchmark, nginx does not outlive it.
    bound = [setpriv, "--pdeathsig", "KILL"]
    return "nginx", [*bound, nginx, "-p", str(folder), "-c", str(config), "-e", "stderr"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    until = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


class _Answering(asyncio.Protocol):
    """Answers whatever arrives in one piece, always the same."""

    def connection_made(self, transport: Any) -> None:
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer."""
        self._transport.write(_RESPONSE)


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_server(_Answering, "127.0.0.1", port, backlog=4096)
    await asyncio.sleep(LIFE_S)


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve(int(sys.argv[1])))
