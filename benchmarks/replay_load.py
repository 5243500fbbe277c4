"""The loads that ``bench_replay.py`` replays: messages at a constant rate, or without pause."""

import polars as pl

from dmsim.replay.schedule import COLUMNS, Schedule, make_schedule
from dmsim.trace.schema import ACTIONS

TEXT = "hello, how are you today?"

#: The same as those send who know nothing of actions.
PATH = "/v1/threads/1/messages"
BODY = {"text": TEXT}

ACTORS = 1000

#: Actions per second at which lateness is measured.
RATES = (500, 1_000, 2_000, 4_000)

#: How many actions the schedules have of which growth is measured.
SIZES = (10_000, 100_000, 1_000_000)

#: How many actions are under way at once where the backend sets the pace.
UNDER_WAY = 50

_CONSTANT = {
    "action": "send_message", "text": 0, "content": "text", "via": "inbox", "verdict": "inbox",
    "reason": "none",
}  # fmt: skip


def paced(count: int, rate: int) -> Schedule:
    """An open workload of ``rate`` actions a second; every other one waits for one long before."""
    seq = pl.col("seq")
    return _schedule(count, at=seq * 1_000_000 // rate, waits=seq % 2 == 1)


def without_pause(count: int) -> Schedule:
    """As many as are answered, ``UNDER_WAY`` at once: each waits for the one that far before."""
    return _schedule(count, at=pl.lit(0), waits=pl.lit(True))


def _schedule(count: int, at: pl.Expr, waits: pl.Expr) -> Schedule:
    seq = pl.col("seq")
    earlier = pl.when(waits & (seq >= UNDER_WAY)).then(seq - UNDER_WAY)
    filled = {
        "at": at,
        "actor": seq % ACTORS,
        "target": (seq + 1) % ACTORS,
        "after": pl.concat_list(earlier).list.drop_nulls(),
        **{name: pl.lit(value) for name, value in _CONSTANT.items()},
    }
    actions = pl.select(seq=pl.int_range(count, dtype=pl.Int64)).with_columns(
        filled.get(name, pl.lit(None)).cast(ACTIONS.schema[name]).alias(name)
        for name in COLUMNS
        if name != "seq"
    )
    return make_schedule(actions, 0, 1.0)
