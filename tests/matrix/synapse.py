"""A Synapse of one's own on loopback, for tests: install, start, stop.

    python tests/matrix/synapse.py install DIR
    python tests/matrix/synapse.py start DIR      prints its address, leaves the token in DIR/token
    python tests/matrix/synapse.py stop DIR

Synapse lives in its own virtual environment with SQLite. Everything stays in DIR: the environment,
the configuration, the database, the logs. It is a server for tests: unencrypted, without
federation, without limits of rates, with cheap passwords; so it listens on loopback alone.

For PostgreSQL install ``matrix-synapse[postgres]`` and give the configuration, before the start,
``database: {name: psycopg2, args: {user: ..., password: ..., database: ..., host: ...}}``; the
database needs ``ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'``.
"""

import hashlib
import hmac
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

VERSION = "1.163.2"
NAME = "dmsim"
ADMIN = "dmsim-admin"

#: A Synapse in which a rule has been lost, as it may happen to any service.
_OPEN_DOORS = """
from synapse.app.homeserver import main
from synapse.storage.databases.main import account_data

async def let_everybody_in(store, user):
    return account_data.AllowAllInviteRulesConfig()

account_data.AccountDataWorkerStore.get_invite_config_for_user = let_everybody_in
main()
"""

#: Those that this process has started.
_servers: dict[int, "subprocess.Popen[bytes]"] = {}

_STARTED_S = 60.0
_STOPPED_S = 20.0

#: All limits of rates out of the way: what is measured and judged is the server, not its brakes.
_LIMITS = (
    "rc_message", "rc_registration", "rc_registration_token_validity", "rc_admin_redaction",
    "rc_joins_per_room", "rc_3pid_validation", "rc_media_create", "rc_room_creation", "rc_reports",
    "rc_presence.per_user", "rc_delayed_event_mgmt",
)  # fmt: skip
_PAIRS_OF_LIMITS = {
    "rc_login": ("address", "account", "failed_attempts"),
    "rc_joins": ("local", "remote"),
    "rc_invites": ("per_room", "per_user", "per_issuer"),
}
_NO_LIMIT = {"per_second": 100_000, "burst_count": 100_000}


def install(folder: Path) -> None:
    """Put Synapse into a virtual environment, unless it is there."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
    wanted = f"matrix-synapse=={VERSION}"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted]
    subprocess.run(pip, check=True)


def start(folder: Path, *, doors: bool = True) -> str:
    """Start a fresh server and return its address; its administrator's token is in DIR/token.

    Args:
        folder: where :func:`install` has put it; the database of a former run is removed.
        doors: false for one that has lost the rule that people say who may invite them.
    """
    stop(folder)
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    port = _free_port()
    secret = secrets.token_hex(32)
    _configure(folder, data, port, secret)
    with (data / "output.log").open("wb") as output:
        config = ("--config-path", str(data / "homeserver.yaml"))
        command = _homeserver(folder, *config, program=() if doors else ("-c", _OPEN_DOORS))
        server = subprocess.Popen(
            command, cwd=data, stdout=output, stderr=output, start_new_session=True
        )
    _servers[server.pid] = server
    (folder / "pid").write_text(str(server.pid))
    url = f"http://127.0.0.1:{port}"
    _wait_for(url, server, data / "output.log")
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(_administrator(url, secret))
    return url


def stop(folder: Path) -> None:
    """Stop the server that was started there, if one runs."""
    file = folder / "pid"
    if not file.exists():
        return
    pid = int(file.read_text())
    file.unlink()
    if not _is_homeserver(pid):
        return
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + _STOPPED_S
    while _is_homeserver(pid) and time.monotonic() < end:
        time.sleep(0.05)
    if _is_homeserver(pid):
        os.kill(pid, signal.SIGKILL)
    if pid in _servers:
        _servers.pop(pid).wait()


def _is_homeserver(pid: int) -> bool:
    """Whether that process is still ours, and no other that got its number, nor a dead one."""
    try:
        return b"synapse.app.homeserver" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _homeserver(folder: Path, *arguments: str, program: Sequence[str] = ()) -> list[str]:
    python = folder / "venv" / "bin" / "python"
    return [str(python), *(program or ("-m", "synapse.app.homeserver")), *arguments]


def _configure(folder: Path, data: Path, port: int, secret: str) -> None:
    file = data / "homeserver.yaml"
    generate = ("--config-path", str(file), "--generate-config", "--report-stats", "no")
    command = _homeserver(folder, "--server-name", NAME, *generate, "--data-directory", str(data))
    subprocess.run(command, check=True, capture_output=True)
    limits: dict[str, Any] = {}
    for name in _LIMITS:
        whole, _, part = name.partition(".")
        limits[whole] = {part: _NO_LIMIT} if part else _NO_LIMIT
    for name, parts in _PAIRS_OF_LIMITS.items():
        limits[name] = dict.fromkeys(parts, _NO_LIMIT)
    listener = {
        "port": port, "bind_addresses": ["127.0.0.1"], "tls": False, "type": "http",
        "resources": [{"names": ["client"], "compress": False}],
    }  # fmt: skip
    told = {
        "listeners": [listener],
        "registration_shared_secret": secret,
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "presence": {"enabled": False},
        "bcrypt_rounds": 4,
        # A repeated first sync would otherwise tell what was.
        "caches": {"sync_response_cache_duration": "0s"},
        **limits,
    }
    # JSON is YAML, and of a key that stands twice the later holds; so take the earlier ones out.
    before = file.read_text().splitlines()
    kept, drop = [], False
    for line in before:
        if line and not line[0].isspace() and not line.startswith(("#", "-")):
            drop = line.partition(":")[0] in told
        if not drop:
            kept.append(line)
    added = [f"{key}: {json.dumps(value)}" for key, value in told.items()]
    file.write_text("\n".join([*kept, *added, ""]))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _STARTED_S
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(f"{url}/health", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"Synapse did not start: {log.read_text(errors='replace')[-2000:]}")


def _administrator(url: str, secret: str) -> str:
    """Register the administrator; returns the access token."""
    path = f"{url}/_synapse/admin/v1/register"
    with urlopen(path, timeout=10) as answer:
        nonce = json.load(answer)["nonce"]
    password = secrets.token_hex(16)
    told = b"\0".join(word.encode() for word in (nonce, ADMIN, password, "admin"))
    code = hmac.new(secret.encode(), told, hashlib.sha1).hexdigest()
    body = {"nonce": nonce, "username": ADMIN, "password": password, "admin": True, "mac": code}
    request = Request(path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["access_token"])


def main() -> None:
    """Do what the command line says."""
    match sys.argv[1:]:
        case ["install", folder]:
            install(Path(folder).absolute())
        case ["start", folder]:
            print(start(Path(folder).absolute()))
        case ["stop", folder]:
            stop(Path(folder).absolute())
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
