"""The statements of order in the study of messages to brands (R107-R120), as inequalities.

Each becomes rows of weights: the sum of weights times counts is at least 0 in every row.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dmsim.fidelity.week import Week

#: Ours: an hour is popular from this multiple of the mean on; a sag, silence and quiet are at most
#: these parts of the maximum.
_POPULAR, _SAG, _SILENT, _QUIET = 1.3, 0.25, 0.05, 0.12


MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
_WEEKDAYS = (MON, TUE, WED, THU, FRI)
_WEEK, _DAY = range(7), range(24)
_DAYTIME, _NOON = range(12, 18), range(12, 15)

Weights = NDArray[np.float64]


class Statement(NamedTuple):
    """Something the study says: every row of ``weights``, times the counts, is at least 0."""

    source: str
    words: str
    weights: list[Weights]


class Reading(NamedTuple):
    """How a curve reads the study: ``last`` 1 where "to 21:00" includes that hour (Q9).

    ``friday`` are the hours of Friday's maximum (Q10).
    """

    last: int = 0
    friday: range = _DAYTIME

    def hours(self, start: int, end: int) -> range:
        """The hours that "from start to end" means."""
        return range(start, end + self.last)


#: The curves of ``seeds/`` that are readings of the study.
COMMENT_READINGS = {"comments": Reading(), "comments_inclusive": Reading(last=1)}
MESSAGE_READINGS = {
    "messages": Reading(),
    "messages_inclusive": Reading(last=1),
    "messages_evening": Reading(friday=range(15, 20)),
}


def comment_statements(week: Week, reading: Reading) -> Iterator[Statement]:
    """What the study says of comments; which hours it compares may depend on the counts."""
    peak, evening = reading.hours(16, 21), reading.hours(16, 20)
    busy, least = int(np.argmax(week)), int(np.argmin(week))
    sag = _SAG * _unit(busy) - _unit(least)
    yield Statement(
        "R107", f"comments sag: the quietest hour has at most {_SAG:.0%} of the busiest", [sag]
    )
    until = peak.stop % 24
    yield Statement(
        "R108",
        f"comments peak on the mean weekday from 16:00 to {until}:00",
        _above(_WEEKDAYS, peak),
    )
    yield Statement(
        "R108",
        f"comments peak on each weekday from 16:00 to {until}:00",
        [row for day in _WEEKDAYS for row in _best_window(day, peak)],
    )
    yield Statement(
        "R108",
        f"the busiest hour for comments of each weekday is from 16:00 to {until}:00",
        [row for day in _WEEKDAYS for row in _maximum(week, day, peak)],
    )
    yield Statement(
        "R109",
        "comments peak on Sunday in the daytime (12:00 to 18:00)",
        _maximum(week, SUN, _DAYTIME),
    )
    seventh = int(np.argsort(week)[int(0.7 * len(week))])
    daytime = _mean([SUN], _DAYTIME)
    yield Statement(
        "R109",
        "comments on Sunday's daytime are a peak: above seven of ten hours of the week",
        [daytime - _unit(seventh)],
    )
    yield Statement(
        "R109",
        "comments are more on Sunday's daytime than in its evening",
        [daytime - _mean([SUN], range(18, 23))],
    )
    yield Statement(
        "R110",
        "Saturday has the fewest comments",
        [_mean([day], _DAY) - _mean([SAT], _DAY) for day in _WEEK if day != SAT],
    )
    top = [24 * day + hour for day in (WED, THU) for hour in evening]
    least = min(top, key=lambda hour: week[hour])
    yield Statement(
        "R111",
        f"comments are most on Wednesday and Thursday from 16:00 to {evening.stop}:00",
        [_unit(least) - _unit(h) for h in range(168) if h not in top],
    )


def message_statements(week: Week, reading: Reading) -> Iterator[Statement]:
    """What the study says of messages, likewise."""
    peak = reading.hours(15, 20)
    # Friday has hours of its own, or is a day like the others (Q10).
    alike = 4 if reading.friday == _DAYTIME else 5
    yield Statement(
        "R115",
        f"messages peak on the mean weekday from 15:00 to {peak.stop}:00",
        _above(_WEEKDAYS, peak),
    )
    yield Statement(
        "R115",
        f"messages peak on each day from Monday to {'Thursday' if alike == 4 else 'Friday'} then",
        [row for day in range(alike) for row in _best_window(day, peak)],
    )
    popular = _POPULAR * _mean(_WEEK, _DAY)
    window = [24 * SAT + hour for hour in reading.hours(11, 14)]
    yield Statement(
        "R116",
        f"for messages, Saturday from 11:00 to {window[-1] % 24 + 1}:00 is popular "
        f"(at least {_POPULAR} times the mean hour)",
        [_unit(hour) - popular for hour in window],
    )
    weekend = [hour for hour in range(24 * SAT, 168) if hour not in window]
    yield Statement(
        "R116",
        "no other hour of the weekend is so popular",
        [popular - _unit(hour) for hour in weekend],
    )
    yield from _friday_statements(week, reading)
    yield from _night_statements(week)


def _friday_statements(week: Week, reading: Reading) -> Iterator[Statement]:
    peak, friday = reading.hours(15, 20), reading.friday
    noon = _mean([FRI], _NOON)
    yield Statement(
        "R117",
        "Friday is active from 12:00: more than any other day until 15:00",
        [noon - _mean([day], _NOON) for day in _WEEK if day != FRI],
    )
    usual = 0.9 * _mean(range(4), peak)
    yield Statement(
        "R117",
        "Friday from 12:00 reaches 90 % of the other weekdays' peak",
        [_unit(24 * FRI + hour) - usual for hour in _NOON],
    )
    days = np.argsort([-week[24 * day : 24 * day + 24].sum() for day in _WEEK if day != FRI])
    second = [day for day in _WEEK if day != FRI][int(days[1])]
    yield Statement(
        "R117",
        "Friday is one of the two most active days",
        [_mean([FRI], _DAY) - _mean([second], _DAY)],
    )
    falling = range(24 * FRI + friday.stop - 1, 24 * FRI + 23)
    yield Statement(
        "R118",
        f"Friday falls from {friday.stop - 1}:00 on, hour by hour",
        [_unit(hour) - _unit(hour + 1) for hour in falling],
    )
    evening = _mean([FRI], range(friday.stop + 1, 23))
    yield Statement(
        "R118",
        "Friday's evening has less than 75 % of its best hours",
        [0.75 * _mean([FRI], friday) - evening],
    )
    yield Statement(
        "R120",
        f"messages are most in an hour on Friday from {friday.start}:00 to {friday.stop}:00",
        _maximum(week, FRI, friday, of=range(168)),
    )


def _night_statements(week: Week) -> Iterator[Statement]:
    top = _unit(int(np.argmax(week)))
    night = [24 * day + hour for day in _WEEK for hour in range(1, 7)]
    yield Statement(
        "R119",
        f"messages are silent from 01:00 to 7:00: at most {_SILENT:.0%} of the busiest",
        [_SILENT * top - _unit(hour) for hour in night],
    )
    yield Statement(
        "R119",
        f"messages are few from 7:00 to 8:00: at most {_QUIET:.0%}",
        [_QUIET * top - _unit(24 * day + 7) for day in _WEEK],
    )
    yield Statement(
        "R119",
        f"messages are silent no longer on weekdays at 9:00: above {_SILENT:.0%}",
        [_unit(24 * day + 9) - _SILENT * top for day in _WEEKDAYS],
    )


def _unit(hour: int) -> Weights:
    """The weights that give the count of an hour of the week."""
    weights = np.zeros(168)
    weights[hour] = 1
    return weights


def _mean(days: Sequence[int], hours: Sequence[int]) -> Weights:
    """The weights that give the mean count of some hours of some days."""
    weights = np.zeros((7, 24))
    weights[np.ix_(list(days), list(hours))] = 1 / (len(days) * len(hours))
    return weights.ravel()


def _above(days: Sequence[int], hours: range) -> list[Weights]:
    """On the mean day, each of the hours is above every other one."""
    others = [hour for hour in _DAY if hour not in hours]
    return [_mean(days, [a]) - _mean(days, [b]) for a in hours for b in others]


def _best_window(day: int, window: range) -> list[Weights]:
    """No other hours in a row, as many, are as busy on that day."""
    best = _mean([day], window)
    starts = (start for start in range(25 - len(window)) if start != window.start)
    return [best - _mean([day], range(start, start + len(window))) for start in starts]


def _maximum(week: Week, day: int, hours: range, of: range | None = None) -> list[Weights]:
    """The busiest of the hours of a day is above all others: of that day, or ``of`` the week."""
    inside = [24 * day + hour for hour in hours]
    best = max(inside, key=lambda hour: week[hour])
    among = of or range(24 * day, 24 * day + 24)
    return [_unit(best) - _unit(hour) for hour in among if hour not in inside]
