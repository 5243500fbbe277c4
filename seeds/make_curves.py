"""How ``seeds/activity_*.csv`` were made: the smoothest curves that the study's statements allow.

The study (R101-R128) tells totals, and which hours and days are busier than which; its graphs are
not in the text. Every statement becomes linear inequalities ``w @ counts >= margin * sigma``, where
``sigma`` is the sampling error of ``w @ counts`` in the study's panel (five weeks, counts that are
twice as scattered as Poisson's, because people write in bursts). A linear program finds the largest
margin up to ``MARGIN``, a second one the smoothest curve that keeps it. ``sigma`` depends on the
curve, so both are repeated until nothing moves.

Where the text can be read in two ways there is a curve for each: whether "16:00 to 21:00" holds the
hour that begins at 21:00 (Q9), and whether Friday's maximum lies in the evening hours of the other
weekdays or in the daytime (Q10).

Run as ``python seeds/make_curves.py [FOLDER]``; without a folder it only reports.
"""

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Vector = NDArray[np.float64]
Box = list[tuple[float, float | None]]

WEEKS = 5
DISPERSION = 2.0
MARGIN = 5.0
ROUNDS = 8
#: How much likeness of days counts against smoothness in time.
SAMENESS = 0.1
#: Weekend hours are popular from this multiple of the week's mean on.
POPULAR = 1.3

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WEEKDAYS = (MON, TUE, WED, THU, FRI)
WEEK = range(7)
DAY = range(24)


@dataclass(frozen=True)
class Shape:
    """What a curve has to be besides what the study says, so that it looks like people.

    Attributes:
        total: Events in a week of the panel (R103, R104).
        floor: Fewest in an hour; somebody is always awake.
        night: Most in an hour from 2 to 6 o'clock.
        ceiling: Most in any other hour.
        quiet_day: Least share of a mean day that any day has.
    """

    total: int
    floor: float
    night: float
    ceiling: float
    quiet_day: float


def mean(days: Sequence[int], hours: Sequence[int]) -> Vector:
    """The weights that give the mean count over some hours of some days."""
    weights = np.zeros((7, 24))
    weights[np.ix_(days, hours)] = 1 / (len(days) * len(hours))
    return weights.ravel()


def hour(day: int, at: int) -> Vector:
    """The weights that give the count of one hour."""
    return mean([day], [at])


def others(hours: Sequence[int]) -> list[int]:
    """The hours of a day that are not among these."""
    return [at for at in DAY if at not in hours]


def best_window(day: int, window: range) -> list[Vector]:
    """No other hours in a row are as busy as the ``window`` of the day."""
    start, length = window.start, len(window)
    best = mean([day], window)
    starts = (s for s in range(25 - length) if s != start)
    return [length * (best - mean([day], range(s, s + length))) for s in starts]


def comment_statements(last: int = 0) -> list[Vector]:
    """What the study says of comments, each as weights whose sum over the counts is positive.

    With ``last`` 1 the hours that the study names are inclusive (Q9).
    """
    peak = range(16, 21 + last)
    rows = [mean(WEEKDAYS, [a]) - mean(WEEKDAYS, [b]) for a in peak for b in others(peak)]
    for day in WEEKDAYS:
        rows += best_window(day, peak)
        rows += [hour(day, 18) - hour(day, at) for at in others(peak)]
    daytime = range(12, 18)
    rows += [hour(SUN, 14) - hour(SUN, at) for at in others(daytime)]
    rows.append(mean([SUN], daytime) - mean([SUN], range(18, 23)))
    busier = {(day, at) for day in WEEKDAYS for at in range(14, 22)} | {(SUN, h) for h in daytime}
    rows += [
        mean([SUN], daytime) - hour(day, at)
        for day in WEEK
        for at in DAY
        if (day, at) not in busier
    ]
    rows += [mean([day], DAY) - mean([SAT], DAY) for day in WEEK if day != SAT]
    top = {(day, at) for day in (WED, THU) for at in range(16, 20 + last)}
    rest = [(day, at) for day in WEEK for at in DAY if (day, at) not in top]
    rows += [hour(*a) - hour(*b) for a in sorted(top) for b in rest]
    rows.append(0.25 * hour(WED, 18) - hour(WED, 4))
    return rows


def message_statements(last: int = 0, friday: range = range(12, 18)) -> list[Vector]:
    """What the study says of direct messages, likewise; Friday's maximum is in ``friday`` (Q10)."""
    peak, noon = range(15, 20 + last), range(12, 15)
    rows = [mean(WEEKDAYS, [a]) - mean(WEEKDAYS, [b]) for a in peak for b in others(peak)]
    for day in (MON, TUE, WED, THU):
        rows += best_window(day, peak)
    popular = POPULAR * mean(WEEK, DAY)
    window = {(SAT, at) for at in range(11, 14 + last)}
    for place in ((day, at) for day in (SAT, SUN) for at in DAY):
        rows.append(hour(*place) - popular if place in window else popular - hour(*place))
    top = hour(FRI, friday.start + 2)
    rows += [top - hour(day, at) for day in WEEK for at in DAY if day != FRI or at not in friday]
    rows += [mean([FRI], noon) - mean([day], noon) for day in WEEK if day != FRI]
    rows += [hour(FRI, at) - 0.9 * mean((MON, TUE, WED, THU), peak) for at in noon]
    rows += [mean([FRI], DAY) - mean([day], DAY) for day in WEEK if day != FRI]
    rows += [hour(FRI, at) - hour(FRI, at + 1) for at in range(friday.stop - 1, 23)]
    rows.append(0.75 * mean([FRI], friday) - mean([FRI], range(friday.stop + 1, 23)))
    rows += [0.05 * top - hour(day, at) for day in WEEK for at in range(1, 7)]
    rows += [0.12 * top - hour(day, 7) for day in WEEK]
    rows += [hour(day, 9) - 0.05 * top for day in WEEKDAYS]
    return rows


def margins(statements: Vector, curve: Vector) -> Vector:
    """How many standard errors of the panel each statement holds by."""
    counts = WEEKS * curve
    sigma = np.sqrt(DISPERSION * (statements**2 @ counts))
    return np.asarray(statements @ counts / sigma)


def roughness() -> Vector:
    """What a smooth week keeps small: third differences in time, and changes between days.

    The first makes pieces of parabolas of it, the second lets one day look like the next.
    """
    step = np.roll(np.eye(168), 1, axis=1) - np.eye(168)
    between = np.array([hour((day + 1) % 7, at) - hour(day, at) for day in WEEK for at in DAY])
    return np.vstack([step @ step @ step, SAMENESS * between])


def solve(cost: Vector, limits: Vector, most: Vector, total: int, box: Box) -> Vector:
    """The cheapest values with ``limits @ values <= most`` whose first 168 sum to ``total``."""
    whole = np.append(np.ones(168), np.zeros(len(cost) - 168))[None, :]
    result = linprog(cost, A_ub=limits, b_ub=most, A_eq=whole, b_eq=[total], bounds=box)
    if result.x is None:
        raise ValueError(f"no such curve: {result.message}")
    return np.asarray(result.x)


def smoothest(statements: Vector, curve: Vector, shape: Shape) -> Vector:
    """The smoothest curve with the largest margin, by the sampling errors of ``curve``."""
    sigma = np.sqrt(DISPERSION * (statements**2 @ (WEEKS * curve)))[:, None]
    scaled = WEEKS * statements / sigma
    days = np.array([mean([day], DAY) - shape.quiet_day * mean(WEEK, DAY) for day in WEEK])
    box: Box = [
        (shape.floor, shape.night if 2 <= at < 6 else shape.ceiling) for _ in WEEK for at in DAY
    ]
    best = solve(
        np.append(np.zeros(168), -1.0),
        np.block([[-scaled, np.ones((len(scaled), 1))], [-days, np.zeros((7, 1))]]),
        np.zeros(len(scaled) + 7),
        shape.total,
        [*box, (0, MARGIN)],
    )
    rough = roughness()
    size = len(rough)
    slack = np.eye(size)
    limits = np.vstack([-scaled, -days])
    smooth = solve(
        np.append(np.zeros(168), np.ones(size)),
        np.block([[limits, np.zeros((len(limits), size))], [rough, -slack], [-rough, -slack]]),
        np.concatenate([np.full(len(scaled), -0.999 * best[-1]), np.zeros(7 + 2 * size)]),
        shape.total,
        [*box, *[(0.0, None)] * size],
    )
    return smooth[:168]


def fit(statements: Vector, shape: Shape) -> Vector:
    """Whole numbers per hour of the week that sum to the total."""
    curve = np.full(168, shape.total / 168)
    for _ in range(ROUNDS):
        curve = smoothest(statements, curve, shape)
    edges = np.rint(np.append(0.0, np.cumsum(curve)))
    edges[-1] = shape.total
    return np.asarray(np.diff(edges))


def main() -> None:
    """Fit both curves, tell their margins and, given a folder, write them there."""
    comments = Shape(40_000, 30, 60, 600, 0.75)
    messages = Shape(70_000, 3, 30, 1400, 0.55)
    evening = range(15, 20)
    on_friday = best_window(FRI, evening)
    jobs = (
        ("comments", comment_statements(), comments),
        ("comments_inclusive", comment_statements(last=1), comments),
        ("messages", message_statements(), messages),
        ("messages_inclusive", message_statements(last=1), messages),
        ("messages_evening", [*message_statements(friday=evening), *on_friday], messages),
    )
    for name, rows, shape in jobs:
        statements = np.array(rows)
        curve = fit(statements, shape)
        print(
            f"{name}: {len(rows)} statements, margin {margins(statements, curve).min():.2f} sigma"
        )
        if len(sys.argv) > 1:
            path = Path(sys.argv[1]) / f"activity_{name}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(["day", "hour", "weight"])
                writer.writerows([*divmod(i, 24), int(n)] for i, n in enumerate(curve))


if __name__ == "__main__":
    main()
