"""A week of a desk, simulated many times: what waiting is like by the hour, and how surely."""

from collections.abc import Iterator
from math import ceil, inf

import numpy as np
import polars as pl
from scipy import stats

from dmsim.staffing.kernel import (
    BUSY,
    COLUMNS,
    DELAYED,
    IN_TIME,
    LEFT,
    OFFERED,
    WAIT,
    Flags,
    Floats,
    Ints,
    run_desk,
)
from dmsim.staffing.plan import HOUR_S, Desk
from dmsim.staffing.sharing import paces

#: The share of intervals that hold the true value.
CONFIDENCE = 0.95
#: So long, at least, a week is preceded and followed by what lies before and after it.
_MARGIN_S = 24 * HOUR_S
#: And at least so many handling times, after which hardly anything is left of an empty desk.
_MARGIN_HANDLINGS = 10
#: Contacts of all replications together by default, and how many replications these may be.
_CONTACTS = 3_000_000
_FEWEST, _MOST = 20, 400
#: Contacts of a week of which the memory of a usual machine holds the fewest replications.
MOST_SIMULATED = 5_000_000

#: The drawn contacts of a replication: when they come, how long they take and are patient, and
#: whether they leave silently.
Contacts = tuple[Floats, Floats, Floats, Flags]


class WeekSimulator:
    """Weeks of contacts, drawn once, which any staff can be tried on.

    The week comes again and again. Each replication begins with an empty desk a day before the
    week, or ten handling times, and ends as long after it; what counts are those who come within
    the week. The same seed gives the same contacts whatever the staff.

    Args:
        contacts: the mean number that comes in each interval of the week, a Poisson number of them.
        length_s: of every interval, in seconds.
        desk: what contacts are like; handling times and patience are exponential.
        replications: independent weeks; by default so many as make three million contacts, from 20
            to 400.
        seed: of all that is random.

    Raises:
        ValueError: nothing comes, or more than memory holds, or there are fewer than two
            replications.
    """

    def __init__(
        self,
        contacts: Floats,
        length_s: float,
        desk: Desk,
        *,
        replications: int | None = None,
        seed: int = 1,
    ) -> None:
        self.contacts = np.asarray(contacts, dtype=np.float64)
        total = float(self.contacts.sum())
        if total == 0:
            raise ValueError("nothing comes, so there is nothing to simulate")
        self.replications = replications or min(max(int(_CONTACTS / total), _FEWEST), _MOST)
        if self.replications < 2:
            raise ValueError("replications = 1: chance is not known from one; take at least 2")
        most = MOST_SIMULATED * _FEWEST // self.replications
        if total > most:
            told = f"{total:,.0f} contacts a week, of which {most:,} can be simulated"
            raise ValueError(f"{told}; plan a part of them")
        self.length_s = length_s
        self.desk = desk
        self._seed = seed
        margin = ceil(max(_MARGIN_S, _MARGIN_HANDLINGS * desk.handle_s) / length_s)
        self._places = np.arange(-margin, len(self.contacts) + margin) % len(self.contacts)
        self._week = slice(margin, margin + len(self.contacts))
        self._ends = length_s * np.arange(1, len(self._places) + 1, dtype=np.float64)
        self._drawn = list(self._draw())

    def run(self, agents: Ints, within_s: float) -> Floats:
        """Try a staff.

        Args:
            agents: on duty in each interval of the week, shape (n,).
            within_s: the acceptable wait in seconds.

        Returns:
            shape (replications, n, 6): counts by the columns of :mod:`dmsim.staffing.kernel`.
        """
        staff = np.asarray(agents, dtype=np.int64)[self._places]
        counts = np.zeros((self.replications, len(self._places), COLUMNS))
        told = paces(self.desk.threads, self.desk.slowdown)
        for of_one, drawn in zip(counts, self._drawn, strict=True):
            run_desk(*drawn, self._ends, staff, told, within_s, of_one)
        return counts[:, self._week]

    def describe(self, agents: Ints, within_s: float) -> pl.DataFrame:
        """What waiting is like by the interval with a staff; arguments are those of :meth:`run`.

        Returns:
            a row for each interval: ``agents``, ``offered`` (contacts of a mean week),
            ``service_level`` (answered in time / offered) and ``p_wait`` with the ends of their
            95 % intervals (``_low``, ``_high``), ``p_abandon``, ``asa_s`` and ``occupancy``; null
            where nobody came, or is on duty.
        """
        counts = self.run(agents, within_s)
        offered = counts[:, :, OFFERED]
        level, level_half = ratio(counts[:, :, IN_TIME], offered)
        waits, waits_half = ratio(counts[:, :, DELAYED], offered)
        busy = counts[:, :, BUSY].mean(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            occupancy = busy / (np.asarray(agents) * self.length_s)
        columns = {
            "service_level": level,
            "service_level_low": np.maximum(level - level_half, 0),
            "service_level_high": np.minimum(level + level_half, 1),
            "p_wait": waits,
            "p_wait_low": np.maximum(waits - waits_half, 0),
            "p_wait_high": np.minimum(waits + waits_half, 1),
            "p_abandon": ratio(counts[:, :, LEFT], offered)[0],
            "asa_s": ratio(counts[:, :, WAIT], offered)[0],
            "occupancy": np.where(np.isfinite(occupancy), occupancy, np.nan),
        }
        frame = pl.DataFrame({"agents": agents, "offered": offered.mean(axis=0), **columns})
        return frame.with_columns(pl.col(*columns).fill_nan(None))

    def _draw(self) -> Iterator[Contacts]:
        begins = self._ends - self.length_s
        for number in range(self.replications):
            stream = np.random.SeedSequence(self._seed, spawn_key=(number,))
            rng = np.random.default_rng(stream)
            counts = rng.poisson(self.contacts[self._places])
            size = int(counts.sum())
            times = np.sort(np.repeat(begins, counts) + rng.random(size) * self.length_s)
            handling = rng.standard_exponential(size) * self.desk.handle_s
            patient = self.desk.patience_s
            patience = (
                np.full(size, inf) if patient == inf else rng.standard_exponential(size) * patient
            )
            silent = rng.random(size) < self.desk.silent
            yield times, handling, patience, silent


def ratio(parts: Floats, wholes: Floats) -> tuple[Floats, Floats]:
    """A ratio of sums over replications, and half the width of its 95 % interval.

    The interval is Student's around the linearised ratio. Half widths of a ratio that came out the
    same in every replication are 0; where there is no whole both are NaN.

    Args:
        parts: shape (replications, n).
        wholes: the same shape.
    """
    number = len(parts)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = parts.sum(axis=0) / wholes.sum(axis=0)
        spread = (parts - mean * wholes).std(axis=0, ddof=1) / wholes.mean(axis=0)
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, number - 1))
    return mean, quantile * spread / number**0.5
