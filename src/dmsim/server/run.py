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
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dmsim.descriptors import allow_many_descriptors
from dmsim.errors import UsageError
from dmsim.server.app import App, create_app
from dmsim.server.decisions import RULES, Decisions
from dmsim.server.kept import given_key, given_token, kept_key, kept_token
from dmsim.server.store import Store
from dmsim.server.webhooks.receiver import Receiver, receiver

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
    key_file: Path | None = None
    simulated_time: bool = False
    webhook: str | None = None
    webhook_secret_file: Path | None = None
    allow_webhook_hosts: Sequence[str] = ()


def run(options: Options, *, decisions: Decisions = RULES) -> None:
    """Serve until SIGINT (raises KeyboardInterrupt) or SIGTERM (returns).

    Args:
        options: how to serve.
        decisions: the rules to ask.

    Raises:
        UsageError: the address, the port, the token, the key, the database or the receiver of
            webhooks cannot be used.
        InvalidRunError: the store failed.
    """
    previous = signal.signal(signal.SIGTERM, _stop)
    allow_many_descriptors()
    try:
        given, key = given_token(options.token_file), given_key(options.key_file)
        told = _receiver(options)
        with closing(_bind(options)) as listener, closing(Store(options.database)) as store:
            store.unlock(key or kept_key(options.database, is_new=not store.has_key))
            token = given or kept_token(options.database)
            app = _load(store, token, decisions, told, options)
            server = _Server(app, store, listener, options.json)
            if options.until_eof:
                threading.Thread(target=server.stop_at_eof, daemon=True).start()
            server.run(sockets=[listener])
            if store.failure is not None:
                raise store.failed()
    except _Stopped:
        pass
    finally:
        signal.signal(signal.SIGTERM, previous)


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


def _receiver(options: Options) -> Receiver | None:
    if options.webhook is None:
        return None
    return receiver(options.webhook, options.webhook_secret_file, options.allow_webhook_hosts)


def _load(
    store: Store, token: str, decisions: Decisions, told: Receiver | None, options: Options
) -> App:
    gc.disable()
    app = create_app(
        store,
        token,
        decisions=decisions,
        simulated_time=options.simulated_time,
        receiver=told,
    )
    # A loaded world lives as long as the process: the collector need not look at it again.
    gc.freeze()
    gc.enable()
    return app


class _Server(uvicorn.Server):
    """Uvicorn that says when and where it listens, and stops when the store failed."""

    def __init__(self, app: App, store: Store, listener: socket.socket, json: bool) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http=_Protocol,
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
        self._app = app
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

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.end_streams()
        await super().shutdown(sockets)


class _Protocol(HttpToolsProtocol):
    """Lets the application close a connection whose other end takes nothing any more."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"dmsim": {"abort": self.transport.abort}}


class _Stopped(BaseException):
    """SIGTERM: not an error, and not to be caught on the way."""


def _stop(signum: int, frame: FrameType | None) -> None:
    raise _Stopped
