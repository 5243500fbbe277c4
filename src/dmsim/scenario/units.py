"""Values with units as people write them: durations, times of the week, counts, percentiles.

Each parser takes whatever stood in the file and gives the plain number, or raises a ``ValueError``
that says what is wrong and how to write it; each formatter is its parser's exact inverse.
"""

import re
from typing import Literal

MILLISECOND_US = 1_000
SECOND_US = 1_000 * MILLISECOND_US
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
WEEK_US = 7 * DAY_US

#: Ten years: far beyond any run, and far below what 64-bit microseconds hold.
LONGEST_US = 3_650 * DAY_US
#: Ids of accounts are 32-bit.
LARGEST_COUNT = 2_000_000_000

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_UNITS = {
    "d": DAY_US,
    "h": HOUR_US,
    "m": MINUTE_US,
    "s": SECOND_US,
    "ms": MILLISECOND_US,
    "us": 1,
}
_AMOUNT = r"[0-9]{1,15}(?:\.[0-9]{1,6})?"
DURATION_PATTERN = rf"^(?:{_AMOUNT}(?:d|h|ms|m|us|s))+$"
_DURATION = re.compile(DURATION_PATTERN)
_DURATION_PART = re.compile(rf"({_AMOUNT})(d|h|ms|m|us|s)")
WEEK_TIME_PATTERN = rf"^(?:{'|'.join(DAYS)}) [0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?$"
_WEEK_TIME = re.compile(
    rf"({'|'.join(DAYS)}) +([0-9]{{1,2}}):([0-9]{{2}})(?::([0-9]{{2}}))?", re.IGNORECASE
)
DAY_TIME_PATTERN = r"^[0-9]{1,2}:[0-9]{2}$"
_DAY_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
UTC_OFFSET_PATTERN = r"^-?[0-9]{1,2}(?:\.[0-9]{1,2})?$"
_UTC_OFFSET = re.compile(UTC_OFFSET_PATTERN)
#: The clocks of the world are at most so many hours apart from UTC.
_LARGEST_OFFSET = 14
COUNT_PATTERN = r"^[0-9]{1,15}(?:\.[0-9]{1,6})?[kM]?$"
_COUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)([kM]?)")
_MULTIPLES = {"": 1, "k": 1_000, "M": 1_000_000}


def _times(amount: str, multiple: int) -> int | None:
    """``amount`` (a decimal) times ``multiple``, exactly; ``None`` if it is no whole number."""
    whole, _, fraction = amount.partition(".")
    scaled = int(whole + fraction) * multiple
    quotient, rest = divmod(scaled, 10 ** len(fraction))
    return None if rest else quotient


def parse_duration(value: object) -> int:
    """A duration such as ``"24h"``, ``"90s"``, ``"250ms"``, ``"1h30m"`` in microseconds.

    Units are d, h, m, s, ms and us; amounts may have decimals (``"1.5h"``).

    Raises:
        ValueError: It is no text, has no unit, is negative, longer than ten years, or finer than a
            microsecond.
    """
    remedy = 'write an amount and a unit (d, h, m, s, ms, us), such as "24h", "1h30m" or "250ms"'
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"a duration needs a unit; {remedy}")  # noqa: TRY004
    if not isinstance(value, str):
        raise ValueError(f"must be a duration; {remedy}")  # noqa: TRY004
    if value.lstrip().startswith("-"):
        raise ValueError(f"a duration cannot be negative; {remedy}")
    if not _DURATION.fullmatch(value):
        raise ValueError(f"not a duration; {remedy}")
    total = 0
    for amount, unit in _DURATION_PART.findall(value):
        part = _times(amount, _UNITS[unit])
        if part is None:
            raise ValueError("a duration cannot be finer than 1us; write fewer decimals")
        total += part
    if total > LONGEST_US:
        raise ValueError('longer than ten years; write at most "3650d"')
    return total


def parse_positive_duration(value: object) -> int:
    """As :func:`parse_duration`, and longer than nothing."""
    duration = parse_duration(value)
    if duration == 0:
        raise ValueError('must be longer than 0; write for example "1s"')
    return duration


def format_duration(microseconds: int) -> str:
    """The shortest mixed form of a duration, ``"1h30m"``; read back it is the same."""
    parts = []
    for unit, size in _UNITS.items():
        amount, microseconds = divmod(microseconds, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"


def parse_week_time(value: object) -> int:
    """A time of the week such as ``"fri 13:00"`` in microseconds since Monday 00:00.

    Raises:
        ValueError: It is no text of that form, or no such hour, minute or second exists.
    """
    remedy = 'write a day (mon ... sun) and a time, such as "fri 13:00"'
    match = _WEEK_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"not a time of the week; {remedy}")
    hour, minute, second = (int(part or 0) for part in match.groups()[1:])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(
            f"no such time of day; hours run 00-23, minutes and seconds 00-59; {remedy}"
        )
    day = DAYS.index(match[1].lower())
    return day * DAY_US + hour * HOUR_US + minute * MINUTE_US + second * SECOND_US


def format_week_time(microseconds: int) -> str:
    """A time of the week, ``"fri 13:00"``, with seconds only where there are some."""
    day, rest = divmod(microseconds, DAY_US)
    hour, rest = divmod(rest, HOUR_US)
    minute, rest = divmod(rest, MINUTE_US)
    seconds = f":{rest // SECOND_US:02}" if rest else ""
    return f"{DAYS[day]} {hour:02}:{minute:02}{seconds}"


def parse_day_time(value: object) -> int:
    """A time of day such as ``"08:00"`` in microseconds since midnight; ``"24:00"`` ends the day.

    Raises:
        ValueError: It is no text of that form, or there is no such time.
    """
    match = _DAY_TIME.fullmatch(value) if isinstance(value, str) else None
    hour, minute = (int(part) for part in match.groups()) if match else (24, 1)
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise ValueError('not a time of day; write hours 00-24 and minutes 00-59, such as "08:00"')
    return hour * HOUR_US + minute * MINUTE_US


def format_day_time(microseconds: int) -> str:
    """A time of day, ``"08:00"``."""
    hour, rest = divmod(microseconds, HOUR_US)
    return f"{hour:02}:{rest // MINUTE_US:02}"


def check_utc_offset(text: str) -> str:
    """The text itself, if it is a number of hours between -14 and 14, whole or in quarters.

    Raises:
        ValueError: It is not.
    """
    if (
        not _UTC_OFFSET.fullmatch(text)
        or abs(float(text)) > _LARGEST_OFFSET
        or not (float(text) * 4).is_integer()
    ):
        raise ValueError('not an offset; write hours from -14 to 14 as text, such as "3" or "5.5"')
    return text


def offset_us(text: str) -> int:
    """The microseconds of a checked UTC offset."""
    return round(float(text) * HOUR_US)


def parse_count(value: object) -> int:
    """A whole number, also as ``"50k"`` or ``"2M"``.

    Raises:
        ValueError: It is no whole number from 1 to two thousand million.
    """
    remedy = 'write a whole number such as 2000, "50k" or "2M"'
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"must be a whole number; {remedy}")  # noqa: TRY004
    if isinstance(value, str):
        match = _COUNT.fullmatch(value)
        count = _times(match[1], _MULTIPLES[match[2]]) if match else None
        if count is None:
            raise ValueError(f"not a whole number; {remedy}")
    else:
        count = value
    if not 1 <= count <= LARGEST_COUNT:
        raise ValueError(f"must be from 1 to {LARGEST_COUNT}; {remedy}")
    return count


def parse_percentile(value: object) -> float | Literal["max"]:
    """A percentile above 0 and up to 100, or ``"max"``.

    Raises:
        ValueError: It is neither.
    """
    if value == "max":
        return "max"
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 100:
        raise ValueError('must be above 0 and at most 100; write for example 99, 99.9 or "max"')
    return float(value)
