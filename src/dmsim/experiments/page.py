"""The page of an experiment: the points, cost against service, what weighs most, every measure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

import dmsim
from dmsim.experiments.axis import Keys, key_axis, measure_axis, per_cent_axis
from dmsim.experiments.charts import (
    Row,
    efficient,
    ends,
    frontier,
    mean_of,
    over_key,
    rows_chart,
)
from dmsim.experiments.comparison import Compared, compared
from dmsim.experiments.layout import Layout, lay_out, only_varied
from dmsim.experiments.measures import MEASURES
from dmsim.experiments.result import Result
from dmsim.experiments.statistics import paired
from dmsim.experiments.tables import column, measured
from dmsim.experiments.text import difference_words, interval_words, outcome_words, p_words, told
from dmsim.report.intervals import Interval, interval
from dmsim.report.page import page
from dmsim.report.parts import legend, section, table, tile, tiles, wide_and_narrow
from dmsim.report.svg import COLOURS
from dmsim.report.units import NOTHING, count

_HALF, _NARROW = 499, 350
_COST = "fte"
_SERVICE = ("in_time_share", "answered_share")
_SURE = ' class="all"'
_DOT = " \u00b7 "
#: More values of a key are not all named, and more points not at all.
_MOST_VALUES, _MOST_NAMED = 12, 6


def render(result: Result) -> str:
    """The page as HTML; every text from scenarios is escaped."""
    comparison = result.outcome.experiment.compares
    title = _title(result)
    kind = "dmsim compare" if comparison else "dmsim sweep"
    parts = [_head(result, kind, title), _tiles(result)]
    parts += [_comparison(result)] if comparison else list(_of_sweep(result))
    return page(f"{kind}: {title}", "\n".join([*parts, _made(result)]))


def _of_sweep(result: Result) -> Iterator[str]:
    yield _varied(result)
    yield _points(result)
    yield _frontier(result)
    for measure in result.outcome.rule.measures:
        yield _tornado(result, measure)
    yield _charts(result)


def _title(result: Result) -> str:
    names = dict.fromkeys(told.name for told in result.outcome.experiment.scenarios)
    design = result.outcome.experiment.design
    if result.outcome.experiment.compares:
        return " and ".join(point[0] for point in design.points)
    return f"{', '.join(names)} by {' and '.join(design.short_keys())}"


def _head(result: Result, kind: str, title: str) -> str:
    first = result.outcome.experiment.scenarios[0]
    made = (f"seed {first.seed}", f"dmsim {dmsim.__version__}")
    return (
        f'<header><p class="over">{kind}</p><h1>{escape(title)}</h1>'
        f'<p><span class="over">{escape(_DOT.join(made))}</span></p></header>'
    )


def _tiles(result: Result) -> str:
    outcome = result.outcome
    cells = [
        tile(count(len(outcome.runs)), "points"),
        tile(count(outcome.replications), "replications of each"),
        tile(count(len(outcome.runs) * outcome.replications), "runs"),
    ]
    if outcome.rule.precision is not None:
        wide = len({found.point for found in outcome.wide})
        name = f"points not within ± {100 * outcome.rule.precision:g} %"
        cells.append(tile(count(wide), name, "bad" if wide else "good"))
    return tiles(cells)


def _varied(result: Result) -> str:
    """Every key with its full name, its values, and the one it has in the baseline."""
    design = result.outcome.experiment.design
    base = design.points[result.baseline]
    parts = []
    for place, (key, short) in enumerate(zip(design.keys, design.short_keys(), strict=True)):
        values = list(dict.fromkeys(point[place] for point in design.points))
        if len(values) > _MOST_VALUES:
            values = [*values[: _MOST_VALUES - 2], "…", values[-1]]
        told = f"{', '.join(values)} (baseline: {base[place]})"
        parts.append(
            f"<dt>{escape(short)}</dt><dd><code>{escape(key)}</code> = {escape(told)}</dd>"
        )
    return section("What varies", "", f"<dl>{''.join(parts)}</dl>")


def _points(result: Result) -> str:
    """Every point with the chosen measures and their difference from the baseline."""
    outcome, measures = result.outcome, result.outcome.rule.measures
    design = outcome.experiment.design
    corrected = {
        (row["point"], row["measure"]): row["p_holm"]
        for row in result.differences.iter_rows(named=True)
    }
    rows = []
    for number, point in enumerate(design.points):
        cells = [f"<td>{escape(value)}</td>" for value in point]
        for name in measures:
            own, base = column(outcome, number, name), column(outcome, result.baseline, name)
            cells.append(f"<td>{interval_words(name, interval(own))}</td>")
            if number == result.baseline:
                cells.append('<td class="none">baseline</td><td></td>')
                continue
            cells.append(f"<td>{difference_words(name, paired(own, base))}</td>")
            cells.append(f"<td>{escape(p_words(corrected.get((number, name))))}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    head = [part for name in measures for part in (name, "difference", "p (Holm)")]
    note = (
        "Means over the replications with the half-width of their 95 % interval. Differences are "
        "paired: replication r has the same random numbers at every point. p-values are Student's "
        "paired test, corrected for the number of points by Holm's procedure."
    )
    return section("Points", note, table([*design.short_keys(), *head], rows))


def _frontier(result: Result) -> str:
    """Full-time agents against the share answered, where both differ between the points."""
    outcome = result.outcome
    chosen = [name for name in outcome.rule.measures if name in _SERVICE]
    service = chosen[0] if chosen else _SERVICE[0]
    points = []
    for number in range(len(outcome.runs)):
        cost, got = (interval(column(outcome, number, name)) for name in (_COST, service))
        if cost.mean is not None and got.mean is not None:
            points.append((outcome.experiment.design.short_name(number), cost, got))
    if len({mean_of(cost) for _, cost, _ in points}) < 2:
        return ""

    def draw(pixels: int, _ticks: int) -> str:
        title = f"{service} against {_COST}"
        return frontier(width=pixels, cost=_COST, service=service, points=points, title=title)

    best = efficient([(mean_of(cost), mean_of(got)) for _, cost, got in points])
    names = [
        name
        for place in best
        for name, cost, got in points
        if place == (mean_of(cost), mean_of(got))
    ]
    note = (
        f"{MEASURES[service].title} (upwards) against {MEASURES[_COST].title.lower()}. Points that "
        "are joined are those than which none is as cheap and better"
    )
    note += f": {'; '.join(names)}." if len(names) <= _MOST_NAMED else "."
    return section("Cost and service", escape(note), wide_and_narrow(draw))


def _tornado(result: Result, measure: str) -> str:
    """How far each key alone moves a measure away from its value at the baseline."""
    rows = sorted(_swings(result, measure), key=lambda row: row.low - row.high)
    if len(rows) < 2 or rows[0].low == rows[0].high:
        return ""
    base = interval(column(result.outcome, result.baseline, measure)).mean
    assert base is not None
    values = [end for row in rows for end in (row.low, row.high)]

    def draw(pixels: int, ticks: int) -> str:
        axis = measure_axis(measure, [base, *values], ticks)
        title = f"by how much each key moves {measure}"
        return rows_chart(pixels, axis, rows, title, zero=base, bars=True)

    note = (
        f"{MEASURES[measure].title}, where one key alone takes its values and the others stay as "
        f"in the baseline, where it is {told(measure, base)}."
    )
    return section(f"What moves {measure}", escape(note), wide_and_narrow(draw))


def _swings(result: Result, measure: str) -> Iterator[Row]:
    design = result.outcome.experiment.design
    for place, key in enumerate(design.short_keys()):
        found = {
            design.points[number][place]: interval(column(result.outcome, number, measure)).mean
            for number in only_varied(design, place, result.baseline)
        }
        known = {value: mean for value, mean in found.items() if mean is not None}
        if len(known) > 1 and design.points[result.baseline][place] in known:
            low, high = (end(known, key=known.__getitem__) for end in (min, max))
            lines = [f"{value}\t{told(measure, mean)}" for value, mean in known.items()]
            moves = known[low] < known[high]
            words = (f"{value} ({told(measure, known[value])})" for value in (low, high))
            name = f"{key}: {' to '.join(words)}" if moves else f"{key}: no difference"
            yield Row(name, known[low], known[high], None, "\n".join([key, *lines]))


def _charts(result: Result) -> str:
    """Every measure that differs anywhere over the key with the most values."""
    layout = lay_out(result.outcome.experiment.design, COLOURS)
    asked = result.outcome.rule.measures
    same = {name: found for name in measured(result.outcome) if (found := _same(result, name))}
    names = [*asked, *(name for name in measured(result.outcome) if name not in {*asked, *same})]
    points = range(len(result.outcome.runs))
    means = {
        name: [interval(column(result.outcome, point, name)) for point in points] for name in names
    }
    parts = []
    for panel, lines in layout.panels.items():
        figures = [_chart(layout, lines, name, means[name]) for name in names]
        colours = legend(list(lines)) if len(lines) > 1 else ""
        heading = f"<h3>{escape(panel)}</h3>" if panel else ""
        parts.append(f'{heading}{colours}<div class="pair">{"".join(figures)}</div>')
    note = "Means over the replications with their 95 % intervals."
    if same:
        told_of = (f"{name} {interval_words(name, found)}" for name, found in same.items())
        note += f" The same at every point: {'; '.join(told_of)}."
    return section(f"Measures by {escape(layout.key)}", note, "".join(parts))


def _same(result: Result, measure: str) -> Interval | None:
    """The interval of a measure that has the same values at all points."""
    values = [column(result.outcome, point, measure) for point in range(len(result.outcome.runs))]
    return interval(values[0]) if all(own == values[0] for own in values) else None


def _chart(
    layout: Layout,
    lines: Mapping[str, Sequence[int | None]],
    measure: str,
    means: Sequence[Interval],
) -> str:
    series: dict[str, list[Interval | None]] = {
        name or measure: [None if point is None else means[point] for point in line]
        for name, line in lines.items()
    }
    if all(found is None or found.mean is None for line in series.values() for found in line):
        return ""
    keys: Keys = key_axis(layout.values)
    axis = measure_axis(measure, ends(means))  # the same in all panels
    title = MEASURES[measure].title

    def draw(pixels: int) -> str:
        return over_key(
            width=pixels,
            measure=measure,
            axis=axis,
            keys=keys,
            key=layout.key,
            series=series,
            title=title,
        )

    caption = f"<figcaption>{escape(title)} <code>{measure}</code></figcaption>"
    return f"<figure>{caption}{_two(draw)}</figure>"


def _two(draw: Callable[[int], str]) -> str:
    return f'<div class="wide">{draw(_HALF)}</div><div class="narrow">{draw(_NARROW)}</div>'


def _comparison(result: Result) -> str:
    """Every measure of both scenarios, and the difference."""
    found = compared(result)
    rows = "".join(map(_compared, found))
    first, second = (point[0] for point in result.outcome.experiment.design.points)
    note = (
        "Means over the replications with the half-width of their 95 % interval. The difference is "
        "paired: replication r has the same random numbers in both scenarios. It is set in bold "
        "where its interval leaves out zero; of twenty measures without any difference one does so "
        "by chance."
    )
    head = ("measure", first, second, "difference", "relative", "p")
    return section("All measures", note, table(head, [rows])) + _forest(result, found)


def _compared(each: Compared) -> str:
    measure, found, base = each.measure, each.difference, each.first
    part = found.mean / base.mean if found.mean is not None and base.mean else None
    title = f"{escape(MEASURES[measure].title)}<br><code>{measure}</code>"
    cells = "".join(
        f"<td>{cell}</td>"
        for cell in (
            interval_words(measure, base),
            interval_words(measure, each.second),
            difference_words(measure, found),
            NOTHING if part is None else f"{100 * part:+.1f} %",
            escape(p_words(each.p)),
        )
    )
    return f"<tr{_SURE if each.sure else ''}><th>{title}</th>{cells}</tr>"


def _forest(result: Result, measures: Sequence[Compared]) -> str:
    """The differences as parts of what the first scenario has."""
    rows = []
    for each in measures:
        measure, found, base = each.measure, each.difference, each.first.mean
        if found.mean is None or found.half_width is None or not base:
            continue
        low, mean, high = (
            min(1.0, max(-1.0, (found.mean + side * found.half_width) / base))
            for side in (-1, 0, 1)
        )
        tip = f"{measure}\ndifference\t{difference_words(measure, found)}"
        rows.append(Row(measure, low, high, mean, tip))
    if not rows:
        return ""

    def draw(pixels: int, ticks: int) -> str:
        axis = per_cent_axis([end for row in rows for end in (row.low, row.high)], ticks)
        return rows_chart(pixels, axis, rows, "relative differences", zero=0, bars=False)

    one, other = (point[0] for point in result.outcome.experiment.design.points)
    note = f"Difference of {other} as a part of the mean of {one}, with 95 % intervals, both cut "
    note += "off at ± 100 %."
    return section("Relative differences", escape(note), wide_and_narrow(draw))


def _made(result: Result) -> str:
    lines = "".join(f"<p class='note'>{escape(line)}</p>" for line in outcome_words(result))
    return section("How it was made", "", lines)
