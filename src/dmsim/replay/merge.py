"""The rows of several processes as one record, judged as if one process had seen them all."""

from collections.abc import Iterable

import numpy as np

from dmsim.replay.dispatcher import Fate
from dmsim.replay.plan import Plan
from dmsim.replay.player import withheld_because_of
from dmsim.replay.record import Record
from dmsim.replay.rejudge import rejudge
from dmsim.replay.rows import Block, Notes


def merged_record(
    plan: Plan, blocks: Iterable[Block], *, time_promised: bool, stopped: str = ""
) -> Record:
    """Put the finished rows of all processes together and judge them.

    A process knows only its own part of what verdicts rest on, so its judgements are passing ones,
    for whoever looks on; these are the ones that count.

    Args:
        plan: what was replayed.
        blocks: what the processes finished; of a row that comes twice the later one holds.
        time_promised: whether as much time passed for the backend as in the trace.
        stopped: why the run ended early; empty if it did not.
    """
    schedule = plan.schedule
    size = len(schedule)
    ready = schedule.intended.copy()
    start, done = np.full(size, -1), np.full(size, -1)
    statuses = np.zeros(size, dtype=np.int16)
    fates = np.full(size, int(Fate.PENDING), dtype=np.uint8)
    notes = Notes()
    for block in blocks:
        rows = block.table["row"]
        ready[rows] = block.table["ready"]
        start[rows] = block.table["start"]
        done[rows] = block.table["done"]
        statuses[rows] = block.table["status"]
        fates[rows] = block.table["fate"]
        notes.add(block.notes)
    judged = rejudge(
        schedule,
        plan.judge(time_promised=time_promised),
        fates,
        start,
        done,
        notes.outcomes,
        withheld_because_of(schedule, plan.adapter, plan.job.controls.left_out),
        notes.causes,
    )
    return Record(
        schedule=schedule,
        ready=ready,
        start=start,
        done=done,
        fates=fates,
        judgements=judged.judgements,
        origins=judged.origins,
        statuses=statuses,
        untimed=judged.untimed,
        unpromised=judged.unpromised,
        outcomes=notes.outcomes,
        signs=notes.signs,
        errors=notes.errors,
        stopped=stopped,
    )
