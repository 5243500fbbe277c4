"""What an experiment found, as lines for a terminal."""

from collections.abc import Iterator

from dmsim.experiments.measures import MEASURES
from dmsim.experiments.result import Result
from dmsim.experiments.stopping import Wide
from dmsim.experiments.tables import column
from dmsim.report.care_tables import Table, per_cent
from dmsim.report.care_text import aligned
from dmsim.report.intervals import interval
from dmsim.report.units import NOTHING, span

_MOST_TOLD = 3


def outcome_lines(result: Result) -> list[str]:
    """A table of the points with the chosen measures, and how precise they are."""
    design = result.outcome.experiment.design
    measures = result.outcome.rule.measures
    head = (*design.keys, *(part for name in measures for part in (name, "± (95 %)")))
    rows = []
    for number, point in enumerate(design.points):
        found = [interval(column(result.outcome, number, name)) for name in measures]
        cells = (
            told(name, value)
            for name, of in zip(measures, found, strict=True)
            for value in (of.mean, of.half_width)
        )
        rows.append((*point, *cells))
    return [*aligned(Table("", "", head, rows)), "", *outcome_words(result)]


def told(measure: str, value: float | None) -> str:
    """A value of a measure in its unit, a dash for none."""
    if value is None:
        return NOTHING
    unit = MEASURES[measure].unit
    if unit == "share":
        return per_cent(value)
    return span(value) if unit == "s" else f"{value:,.4g}"


def wide_line(result: Result, wide: Wide) -> str:
    """How far a measure is from the precision that was asked for, and where."""
    name = result.outcome.experiment.design.name(wide.point)
    width = "unknown" if wide.relative is None else f"± {100 * wide.relative:.2g} %"
    return f"{wide.measure} at {name}: {width}"


def outcome_words(result: Result) -> Iterator[str]:
    """How the runs were made, and whether they are as precise as was asked."""
    outcome = result.outcome
    what = "care teams alone" if outcome.experiment.extent == "alone" else "whole simulation"
    yield f"{outcome.replications} replications of each point, {what}, common random numbers"
    precision = outcome.rule.precision
    if precision is None:
        return
    wanted = f"± {100 * precision:g} %"
    if not outcome.wide:
        yield f"every interval is within {wanted} of its mean"
        return
    yield f"not within {wanted} after {outcome.replications} replications; raise --replications:"
    yield from (f"  {wide_line(result, wide)}" for wide in outcome.wide[:_MOST_TOLD])
    if len(outcome.wide) > _MOST_TOLD:
        yield f"  and {len(outcome.wide) - _MOST_TOLD} more"
