"""What is noted of cases and of the staff's hours, and the tables of a trace that it becomes."""

from collections.abc import Iterable

import polars as pl

from dmsim.care.case import Case
from dmsim.care.work import Work
from dmsim.scenario.units import HOUR_US
from dmsim.trace.schema import CASES, CELL_SHIFT, STAFF
from dmsim.vocabulary import word

#: The ages from which on the backlog is told apart.
_AGES_US = (HOUR_US, 4 * HOUR_US, 24 * HOUR_US)


class StaffHours:
    """Agent time of one team by hour of the clock, and the backlog at each hour's end.

    Times are µs; whatever lies outside the recorded window is left out.
    """

    def __init__(self, team: str, from_us: int, until_us: int) -> None:
        self._team = team
        self._from = from_us
        self._until = until_us
        self._first = from_us // HOUR_US * HOUR_US
        hours = -(-(until_us - self._first) // HOUR_US)
        self._scheduled = [0] * hours
        self._present = [0] * hours
        self._busy = [0] * hours
        self._backlog: list[tuple[int, ...]] = []

    def scheduled(self, begin: int, end: int, agents: int) -> None:
        """The roster has agents from a moment to another."""
        self._add(self._scheduled, begin, end, agents)

    def present(self, begin: int, end: int, agents: int) -> None:
        """Agents are on duty and have no break, or finish what was at hand when that ended."""
        self._add(self._present, begin, end, agents)

    def busy(self, begin: int, end: int) -> None:
        """An agent has had work at hand, one piece or several."""
        self._add(self._busy, begin, end, 1)

    def backlog(self, now: int, waiting: Iterable[Work]) -> None:
        """What waits at the end of an hour that is not the last."""
        self._backlog.append(_by_age(now, waiting))

    def frame(self, now: int, waiting: Iterable[Work]) -> pl.DataFrame:
        """One row per hour; the last ends now, with what waits."""
        noted = [*self._backlog, _by_age(now, waiting)]
        hours = len(noted)
        backlog = list(zip(*noted, strict=True))
        columns = {
            "team": [self._team] * hours,
            "at": [self._first + hour * HOUR_US for hour in range(hours)],
            "scheduled": self._scheduled[:hours],
            "present": self._present[:hours],
            "busy": self._busy[:hours],
            "backlog": backlog[0],
            "older_than_1h": backlog[1],
            "older_than_4h": backlog[2],
            "older_than_24h": backlog[3],
        }
        return pl.DataFrame(columns, schema=STAFF.schema)

    def _add(self, hours: list[int], begin: int, end: int, agents: int) -> None:
        begin, end = max(begin, self._from), min(end, self._until)
        while begin < end:
            hour = (begin - self._first) // HOUR_US
            stop = min(end, self._first + (hour + 1) * HOUR_US)
            hours[hour] += (stop - begin) * agents
            begin = stop


def _by_age(now: int, waiting: Iterable[Work]) -> tuple[int, ...]:
    """How much waits, and how much of it is older than each of the ages."""
    ages = [now - work.since for work in waiting]
    return len(ages), *(sum(age > bound for age in ages) for bound in _AGES_US)


def case_table(
    team: str, cases: Iterable[Case], from_us: int, until_us: int,
    first_account: int = 0, cell: int = 0,
) -> pl.DataFrame:  # fmt: skip
    """A team's cases that were open at some moment of a window, with the ids of the trace."""
    told = [
        case
        for case in cases
        if case.written < until_us and (case.is_open or case.ended >= from_us)
    ]
    of_cell = cell << CELL_SHIFT
    columns: dict[str, list[object]] = {
        "case": [case.number + of_cell for case in told],
        "team": [team] * len(told),
        "page": [case.page + first_account for case in told],
        "person": [case.person + first_account for case in told],
        "comment": [case.comment + of_cell if case.comment >= 0 else None for case in told],
        "topic": [word(case.topic) for case in told],
        "ending": [word(case.ending) for case in told],
    }
    for name in ("public", "private", "returned", "answered", "ended"):
        columns[name] = [at if at >= 0 else None for at in (getattr(c, name) for c in told)]
    for name in ("locale", "complex", "personal", "written", "escalated", "turns"):
        columns[name] = [getattr(case, name) for case in told]
    return pl.DataFrame({name: columns[name] for name in CASES.columns}, schema=CASES.schema)
