"""What a fit writes: curves, bands, a scenario that runs, and everything as numbers."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from dmsim.errors import one_line
from dmsim.fit.behaviour import Estimate, Lognormal
from dmsim.fit.fitting import Fit, Week
from dmsim.paths import write_whole
from dmsim.scenario.units import DAYS

SUMMARY = "summary.json"
SCENARIO = "scenario.toml"
SCHEMA_VERSION = 1

#: The key of a scenario's curve by the name of a fitted one; a log holds messages of persons.
_KEYS_OF_TRACE = {"sessions": "persons", "comments": "comments", "messages": "messages"}
_KEYS_OF_LOG = {"messages": "persons"}
#: A scenario to begin with stays small.
_MOST_PERSONS = 2000
_GUESS = "ours: the log does not tell"


def write_fit(fit: Fit, folder: Path) -> dict[str, object]:
    """Write all files of a fit, each whole or not at all; returns what ``summary.json`` holds."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, week in fit.weeks.items():
        write_whole(folder / f"{name}.csv", "".join(_curve_lines(week)).encode())
        write_whole(folder / f"{name}-bands.csv", "".join(_band_lines(week)).encode())
    write_whole(folder / SCENARIO, "".join(f"{line}\n" for line in scenario_lines(fit)).encode())
    told = summary(fit)
    text = msgspec.json.format(msgspec.json.encode(told), indent=2)
    write_whole(folder / SUMMARY, text + b"\n")
    return told


def summary(fit: Fit) -> dict[str, object]:
    """Everything as numbers; curves in events per hour of a mean week, 168 from Monday 00:00."""
    reading = fit.reading
    return {
        "schema_version": SCHEMA_VERSION,
        "log": str(fit.source),
        "reading": None
        if reading is None
        else {
            "columns": reading.columns,
            "rows": reading.rows,
            "used": reading.used,
            "skipped": dict(reading.skipped),
            "examples": [vars(row) for row in reading.examples],
            "out_of_order": reading.out_of_order,
            "ambiguous": reading.ambiguous,
            "to_oneself": reading.to_oneself,
            "stamps": reading.stamps,
            "clock": reading.clock,
        },
        "curves": {name: _week(week) for name, week in fit.weeks.items()},
        "sessions": msgspec.to_builtins(fit.sessions),
        "turns": msgspec.to_builtins(fit.turns),
    }


def _week(week: Week) -> dict[str, object]:
    curve, weeks = week.curve, week.weeks
    return {
        "events": weeks.total,
        "weeks": float(weeks.exposure.mean()),
        "silent_days": list(weeks.silent),
        "per_week": {
            "value": curve.weekly,
            "low": curve.weekly_low,
            "high": curve.weekly_high,
        },
        "rate": curve.rate.tolist(),
        "low": curve.low.tolist(),
        "high": curve.high.tolist(),
        "raw": curve.raw.tolist(),
        "knots": curve.knots,
        "penalty": curve.penalty,
        "dispersion": curve.dispersion,
        "held_out_deviance": curve.deviance,
        "held_out_deviance_of_raw": curve.raw_deviance,
        "raw_is_as_good": curve.raw_is_as_good,
    }


def _curve_lines(week: Week) -> Iterator[str]:
    """A curve as a scenario reads it."""
    yield "day,hour,weight\n"
    for index, rate in enumerate(week.curve.rate):
        yield f"{_hour(index)},{rate:.6g}\n"


def _band_lines(week: Week) -> Iterator[str]:
    curve = week.curve
    yield "day,hour,fit,low,high,raw\n"
    columns = zip(curve.rate, curve.low, curve.high, curve.raw, strict=True)
    for index, values in enumerate(columns):
        yield ",".join([_hour(index), *(f"{value:.6g}" for value in values)]) + "\n"


def _hour(index: int) -> str:
    return f"{DAYS[index // 24]},{index % 24}"


def scenario_lines(fit: Fit) -> Iterator[str]:
    """A small scenario that runs as it is, beside the curves' files."""
    keys = _KEYS_OF_LOG if fit.reading else _KEYS_OF_TRACE
    persons = fit.sessions.persons if fit.sessions else 1000
    log = one_line(fit.source.name)
    yield f"# Made by dmsim fit from {log}; values without a comment are ours."
    yield 'schema = 1\nname = "fitted"\n'
    yield '[time]\nstart = "sun 00:00"\nwarm_up = "1d"\nrecord = "7d"\n'
    yield f"[population]\npersons = {min(max(persons, 2), _MOST_PERSONS)}\n"
    yield f"[population.graph]\nfollows_mean = {min(20, max(persons, 2) // 2)}"
    yield f"contacts_mean = {min(6, max(persons, 2) // 4)}"
    yield f"acquaintances_mean = {min(4, max(persons, 2) // 4)}\n"
    yield "[curves]"
    for name in fit.weeks:
        yield f'{keys[name]} = "{name}.csv"'
    yield "\n[archetypes.fitted]\nshare = 1.0"
    yield from _archetype(fit)
    yield "\n[behaviour]"
    yield from _behaviour(fit)


def _archetype(fit: Fit) -> Iterator[str]:
    sessions, turns = fit.sessions, fit.turns
    per_week, actions = (sessions.per_week, sessions.actions) if sessions else (None, None)
    yield _told("sessions_per_week", per_week, 10.0, most=10_000)
    yield _told("actions_per_session", actions, 8.0, least=1, most=1000)
    # Of rows of messages; who reads a row in parts has several chances to answer it.
    yield _told("reply", turns.replies if turns else None, 0.5, most=1)
    begun = turns.begun if turns else 0.3
    comment = "share of turns that answer nothing" if turns else _GUESS
    yield f"new_conversation = {min(max(begun, 0.01), 1.0):.3g} # {comment}"


def _behaviour(fit: Fit) -> Iterator[str]:
    sessions, turns = fit.sessions, fit.turns
    yield from _times("think_time", sessions.pauses if sessions else None, (12.0, 1.0))
    yield from _times("visit_delay", turns.delays if turns else None, (120.0, 1.5))
    yield _told("burst", turns.burst if turns else None, 1.5, least=1, most=100)
    yield from _times("burst_gap", turns.burst_gaps if turns else None, (10.0, 0.9))


def _times(key: str, told: Lognormal | None, ours: tuple[float, float]) -> Iterator[str]:
    median = told.median_s.value if told else ours[0]
    comment = _interval(told.median_s, " s") if told else _GUESS
    yield f'{key}_median = "{max(1, round(median * 1e6))}us" # {median:.3g} s; {comment}'
    yield _told(f"{key}_sigma", told.sigma if told else None, ours[1], most=2.5)


def _told(key: str, told: Estimate | None, ours: float, *, least: float = 0, most: float) -> str:
    value = min(max(told.value, least), most) if told else ours
    return f"{key} = {value:.4g} # {_interval(told) if told else _GUESS}"


def _interval(told: Estimate, unit: str = "") -> str:
    return f"95 %: {told.low:.3g} to {told.high:.3g}{unit}, from {told.count:,}"
