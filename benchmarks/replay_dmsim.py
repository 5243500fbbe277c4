"""One measurement of dmsim's replay as a process: ``python replay_dmsim.py PART PORT PID``.

Prints one JSON object. ``bench_replay.py`` starts it and says what the figures mean.
"""

import locust  # noqa: F401, I001 - before all else

import json
import resource
import sys
import time
from collections.abc import Callable
from functools import partial

import gevent
import msgspec
import numpy as np
from locust.env import Environment
from replay_load import ACTORS, RATES, SIZES, TEXT, paced, without_pause
from replay_stall import RATE, SECONDS, stall_backend
from stall_truth import percentile, true_responses

from dmsim.adapters import adapter_named
from dmsim.adapters.base import LabelledText
from dmsim.replay.judge import Judge
from dmsim.replay.owners import Owners
from dmsim.replay.player import Listener, Player
from dmsim.replay.result import percentiles_ms
from dmsim.replay.schedule import Schedule
from dmsim.replay.settings import replay_settings
from dmsim.replay.target import resolve_target
from dmsim.replay.user import ReplayUser
from dmsim.scenario import default_policy

Figures = dict[str, float]

#: Enough that nothing is dropped while the backend stands still.
CONNECTIONS = 2 * RATE


def without_event(port: int, count: int) -> Figures:
    """CPU per action, and the most memory that the process held."""
    figures = _cost(_player(port, without_pause(count)))
    return figures | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0}


def with_event(port: int, count: int) -> Figures:
    """CPU per action with the event that feeds Locust's statistics."""
    return _cost(_player(port, without_pause(count), _teller()))


def at_pace(port: int, rate: int, count: int) -> Figures:
    """CPU per action and lateness of an open workload, with Locust's event."""
    player = _player(port, paced(count, rate), _teller())
    figures = _cost(player)
    lateness = msgspec.structs.asdict(
        percentiles_ms(player.record().histograms()["lateness"]["all"])
    )
    return figures | {name: lateness[name] for name in ("p50", "p99")}


def stall(port: int, pid: int) -> Figures:
    """Reported and true response where the backend stands still for a while."""
    player = _player(port, paced(RATE * SECONDS, RATE))
    stalling = gevent.spawn(stall_backend, pid)
    player.run()
    record = player.record()
    assert int((record.done >= 0).sum()) == RATE * SECONDS, "not everything was answered"
    stopped, resumed = stalling.get()
    truth = true_responses(np.array(player.intended), stopped, resumed) / 1e6
    reported = percentiles_ms(record.histograms()["response"]["all"])
    assert reported.p95 is not None
    assert reported.p99 is not None
    return {
        "p95": reported.p95,
        "p99": reported.p99,
        "true_p95": percentile(truth, 95),
        "true_p99": percentile(truth, 99),
    }


def _player(port: int, schedule: Schedule, listener: Listener | None = None) -> Player:
    adapter = adapter_named("reference", "secret")
    target = resolve_target(f"http://127.0.0.1:{port}")
    encoder = adapter.encoder(target.authority, range(ACTORS), {0: LabelledText(TEXT)})
    settings = msgspec.structs.replace(replay_settings({}), connections=CONNECTIONS)
    judge = Judge(schedule, default_policy(), Owners({}, {}))
    return Player(schedule, adapter, encoder, target, judge, settings, listener=listener)


def _teller() -> Listener:
    environment = Environment(user_classes=[ReplayUser])
    environment.create_local_runner()
    return ReplayUser(environment).tell_locust


def _cost(player: Player) -> Figures:
    before = time.process_time()
    player.run()
    cpu = time.process_time() - before
    record = player.record()
    answered = int((record.done >= 0).sum())
    assert answered == len(player.schedule), f"{answered} of {len(player.schedule)} answered"
    return {"us": cpu / answered * 1e6}


#: By name; each is called with the backend's port.
PARTS: dict[str, Callable[[int], Figures]] = {
    "bare": partial(without_event, count=30_000),
    "event": partial(with_event, count=30_000),
    "paced": partial(at_pace, rate=4_000, count=12_000),
    **{f"lateness_{rate}": partial(at_pace, rate=rate, count=4 * rate) for rate in RATES},
    **{f"growth_{count}": partial(without_event, count=count) for count in SIZES},
}

if __name__ == "__main__":
    part, port, pid = sys.argv[1:]
    figures = stall(int(port), int(pid)) if part == "stall" else PARTS[part](int(port))
    print(json.dumps(figures))
