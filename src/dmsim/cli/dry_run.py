"""A replay that is not made, as lines for a reader."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from dmsim.cli.console import compact, duration

if TYPE_CHECKING:
    from dmsim.replay.dry_run import DryRun

_BLOCKS = " ▁▂▃▄▅▆▇█"
_COLUMNS = 60


def dry_run_lines(plan: "DryRun") -> list[str]:
    """The schedule: how long, how many, how fast, who waits, how many connections."""
    from dmsim.replay.words import thinned_line
    from dmsim.trace.summary import week_time

    left_out = f", {plan.left_out} left out" if plan.left_out else ""
    lines = [
        f"{plan.actions} actions in {duration(plan.seconds)} at speed {plan.speed:g}{left_out}"
    ]
    if plan.thinned is not None:
        lines.append(thinned_line(plan.thinned))
    if plan.peak is None:
        return lines
    lines += [
        f"per second: {chart(plan.per_second)}",
        f"      peak: {plan.peak.actions} in second {plan.peak.second} "
        f"({week_time(plan.peak.at_us)}), mean {compact(plan.actions / len(plan.per_second))}",
        f"     waits: {plan.waiting} ({plan.waiting / plan.actions:.1%}) for an earlier action, "
        f"the longest chain has {plan.longest_chain}",
    ]
    needed = ", ".join(f"{need.needed} at {need.service_ms} ms" for need in plan.connections)
    lines.append(f"under way: {needed} an action; at most {plan.cap} connections")
    width = max(map(len, plan.by_action))
    most_first = sorted(plan.by_action.items(), key=lambda item: -item[1])
    return lines + [f"  {kind:<{width}} {number:>9}" for kind, number in most_first]


def chart(per_second: Sequence[int], columns: int = _COLUMNS) -> str:
    """A rate over time as one line of bars; a column stands for the highest rate in its share."""
    size = len(per_second)
    columns = min(columns, size)
    edges = [size * column // columns for column in range(columns + 1)]
    highest = [max(per_second[a:b]) for a, b in pairwise(edges)]
    top = max(highest)
    # Rounded up, so that little is told apart from nothing.
    return "".join(_BLOCKS[-(-value * (len(_BLOCKS) - 1) // top)] for value in highest)
