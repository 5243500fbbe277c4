"""The backend as a process: its address, its secret, its start and its end."""

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from types import FrameType

import msgspec
import uvicorn

from dmsim.adapters.tokens import TOKEN_VARIABLE, checked_token, new_master_token
from dmsim.errors import UsageError
from dmsim.server.app import create_app
from dmsim.server.decisions import RULES, Decisions
from dmsim.server.store import Store

#: Seconds: clients of a replay rest between requests, and must not find their connection gone.
_KEEP_ALIVE = 600

#: Seconds that requests under way have at the end.
_FAREWELL = 5


@dataclass(frozen=True)
class Options:
    """How ``dmsim serve`` was called; see there."""

    host: str = "127.0.0.1"
    port: int = 8000
    database: Path = Path("dmsim.db")
    token_file: Path | None = None
    allow_hosts: Sequence[str] = ()
    json: bool = False
    until_eof: bool = False


def run(options: Options, *, decide: Decisions = RULES) -> None:
    """Serve until SIGINT (raises KeyboardInterrupt) or SIGTERM (returns).

    Args:
        options: how to serve.
        decide: the rules to ask.

    Raises:
        UsageError: the address, the port, the token or the database cannot be used.
        InvalidRunError: the store failed.
    """
    previous = signal.signal(signal.SIGTERM, _stop)
    try:
        given = given_token(options.token_file)
        with closing(_bind(options)) as listener, closing(Store(options.database)) as store:
            token = given or kept_token(options.database)
            server = _Server(store, token, decide, listener, options.json)
            if options.until_eof:
                threading.Thread(target=server.stop_at_eof, daemon=True).start()
            server.run(sockets=[listener])
            if store.failure is not None:
                raise store.failed()
    except _Stopped:
        pass
    finally:
        signal.signal(signal.SIGTERM, previous)


def given_token(token_file: Path | None) -> str | None:
    """The master token that the user gave: in a file, else in the environment.

    Raises:
        UsageError: the file cannot be read, or the token is none.
    """
    if token_file is not None:
        return checked_token(_read(token_file), str(token_file))
    if TOKEN_VARIABLE in os.environ:
        return checked_token(os.environ[TOKEN_VARIABLE], TOKEN_VARIABLE)
    return None


def kept_token(database: Path) -> str:
    """The master token kept beside the database, which only the owner may read; made if missing.

    Raises:
        UsageError: the file cannot be read or written, or the token is none.
    """
    kept = database.with_name(database.name + ".token")
    if not kept.exists():
        _write_secret(kept, new_master_token())
    print(f"master token in {kept}", file=sys.stderr, flush=True)
    return checked_token(_read(kept), str(kept))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}; give a readable --token-file") from None


def _write_secret(path: Path, secret: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; give a --token-file") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")


def _bind(options: Options) -> socket.socket:
    host, port = options.host, options.port
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError, OverflowError):
        raise UsageError(f"--host {host}: is no address of this machine") from None
    loopback = ip_address(str(address[0]).partition("%")[0]).is_loopback
    if not loopback and host not in options.allow_hosts:
        raise UsageError(
            f"--host {host}: would be open to other machines; add --allow-host {host} to want that"
        )
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        # Bound is not yet taken: with SO_REUSEADDR two may bind, only one may listen.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"port {port} on {host}: {error.strerror}; choose another --port (0: any free one)"
        ) from None
    return listener


class _Server(uvicorn.Server):
    """Uvicorn that says when and where it listens, and stops when the store failed."""

    def __init__(
        self, store: Store, token: str, decide: Decisions, listener: socket.socket, json: bool
    ) -> None:
        gc.disable()
        app = create_app(store, token, decide=decide)
        # A loaded world lives as long as the process: the collector need not look at it again.
        gc.freeze()
        gc.enable()
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http="httptools",
                ws="none",
                interface="asgi3",
                lifespan="on",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=_FAREWELL,
            )
        )
        store.on_failure = self._stop
        self._listener = listener
        self._json = json

    def stop_at_eof(self) -> None:
        """Stop when standard input ends, which is the end of whoever started this."""
        while os.read(sys.stdin.fileno(), 4096):
            pass
        self._stop()

    def _stop(self) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = self._listener.getsockname()[:2]
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        print(f"listening on {url}", file=sys.stderr, flush=True)
        if self._json:
            line = msgspec.json.encode({"url": url, "pid": os.getpid()}).decode()
            print(line, flush=True)


class _Stopped(BaseException):
    """SIGTERM: not an error, and not to be caught on the way."""


def _stop(signum: int, frame: FrameType | None) -> None:
    raise _Stopped
