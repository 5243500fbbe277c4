"""The page of a fit: curves with their bands, habits, and what of the log was not used."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from dmsim.fidelity.curves import hour_name
from dmsim.fit.behaviour import Estimate
from dmsim.fit.fitting import Fit, Week
from dmsim.fit.habits import habits
from dmsim.fit.log import lines_of
from dmsim.paths import write_whole
from dmsim.report.band import week_band
from dmsim.report.heatmap import heatmap
from dmsim.report.page import page
from dmsim.report.parts import section, table, wide_and_narrow
from dmsim.report.units import count

FIT = "fit.html"


def write_fit_page(folder: Path, fit: Fit) -> Path:
    """Write ``fit.html`` into a folder, whole or not at all; where it is."""
    file = folder / FIT
    write_whole(file, render_fit(fit).encode())
    return file


def render_fit(fit: Fit) -> str:
    """The page as HTML; every text from the data is escaped."""
    name = fit.source.name
    parts = [
        f'<header><p class="over">dmsim fit</p><h1>{escape(name)}</h1></header>',
        _reading(fit),
        *(_week(name, week) for name, week in fit.weeks.items()),
        _habits(fit),
    ]
    return page(f"dmsim fit: {name}", "\n".join(parts))


def _reading(fit: Fit) -> str:
    if fit.reading is None:
        return ""
    lines = "".join(f"<li>{escape(line.strip())}</li>" for line in lines_of(fit.reading))
    return section("The log", "", f"<ul>{lines}</ul>")


def _week(name: str, week: Week) -> str:
    curve = week.curve
    columns = [values.tolist() for values in (curve.rate, curve.low, curve.high, curve.raw)]
    rate, low, high, raw = columns

    def band(pixels: int, _ticks: int) -> str:
        title = f"{name}: fitted rate with its band, and mean counts, over the week"
        return week_band(pixels, rate, (low, high), raw, title, hour_name)

    def cells(pixels: int, _ticks: int) -> str:
        return heatmap(pixels, rate, f"{name}: fitted rate by day and hour", cell_name)

    def cell_name(index: int) -> str:
        return f"{hour_name(index)}\nevents per hour\t{rate[index]:.3g}"

    note = " ".join(curve_words(week))
    return section(
        f"The week of {escape(name)}", escape(note), wide_and_narrow(cells) + wide_and_narrow(band)
    )


def curve_words(week: Week) -> Iterator[str]:
    """What there is to say of a fitted week."""
    curve, weeks = week.curve, week.weeks
    yield f"{count(weeks.total)} events in {weeks.exposure.mean():.3g} weeks,"
    ends = f"{count(curve.weekly_low)} to {count(curve.weekly_high)}"
    yield f"{count(curve.weekly)} in a mean week (95 %: {ends})."
    yield f"Dispersion {curve.dispersion:.3g}; {curve.knots} knots."
    yield f"A left-out hour has a deviance of {curve.deviance:.4g} under the fit and of"
    yield f"{curve.raw_deviance:.4g} under the raw means."
    if curve.raw_is_as_good:
        yield "There is so much that the raw means do as well."
    if weeks.silent:
        days = ", ".join(weeks.silent[:5]) + (" …" if len(weeks.silent) > 5 else "")
        yield f"No event at all on {len(weeks.silent)} days ({days}): an outage? They are kept."


def _habits(fit: Fit) -> str:
    rows = [
        f"<tr><td>{escape(words)}</td><td>{_value(told)}</td><td>{_ends(told)}</td>"
        f"<td>{count(told.count)}</td></tr>"
        for words, told in habits(fit.sessions, fit.turns)
    ]
    note = "Pauses are between recorded actions; whatever a log leaves out makes them look longer."
    if not rows:
        return ""
    return section("Habits", note, table(("", "value", "95 % interval", "observations"), rows))


def _value(told: Estimate) -> str:
    return f"{told.value:.3g}"


def _ends(told: Estimate) -> str:
    return f"{told.low:.3g} to {told.high:.3g}"
