"""What ``--vary``, ``--until`` and ``--replications`` say, as values."""

import re
from decimal import Decimal
from typing import NamedTuple

from dmsim.errors import UsageError
from dmsim.scenario.units import format_duration, parse_duration

#: Far more than anybody reads.
MOST_VALUES = 1000
#: Fewer replications tell next to nothing of their spread.
LEAST, MOST = 10, 200

_AMOUNT = r"(-?[0-9]{1,15}(?:\.[0-9]{1,6})?)(d|h|ms|m|us|s|k|M)?"
_RANGE = re.compile(rf"{_AMOUNT}\.\.{_AMOUNT}(?:\.\.{_AMOUNT})?")
_KEY = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_COUNTS = re.compile(r"([0-9]{1,6})(?:\.\.([0-9]{1,6}))?")
_MULTIPLES = {None: 1, "k": 1_000, "M": 1_000_000}
_EXAMPLE = "write KEY=VALUES, such as --vary care.teams.beauty.agents=4..12"


class Varied(NamedTuple):
    """A key of a scenario and the values it takes, each as the text that ``--set`` reads."""

    key: str
    values: tuple[str, ...]


class Replications(NamedTuple):
    """How many independent runs each point has: at least, and at most."""

    least: int
    most: int


def parse_vary(text: str) -> Varied:
    """A key and its values: a list ``4h,24h``; entries may be ranges ``a..b`` or ``a..b..step``.

    A range holds its begin, and its end where the steps meet it. Its amounts may have the units of
    durations, or k and M; whole numbers without a unit go by steps of 1 unless told otherwise.

    Raises:
        UsageError: It is not of that form.
    """
    key, equals, told = text.partition("=")
    key = key.strip()
    if not equals or not _KEY.fullmatch(key):
        raise UsageError(f"--vary {text}: not KEY=VALUES; {_EXAMPLE}")
    values: list[str] = []
    for entry in _entries(told):
        if not entry:
            raise UsageError(f"--vary {text}: a value is missing; {_EXAMPLE}")
        values += _values(entry, text)
    check_values(key, values)
    return Varied(key, tuple(values))


def check_values(key: str, values: list[str]) -> None:
    """Refuse no values, too many, or the same one twice.

    Raises:
        UsageError: Naming the key and what to do.
    """
    if not values:
        raise UsageError(f"--vary {key}: no values; {_EXAMPLE}")
    if len(values) > MOST_VALUES:
        raise UsageError(f"--vary {key}: more than {MOST_VALUES} values; write a larger step")
    if twice := [value for value in dict.fromkeys(values) if values.count(value) > 1]:
        raise UsageError(f"--vary {key}: {twice[0]} stands there twice; write each value once")


def parse_until(text: str) -> float:
    """The relative half-width of ``precision=0.02``.

    Raises:
        UsageError: It is not of that form, or no part of a whole.
    """
    name, _, told = text.partition("=")
    try:
        precision = float(told)
    except ValueError:
        precision = 0.0
    if name.strip() != "precision" or not 0 < precision < 1:
        remedy = "write precision=X with X between 0 and 1, such as precision=0.02"
        raise UsageError(f"--until {text}: not a precision; {remedy}")
    return precision


def parse_replications(text: str | None, until: float | None) -> Replications:
    """``N``, ``MIN..MAX``, or nothing: 10, and up to 200 where a precision is to be reached.

    Raises:
        UsageError: It is neither, or fewer than two where a precision is to be reached.
    """
    if text is None:
        return default_replications(None, until)
    found = _COUNTS.fullmatch(text.strip())
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    return default_replications((least, most), until)


def default_replications(told: int | tuple[int, int] | None, until: float | None) -> Replications:
    """As many as told, exactly or at least and at most; else 10, and up to 200 for a precision.

    Raises:
        UsageError: There are none, or fewer than two where a precision is to be reached.
    """
    if told is None:
        return Replications(LEAST, MOST if until else LEAST)
    least, most = (told, told) if isinstance(told, int) else told
    if not 1 <= least <= most:
        remedy = "write how many, such as 20, or at least and at most, such as 10..200"
        raise UsageError(f"--replications: not a number of replications; {remedy}")
    if until and least < 2:
        raise UsageError("--replications: a precision needs at least 2; write such as 10..200")
    return Replications(least, most)


def _entries(told: str) -> list[str]:
    """What stands between the commas, but for those inside brackets and quotes."""
    entries, begin, depth, quote = [], 0, 0, ""
    for place, sign in enumerate(told):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        elif sign == "," and not depth:
            entries.append(told[begin:place].strip())
            begin = place + 1
    return [*entries, told[begin:].strip()]


def _values(entry: str, text: str) -> list[str]:
    found = _RANGE.fullmatch(entry)
    if found is None:
        return [entry]
    amounts = [(found[n], found[n + 1]) for n in (1, 3, 5) if found[n] is not None]
    units = {unit for _, unit in amounts}
    durations = not units & {None, "k", "M"}
    if not durations and units - {None, "k", "M"}:
        raise UsageError(
            f"--vary {text}: {entry} mixes units; write them all in durations, or none"
        )
    begin, end, *told = (_number(*amount, durations) for amount in amounts)
    whole = not durations and begin == int(begin) and end == int(end) and units == {None}
    if not told and not whole:
        raise UsageError(f"--vary {text}: {entry} needs a step; write {entry}..STEP")
    step = told[0] if told else Decimal(1)
    if step <= 0:
        raise UsageError(
            f"--vary {text}: {entry} has a step that is not above 0; write a larger one"
        )
    if begin > end:
        raise UsageError(f"--vary {text}: {entry} holds nothing; write the smaller end first")
    count = int((end - begin) / step) + 1
    if count > MOST_VALUES:
        raise UsageError(f"--vary {text}: more than {MOST_VALUES} values; write a larger step")
    return [_written(begin + number * step, durations) for number in range(count)]


def _number(amount: str, unit: str | None, durations: bool) -> Decimal:
    if not durations:
        return Decimal(amount) * _MULTIPLES[unit]
    try:
        return Decimal(parse_duration(f"{amount}{unit}"))
    except ValueError as error:
        raise UsageError(f"--vary: {amount}{unit}: {error}") from None


def _written(value: Decimal, duration: bool) -> str:
    if duration:
        return format_duration(int(value))
    return str(int(value)) if value == int(value) else f"{value.normalize():f}"
