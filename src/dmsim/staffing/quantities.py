"""Figures of a desk as people write them: ``200/h``, ``3min``, ``80%/20s``, ``85%``.

Each parser gives a plain number or raises a ``ValueError`` that says what is wrong and how to write
it.
"""

import re
from typing import NamedTuple

from dmsim.scenario.units import DAY_US, HOUR_US, MINUTE_US, SECOND_US, parse_duration

_AMOUNT = r"([0-9]{1,15}(?:\.[0-9]{1,6})?)"
_RATE = re.compile(rf"{_AMOUNT}/([1-9][0-9]{{0,3}})?(d|h|min|m|s)")
_PERCENT = re.compile(rf"{_AMOUNT}%")
_MINUTES = re.compile(r"(?<=[0-9])min")
#: "80 % in 20 seconds" is what most desks promise.
USUAL_SHARE = 0.8
_PER = {"d": DAY_US, "h": HOUR_US, "min": MINUTE_US, "m": MINUTE_US, "s": SECOND_US}


class Level(NamedTuple):
    """A share of contacts, and the seconds within which they are to be answered."""

    share: float
    within_s: float


def parse_seconds(text: str) -> float:
    """A duration such as ``"180s"``, ``"3min"`` or ``"1h30m"`` in seconds.

    Raises:
        ValueError: it has no unit or is no duration.
    """
    try:
        return parse_duration(_MINUTES.sub("m", text)) / SECOND_US
    except ValueError as error:
        what = str(error).split(";", maxsplit=1)[0]
        remedy = 'write an amount and a unit (d, h, min, s), such as "180s", "3min" or "1h30m"'
        raise ValueError(f"{what}; {remedy}") from None


def parse_handle(text: str) -> float:
    """As :func:`parse_seconds`, and longer than nothing."""
    seconds = parse_seconds(text)
    if seconds == 0:
        raise ValueError('must be longer than 0; write for example "3min"')
    return seconds


def parse_rate(text: str) -> float:
    """A rate such as ``"200/h"`` or ``"50/15min"`` in contacts per second.

    Raises:
        ValueError: it is no amount and a unit of time.
    """
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError('not a rate; write contacts per time, such as "200/h" or "50/15min"')
    return float(match[1]) * SECOND_US / (int(match[2] or 1) * _PER[match[3]])


def parse_share(text: str) -> float:
    """A share such as ``"85%"`` as a number from 0 to 1.

    Raises:
        ValueError: it is no percentage, or more than all.
    """
    match = _PERCENT.fullmatch(text)
    if match is None:
        raise ValueError('not a percentage; write for example "85%"')
    if float(match[1]) > 100:
        raise ValueError("more than 100%")
    return float(match[1]) / 100


def parse_level(text: str) -> Level:
    """A service level such as ``"80%/20s"``: the share, and the time for it.

    Raises:
        ValueError: it is not both, or the share is all, which no finite number of agents gives.
    """
    share, slash, within = text.partition("/")
    if not slash or "%" not in share:
        raise ValueError('not a share within a time; write for example "80%/20s"')
    level = Level(parse_share(share), parse_seconds(within))
    if level.share == 1:
        raise ValueError('100% cannot be promised where chance rules; write for example "99%/20s"')
    return level


def parse_target(text: str) -> Level:
    """As :func:`parse_level`; of a time alone (``"20s"``) the share is 80 %."""
    return parse_level(text) if {"%", "/"} & set(text) else Level(USUAL_SHARE, parse_seconds(text))
