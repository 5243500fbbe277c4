"""How many durable writes a second the reference backend answers, on loopback.

Starts a backend of its own on a free port, fills it, and lets a lean client of some connections
send messages in a closed loop for a few seconds; then provisioning and restart. Prints what each
costs, as ratios to the cheapest request of the same run, and one JSON line at the end.

    python benchmarks/bench_server.py [--seconds 4] [--connections 64] [--accounts 20000]
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import cast

import httptools
import uvloop

from dmsim.adapters.tokens import account_token
from dmsim.scenario.policy import default_policy

TOKEN = "benchmark"
POLICY = default_policy()._asdict()
#: Microseconds: a year ago, so that nobody counts as an unsafe source.
JOINED = 365 * 24 * 3600 * 1_000_000
_TICKS = os.sysconf("SC_CLK_TCK")


class Client(asyncio.Protocol):
    """One connection that sends the next request as soon as the last is answered."""

    def __init__(self, requests: Iterator[bytes], until: float, seconds: list[float]) -> None:
        self._requests = requests
        self._until = until
        self._seconds = seconds
        self._sent = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        """Hand what came to the parser."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Count the answer and go on."""
        status = self._parser.get_status_code()
        if status not in (200, 201):
            self._transport.close()
            self.ended.set_exception(RuntimeError(f"the backend answered {status}"))
            return
        self._seconds.append(time.perf_counter() - self._sent)
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        if self._sent < self._until:
            self._transport.write(next(self._requests))
        else:
            self._transport.close()
            self.ended.set_result(None)


async def closed_loop(
    port: int, requests: Sequence[bytes], connections: int, seconds: float
) -> list[float]:
    """Send for a while and return how long each answer took, in seconds."""
    loop = asyncio.get_running_loop()
    took: list[float] = []
    until = time.perf_counter() + seconds
    clients: list[Client] = []
    for n in range(connections):
        client = Client(_endless(requests[n::connections]), until, took)
        await loop.create_connection(partial(_same, client), "127.0.0.1", port)
        clients.append(client)
    await asyncio.gather(*(client.ended for client in clients))
    return took


def _same(client: Client) -> Client:
    return client


def _endless(requests: Sequence[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


def request(method: str, path: str, token: str, body: object = None) -> bytes:
    """A request as bytes."""
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


@contextmanager
def backend(database: Path) -> Iterator[tuple[int, int]]:
    """A backend process: its port and process id."""
    code = "import sys, typer; from dmsim.cli.serve import serve; typer.run(serve)"
    command = [sys.executable, "-c", code, "--port", "0", "--db", str(database), "--json"]
    environment = {**os.environ, "DMSIM_TOKEN": TOKEN}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        try:
            told = json.loads(process.stdout.readline())
            yield int(told["url"].rpartition(":")[2]), process.pid
        finally:
            process.terminate()


def cpu_seconds(pid: int) -> float:
    """User and system time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


async def provision(port: int, accounts: int, follows: int) -> float:
    """Fill the backend and return the rows loaded per second."""
    rng = random.Random(1)
    ids = list(range(accounts))
    loads: list[tuple[str, dict[str, list[object]]]] = [
        (
            "accounts",
            {
                "id": [*ids],
                "kind": ["person"] * accounts,
                "name": ["Kim"] * accounts,
                "age": [30] * accounts,
                "registered": [True] * accounts,
                "region": ["with_stickers"] * accounts,
                "device": [*ids],
                "joined": [-JOINED] * accounts,
                "everyone_offered": [True] * accounts,
            },
        )
    ]
    for _ in range(follows // 50_000):
        follower = [rng.randrange(accounts) for _ in range(50_000)]
        followed = [(a + rng.randrange(1, accounts)) % accounts for a in follower]
        loads.append(("follows", {"follower": [*follower], "followed": [*followed]}))
    bodies = [
        request("POST", "/v1/admin/load", TOKEN, {"table": table, "columns": columns})
        for table, columns in loads
    ]
    started = time.perf_counter()
    for body in bodies:
        await _ask(port, body)
    seconds = time.perf_counter() - started
    await _ask(port, request("POST", "/v1/admin/ready", TOKEN, {"digest": "x", "policy": POLICY}))
    return (accounts + follows) / seconds


async def _ask(port: int, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    line = await reader.readline()
    if b" 200 " not in line:
        raise SystemExit(f"the backend answered {line!r}")
    writer.close()
    await writer.wait_closed()


def traffic(accounts: int) -> dict[str, list[bytes]]:
    """What is sent, by kind."""
    rng = random.Random(2)
    kinds: dict[str, list[bytes]] = {"health": [request("GET", "/health", "")] * 1000}
    kinds["write"], kinds["inbox"] = [], []
    for _ in range(20_000):
        actor = rng.randrange(accounts)
        peer = (actor + rng.randrange(1, accounts)) % accounts
        token = account_token(TOKEN, actor)
        kinds["inbox"].append(request("GET", "/v1/inbox", token))
        text = {"text": "See you on Friday at two, if nothing comes between."}
        path = f"/v1/threads/{peer}/messages"
        kinds["write"].append(request("POST", path, token, text))
    return kinds


def measure(
    port: int, pid: int, requests: Sequence[bytes], connections: int, seconds: float
) -> dict[str, float]:
    """Rate, latency and the backend's processor time of one kind of request."""
    before = cpu_seconds(pid)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        took = sorted(runner.run(closed_loop(port, requests, connections, seconds)))
    return {
        "per_second": len(took) / seconds,
        "p50_ms": took[len(took) // 2] * 1e3,
        "p99_ms": took[len(took) * 99 // 100] * 1e3,
        "cpu_us": (cpu_seconds(pid) - before) / len(took) * 1e6,
    }


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--follows", type=int, default=1_000_000)
    given = parser.parse_args()
    result: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "backend.db"
        with backend(database) as (port, pid):
            loaded = asyncio.run(provision(port, given.accounts, given.follows))
            result["load_rows_per_second"] = loaded
            kinds = {
                kind: measure(port, pid, requests, given.connections, given.seconds)
                for kind, requests in traffic(given.accounts).items()
            }
        started = time.perf_counter()
        with backend(database):
            restarted = time.perf_counter() - started
    for kind, figures in kinds.items():
        ratio = figures["cpu_us"] / kinds["health"]["cpu_us"]
        result[kind] = {**figures, "cpu_ratio_to_health": ratio}
        print(
            f"{kind:7} {figures['per_second']:8.0f}/s  p50 {figures['p50_ms']:6.2f} ms"
            f"  p99 {figures['p99_ms']:6.2f} ms  {ratio:.2f} x health ({figures['cpu_us']:.0f} µs)"
        )
    result["restart_seconds"] = restarted
    print(f"load    {loaded:8.0f} rows/s; restart with all of it {restarted:.2f} s")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
