"""Finished rows as one record, judged with all that is known of them.

A process that judges an answer knows what it has seen by then, and of the rows of others nothing:
its judgements are passing ones, for whoever looks on. These are the ones that count, whether one
process has replayed or several.
"""

from collections.abc import Iterable

import numpy as np

from dmsim.replay.dispatcher import Fate
from dmsim.replay.judge import Judge
from dmsim.replay.record import Record
from dmsim.replay.rejudge import rejudge
from dmsim.replay.rows import Block, Notes
from dmsim.replay.schedule import Ints, Schedule


def record_of(
    schedule: Schedule,
    judge: Judge,
    withheld: Ints,
    blocks: Iterable[Block],
    *,
    stopped: str = "",
) -> Record:
    """Put the finished rows of all processes together and judge them.

    Args:
        schedule: what was replayed.
        judge: of it; has seen nothing yet.
        withheld: for each row the one because of which it is not to be sent, -1 for none.
        blocks: what the processes finished; of a row that comes twice the later one holds.
        stopped: why the run ended early; empty if it did not.
    """
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
        judge,
        fates,
        start,
        done,
        notes.outcomes,
        withheld,
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
        deliveries=notes.deliveries,
        ids=notes.ids,
        heard=notes.heard,
        held=notes.held,
        stopped=stopped,
    )
