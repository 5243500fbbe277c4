"""What an experiment found, as lines for a terminal."""

from collections.abc import Iterator

from dmsim.experiments.measures import MEASURES
from dmsim.experiments.result import Result
from dmsim.experiments.run import left_out
from dmsim.experiments.stopping import Wide
from dmsim.experiments.store import Experiment
from dmsim.experiments.tables import column
from dmsim.report.care_tables import Table, per_cent
from dmsim.report.care_text import aligned
from dmsim.report.intervals import Interval, interval
from dmsim.report.units import NOTHING, span

_MOST_TOLD = 3
#: Cases younger than the target are judged by nobody.
_TOO_SHORT = "; record longer than care.answered_within"


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
    sign, size = ("-" if value < 0 else ""), abs(value)
    if unit == "share":
        return sign + per_cent(size)
    number = f"{size:,.0f}" if size >= 1000 else f"{size:.4g}"
    return sign + (span(size) if unit == "s" else number)


def difference_words(measure: str, found: Interval) -> str:
    """A difference with its sign and half-width; of shares in points of a hundred (pp)."""
    if found.mean is None:
        return NOTHING
    parts = ["+" if found.mean > 0 else "", told(measure, found.mean)]
    if found.half_width is not None:
        parts.append(f" ± {told(measure, found.half_width)}")
    return "".join(parts).replace("%", "pp")


def p_words(value: float | None) -> str:
    """A p-value with three decimals, a dash for none."""
    if value is None:
        return NOTHING
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def interval_words(measure: str, found: Interval | None) -> str:
    """A mean with its half-width, in words."""
    if found is None or found.half_width is None:
        return told(measure, found.mean if found else None)
    return f"{told(measure, found.mean)} ± {told(measure, found.half_width)}"


def wide_line(result: Result, wide: Wide) -> str:
    """How far a measure is from the precision that was asked for, and where."""
    name = result.outcome.experiment.design.name(wide.point)
    width = "unknown" if wide.relative is None else f"± {100 * wide.relative:.2g} %"
    return f"{wide.measure} at {name}: {width}"


def outcome_words(result: Result) -> Iterator[str]:
    """How the runs were made, and whether they are as precise as was asked."""
    outcome = result.outcome
    what = "care teams alone" if outcome.experiment.extent == "alone" else "whole simulation"
    count = outcome.replications
    runs = f"{count} replications" if count > 1 else "1 replication (no interval: give 2 or more)"
    yield f"{runs} of each point, {what}, common random numbers"
    yield from _left_out(outcome.experiment)
    yield from _without_value(result)
    precision = outcome.rule.precision
    if precision is None:
        return
    wanted = f"± {100 * precision:g} %"
    if not outcome.wide:
        yield f"every interval that is known is within {wanted} of its mean"
        return
    yield f"not within {wanted} after {outcome.replications} replications; raise --replications:"
    yield from (f"  {wide_line(result, wide)}" for wide in outcome.wide[:_MOST_TOLD])
    if len(outcome.wide) > _MOST_TOLD:
        yield f"  and {len(outcome.wide) - _MOST_TOLD} more"


def _without_value(result: Result) -> Iterator[str]:
    """Points and single runs in which a measure has no value: a mean is of the other runs."""
    points = range(len(result.outcome.runs))
    for name in result.outcome.rule.measures:
        values = [column(result.outcome, point, name) for point in points]
        nowhere = sum(all(value is None for value in told) for told in values)
        if nowhere:
            why = _TOO_SHORT if name in ("in_time_share", "answered_share") else ""
            yield f"no value of {name} at {nowhere} of {len(points)} points{why}"
        some = [told for told in values if any(value is not None for value in told)]
        without, runs = sum(told.count(None) for told in some), sum(map(len, some))
        if without:
            yield f"no value of {name} in {without} of {runs} runs, which are left out"


def _left_out(experiment: Experiment) -> Iterator[str]:
    if experiment.extent == "alone":
        told = (left_out(scenario, experiment.teams) for scenario in experiment.scenarios)
        names = dict.fromkeys(name for each in told for name in each)
        if names:
            yield f"campaigns left out, as they need a population (--whole): {', '.join(names)}"
