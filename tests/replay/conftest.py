"""Small traces made by hand, and a small backend that does as it is told."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dmsim.scenario import default_policy
from dmsim.trace.digest import combine, digest_of
from dmsim.trace.manifest import Manifest
from dmsim.trace.schema import ACCOUNTS, ACTIONS, INITIAL, RESULTS, SETTINGS, TEXTS, Table
from dmsim.trace.writer import ActionWriter, new_trace, write_manifest, write_table
from tests.replay.certificates import certificates

Row = dict[str, Any]
MakeTrace = Callable[..., Path]

_DEFAULTS: Row = {
    **dict.fromkeys(ACTIONS.optional),
    "actor": 0, "action": "send_message", "target": 1, "content": "text", "via": "inbox",
    "platform": "ios", "verdict": "inbox", "reason": "none", "after": [],
}  # fmt: skip

PERSONS = 8

PERSON: Row = {
    "kind": "person", "name": "Kim", "age": 30, "registered": True, "locale": "en",
    "platform": "ios", "archetype": "reader", "region": "with_stickers", "joined": -(10**15),
    "everyone_offered": True, "utc_offset": 0,
}  # fmt: skip

_SETTINGS: Row = {
    "setting": "everyone", "read_status": True, "filter_requests": True, "allow_business": False,
    "notifications": True, "family_restricted": False,
}  # fmt: skip

#: A patient scenario: the machine of a test may be busy.
REPLAY: Row = {
    "speed": 1.0,
    "lateness_p99_budget": "5s",
    "unordered_budget": 0.0,
    "unjudged_budget": 0.5,
    "dropped_budget": 0.0,
    "errors_budget": 0.0,
    "timeout": "5s",
    "connections": 200,
}


def actions_frame(rows: list[Row]) -> tuple[pl.DataFrame, list[str]]:
    """Actions with defaults filled in, and the bank of their texts; ``say`` is the text."""
    texts = sorted({row["say"] for row in rows if "say" in row})
    full = []
    for n, row in enumerate(rows):
        text = texts.index(row["say"]) if "say" in row else None
        filled = {**_DEFAULTS, "seq": n, "at": 1000 * n, "text": text, **row}
        full.append({name: filled[name] for name in ACTIONS.columns})
    return pl.DataFrame(full, schema=ACTIONS.schema).sort("at", "seq"), texts


@pytest.fixture
def make_trace(tmp_path: Path) -> MakeTrace:
    """Write a trace of the given action rows.

    ``state`` gives rows of further tables of the initial state; ``replay`` changes its replay
    settings.
    """

    def make(rows: list[Row], state: dict[Table, list[Row]] | None = None, **replay: Any) -> Path:
        path = tmp_path / "trace"
        actions, texts = actions_frame(rows)
        unlabelled = {"locale": "en", "violation": "none", "detected": False, "personal": False}
        tables = {
            TEXTS: [{**unlabelled, "id": n, "text": text} for n, text in enumerate(texts)],
            ACCOUNTS: [{**PERSON, "id": n, "device": n} for n in range(PERSONS)],
            SETTINGS: [{**_SETTINGS, "account": n} for n in range(PERSONS)],
            **(state or {}),
        }
        with new_trace(path, force=True) as folder:
            counts, digests = {}, []
            for table in (*INITIAL, *RESULTS, TEXTS):
                frame = pl.DataFrame(tables.get(table, []), schema=table.schema)
                write_table(folder, table, frame)
                counts[table.path] = frame.height
                digests.append(digest_of(frame))
            writer = ActionWriter(folder, 0)
            writer.write(actions)
            write_manifest(
                folder,
                Manifest(
                    dmsim_version="0",
                    scenario={"replay": {**REPLAY, **replay}},
                    policy=default_policy()._asdict(),
                    seed=1,
                    cells=1,
                    from_us=0,
                    until_us=10**9,
                    actions=actions.height,
                    counts=counts,
                    by_action=writer.by_action,
                    digest=combine([*digests, writer.digest()]),
                ),
            )
        return path

    return make


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a backend that does what messages tell it to."""
    with _obedient(monkeypatch) as url:
        yield url


@pytest.fixture
def timed_backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The same of one that takes the simulated time of requests."""
    with _obedient(monkeypatch, "--simulated-time") as url:
        yield url


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate of whoever vouches for ``tls_backend``; its key lies beside it."""
    return certificates(tmp_path_factory.mktemp("certificates"))[0]


@pytest.fixture
def tls_backend(monkeypatch: pytest.MonkeyPatch, authority: Path) -> Iterator[str]:
    """The URL of such a backend that speaks TLS."""
    key = authority.with_name("server.pem")
    with _obedient(monkeypatch, "--tls", str(key)) as url:
        yield url.replace("http:", "https:")


class ProxyProcess:
    """A forwarding proxy in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self._process = process
        self.url = f"http://127.0.0.1:{process.stdout.readline().strip()}"

    def counts(self) -> tuple[int, int]:
        """End it; how many requests it forwarded, and how many tunnels it made."""
        forwarded, tunnelled = self._process.communicate("")[0].split()
        return int(forwarded), int(tunnelled)


@pytest.fixture
def proxy() -> Iterator[ProxyProcess]:
    """A proxy that forwards to whatever is asked for."""
    script = Path(__file__).with_name("proxy_server.py")
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield ProxyProcess(process)
        process.kill()


@contextmanager
def _obedient(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Iterator[str]:
    monkeypatch.setenv("DMSIM_TOKEN", "token-of-a-test")
    script = Path(__file__).with_name("loopback_server.py")
    with subprocess.Popen(
        [sys.executable, str(script), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()
