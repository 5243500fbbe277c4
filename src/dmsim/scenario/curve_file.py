"""Files of weekly curves: one weight for each hour of the week, or for each finer step of it."""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from dmsim.scenario.units import DAYS

#: Hours of a week.
WEEK_HOURS = 24 * len(DAYS)
#: A step of a curve is at least a minute.
_MOST_STEPS = 60
_COLUMNS = ("day", "hour", "weight")
_REMEDY = "write the columns day (mon ... sun), hour, weight and, for finer steps, minute"


def read_curve(path: Path) -> tuple[float, ...]:
    """The weights of a CSV file, in the order of the week from Monday 00:00.

    Its columns are ``day`` (``mon`` to ``sun``, or 0 to 6), ``hour``, ``weight`` and, where steps
    are finer than an hour, ``minute``, at which a step begins. There is one row for each step.

    Returns:
        168 weights, or a multiple of that; what they mean is relative to their mean.

    Raises:
        ValueError: in one line, what cannot be used, where, and what to do.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (table.fieldnames or ())]
            if missing:
                raise ValueError(f"{path}:1: no column {missing[0]}; {_REMEDY}")
            rows = [(table.line_num, row) for row in table]
    except OSError as error:
        reason = error.strerror or str(error)
        raise ValueError(f"{path}: cannot be read ({reason}); check the path") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: not a CSV file in UTF-8 ({error}); save it as one") from None
    found = [(_start(path, line, row), line, row) for line, row in rows]
    steps = check_steps(len(found), str(path))
    for number, (start, line, _) in enumerate(found):
        due = number * 60 // steps
        if start != due:
            told = f"{DAYS[due // 1440]} {due // 60 % 24:02}:{due % 60:02} is due here"
            raise ValueError(f"{path}:{line}: {told}; write all steps of the week in order")
    weights = tuple(_weight(path, line, row) for _, line, row in found)
    return check_weights(weights, str(path))


def check_steps(count: int, what: str) -> int:
    """How many steps an hour has in a curve of so many weights.

    Raises:
        ValueError: that many do not cover a week evenly.
    """
    steps, rest = divmod(count, WEEK_HOURS)
    if rest or not steps or _MOST_STEPS % steps:
        told = "a week has 168 hours: write 168, or 336, 672 ... for steps of 30, 15 ... minutes"
        raise ValueError(f"{what}: {count} weights; {told}")
    return steps


def check_weights(weights: Sequence[float], what: str) -> tuple[float, ...]:
    """Weights of which none is negative and some are positive.

    Raises:
        ValueError: they are not.
    """
    wrong = next((w for w in weights if not (math.isfinite(w) and w >= 0)), None)
    if wrong is not None:
        raise ValueError(f"{what}: the weight {wrong} is no number from 0 on; correct it")
    if not math.fsum(weights) > 0:
        raise ValueError(f"{what}: all weights are 0; write at least one that is not")
    return tuple(weights)


def _start(path: Path, line: int, row: Mapping[str, str | None]) -> int:
    """The minute of the week at which a row's step begins."""
    day = (row["day"] or "").strip().lower()
    number = str(DAYS.index(day)) if day in DAYS else day
    parts = (number, row["hour"] or "", row.get("minute") or "0")
    limits = {"day": len(DAYS), "hour": 24, "minute": 60}
    values = [_whole(text) for text in parts]
    for text, value, (name, limit) in zip(parts, values, limits.items(), strict=True):
        if not 0 <= value < limit:
            told = f"not a whole number from 0 to {limit - 1}"
            raise ValueError(f"{path}:{line}: {name} = {text}: {told}; {_REMEDY}")
    return values[0] * 1440 + values[1] * 60 + values[2]


def _whole(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else -1


def _weight(path: Path, line: int, row: Mapping[str, str | None]) -> float:
    text = row["weight"] or ""
    try:
        return float(text)
    except ValueError:
        told = "not a number; write one such as 12.5"
        raise ValueError(f"{path}:{line}: weight = {text}: {told}") from None
