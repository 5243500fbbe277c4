"""Summing up a run whose process died: what had finished by then lies in its files."""

import os

from dmsim.adapters.tokens import TOKEN_VARIABLE
from dmsim.errors import UsageError
from dmsim.replay.conclude import conclude
from dmsim.replay.facts import forget_run, read_facts, rows_file
from dmsim.replay.plan import open_trace, plan_of
from dmsim.replay.result import ReplayResult
from dmsim.replay.rows import recover


def recover_run(out: str, why: str) -> ReplayResult:
    """Write the results of a run from the rows that its processes left; it is invalid.

    Args:
        out: the folder of the results.
        why: what ended it.

    Raises:
        UsageError: nothing was left there.
    """
    facts = read_facts(out)
    if facts is None:
        raise UsageError(f"{out}: holds no interrupted replay; replay again")
    # Nothing is sent, so whatever makes the adapter will do.
    plan = plan_of(facts.job, open_trace(facts.job), os.environ.get(TOKEN_VARIABLE) or "unused")
    blocks = [recover(rows_file(out, index)) for index in range(facts.count)]
    time_promised = plan.time_promised(timed=facts.timed)
    record = plan.record(
        [block for block in blocks if block is not None],
        time_promised=time_promised,
        stopped=why,
    )
    result = conclude(plan, record, seconds=facts.seconds, time_promised=time_promised)
    forget_run(out, range(facts.count))
    return result
