"""What the replay costs its own machine: ``python benchmarks/bench_replay.py``.

Against a minimal server on loopback, in one run: client CPU per action of the replay without and
with Locust's event, and per request of Locust's FastHttpUser, all three with 50 requests always
under way; the same at a pace of 4 000 actions per second, where the process also pays for falling
asleep and waking up; and the lateness at 1 000 per second. Every measurement is a process of its
own, bounded in count and time. The last line is one JSON object.
"""

import locust  # noqa: I001 - before all else

import asyncio
import json
import subprocess
import sys
import time
from typing import Any

import gevent
import polars as pl
import uvloop
from locust.env import Environment

from dmsim.adapters import adapter_named
from dmsim.adapters.base import LabelledText
from dmsim.replay.judge import Judge
from dmsim.replay.owners import Owners
from dmsim.replay.player import Player
from dmsim.replay.result import percentiles_ms
from dmsim.replay.schedule import COLUMNS, make_schedule
from dmsim.replay.settings import replay_settings
from dmsim.replay.target import resolve_target
from dmsim.replay.user import ReplayUser
from dmsim.scenario import default_policy
from dmsim.trace.schema import ACTIONS as TABLE

UNDER_WAY = 50
ROUNDS = 3
ANSWER = b'{"outcome":"inbox"}'
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER)
TEXT = "hello, how are you today?"

#: Of each measurement of the replay: actions, actions per second (0: as fast as they are
#: answered), with Locust's event.
PARTS = {
    "bare": (30_000, 0, False),
    "event": (30_000, 0, True),
    "paced": (12_000, 4_000, True),
    "lateness": (5_000, 1_000, True),
}


def main() -> None:
    with subprocess.Popen(
        [sys.executable, __file__, "server"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        rounds = [
            {part: measure(part, port) for part in ("bare", "event", "fasthttpuser", "paced")}
            for _ in range(ROUNDS)
        ]
        lateness = measure("lateness", port)
        server.kill()
    for number, parts in enumerate(rounds):
        figures = ", ".join(f"{part} {result['us']:.1f}" for part, result in parts.items())
        print(f"round {number}: µs of client CPU per action: {figures}")
    middle = sorted(rounds, key=lambda parts: float(parts["bare"]["us"]))[ROUNDS // 2]
    print(
        json.dumps(
            {
                "us_per_action": round(middle["bare"]["us"], 1),
                "us_per_action_with_events": round(middle["event"]["us"], 1),
                "us_per_action_paced_4000": round(middle["paced"]["us"], 1),
                "us_per_request_fasthttpuser": round(middle["fasthttpuser"]["us"], 1),
                "ratio_fasthttpuser": round(middle["fasthttpuser"]["us"] / middle["bare"]["us"], 2),
                "lateness_p50_ms_1000": lateness["p50"],
                "lateness_p99_ms_1000": lateness["p99"],
            }
        )
    )


def measure(part: str, port: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, part, port],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=120,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def replayed(port: str, count: int, rate: int, with_event: bool) -> dict[str, Any]:
    schedule = make_schedule(actions(count, rate).select(COLUMNS), 0, 1.0)
    adapter = adapter_named("reference", "secret")
    target = resolve_target(f"http://127.0.0.1:{port}")
    encoder = adapter.encoder(target.authority, range(1000), {0: LabelledText(TEXT)})
    tell = None
    if with_event:
        environment = Environment(user_classes=[ReplayUser])
        environment.create_local_runner()
        tell = ReplayUser(environment).tell_locust
    settings = replay_settings({})
    judge = Judge(schedule, default_policy(), Owners({}, {}))
    player = Player(schedule, adapter, encoder, target, judge, settings, listener=tell)
    before = time.process_time()
    player.run()
    cpu = time.process_time() - before
    record = player.record()
    lateness = percentiles_ms(record.histograms()["lateness"]["all"])
    answered = int((record.done >= 0).sum())
    assert answered > 0.9 * count, f"only {answered} of {count} answered"
    return {"us": cpu / answered * 1e6, "p50": lateness.p50, "p99": lateness.p99}


def actions(count: int, rate: int) -> pl.DataFrame:
    """Messages at a constant rate, every other one after another; or chains without pause."""
    rows = [
        {
            "seq": n, "at": n * 1_000_000 // rate if rate else 0, "actor": n % 1000,
            "action": "send_message", "target": (n + 1) % 1000, "uses": None, "binds": None,
            "text": 0, "setting": None, "content": "text", "switch": None, "violation": None,
            "until": None, "fanout": None, "via": "inbox", "platform": "ios", "verdict": "inbox",
            "reason": "none",
            "after": [n - UNDER_WAY] if n >= UNDER_WAY and (n % 2 or not rate) else [],
        }
        for n in range(count)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=TABLE.schema)


class Poster(locust.FastHttpUser):
    """A user without pauses."""

    @locust.task
    def post(self) -> None:
        """Send what the replay sends."""
        self.client.post("/v1/threads/1/messages", json={"text": TEXT})


def fasthttpuser(port: str) -> dict[str, Any]:
    Poster.host = f"http://127.0.0.1:{port}"
    environment = Environment(user_classes=[Poster])
    runner = environment.create_local_runner()
    runner.start(UNDER_WAY, spawn_rate=100)
    gevent.sleep(1.5)
    done, cpu = environment.stats.total.num_requests, time.process_time()
    gevent.sleep(3)
    done, cpu = environment.stats.total.num_requests - done, time.process_time() - cpu
    runner.quit()
    return {"us": cpu / done * 1e6}


class Answering(asyncio.Protocol):
    """Answers whatever arrives in one piece, always the same."""

    def connection_made(self, transport: Any) -> None:
        """Keep the way back."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer."""
        self.transport.write(RESPONSE)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(300)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["server"]:
            uvloop.run(serve())
        case ["fasthttpuser", port]:
            print(json.dumps(fasthttpuser(port)))
        case [part, port]:
            print(json.dumps(replayed(port, *PARTS[part])))
        case _:
            main()
