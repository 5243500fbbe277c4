"""One replay at a constant rate while others listen: ``python replay_listening.py LISTENERS PORT``.

Prints one JSON object. ``bench_listen.py`` starts it and says what the figures mean.
"""

import locust  # noqa: F401, I001 - before all else

import json
import resource
import sys
import time

import msgspec
import numpy as np
from replay_load import ACTORS, TEXT, paced

from dmsim.adapters.base import LabelledText
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.descriptors import allow_many_descriptors
from dmsim.replay.judge import Judge
from dmsim.replay.listened import listened, listening_histograms, listening_summary
from dmsim.replay.listeners import Listeners
from dmsim.replay.online import Online
from dmsim.replay.owners import Owners
from dmsim.replay.player import Player
from dmsim.replay.result import percentiles_ms
from dmsim.replay.rows import Rows
from dmsim.replay.schedule import Schedule
from dmsim.replay.settings import replay_settings
from dmsim.replay.target import resolve_target
from dmsim.scenario import default_policy

#: Actions a second, and for how long.
RATE, SECONDS = 500, 14

#: All are open after so many seconds, and are held to the end.
OPEN_S = 5

_NS = 1_000_000_000

Figures = dict[str, float | None]


def main(listeners: int, port: int) -> Figures:
    """Replay and measure."""
    allow_many_descriptors()
    schedule = paced(RATE * SECONDS, RATE)
    player = _player(schedule, port, listeners)
    before, began = time.process_time(), time.monotonic()
    player.run()
    cpu = (time.process_time() - before) / (time.monotonic() - began)
    record = player.record()
    assert int((record.done >= 0).sum()) == len(schedule), "not everything was answered"
    settled = schedule.intended >= OPEN_S * _NS
    late = (record.start - record.ready)[settled] / 1e6
    quiet = player.core[OPEN_S + 1 : SECONDS - 1]
    figures: Figures = {
        "core": cpu,
        "core_held": float(np.median(quiet)),
        "lateness_p50_ms": float(np.percentile(late, 50)),
        "lateness_p99_ms": float(np.percentile(late, 99)),
        "opening_lateness_p99_ms": percentiles_ms(record.histograms()["lateness"]["all"]).p99,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0,
    }
    if listeners:
        found = listened(record, {0: 0}, ReferenceAdapter.tells)
        summary = listening_summary(found, listening_histograms(found))
        assert (summary.most_at_once, summary.broken) == (listeners, 0), summary
        assert summary.never_seen == 0, summary
        figures |= {
            "seen": summary.seen,
            "arrival_p50_ms": summary.arrival_ms.p50,
            "arrival_p99_ms": summary.arrival_ms.p99,
            "opening_p99_ms": summary.opening_ms.p99,
        }
    return figures


def _player(schedule: Schedule, port: int, listeners: int) -> Player:
    adapter = ReferenceAdapter("secret")
    target = resolve_target(f"http://127.0.0.1:{port}")
    texts = {0: LabelledText(TEXT)}
    encoder = adapter.encoder(target.authority, range(ACTORS), texts)
    settings = msgspec.structs.replace(
        replay_settings({}), connections=1000, delivery_probes=0.0, listeners=listeners
    )
    rows = Rows(len(schedule))
    judge = Judge(schedule, default_policy(), Owners({}, {}))
    player = Player(schedule, adapter, encoder, target, judge, settings, rows=rows)
    if listeners:
        begin = np.arange(listeners, dtype=np.int64) * OPEN_S * _NS // listeners
        end = np.full(listeners, SECONDS * _NS)
        online = Online(np.arange(listeners, dtype=np.int64), begin, end)
        listening = adapter.listening(target.authority, range(listeners))
        fail = player.dispatcher.fail
        player.listeners = Listeners(target, listening, online, texts, rows, settings, fail)
    return player


if __name__ == "__main__":
    print(json.dumps(main(*map(int, sys.argv[1:]))))
