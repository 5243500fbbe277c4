"""The hours of a week below each other and its days side by side, for a terminal."""

from collections.abc import Mapping, Sequence

from dmsim.scenario.units import DAYS

#: What a terminal shows at least.
WIDTH = 80
_HOURS = ("", "", *(f"{hour:02}:00" for hour in range(24)))


def week_grids(values: Mapping[str, Sequence[float]]) -> list[str]:
    """Grids of values of the 168 hours of a week, from Monday 00:00 on.

    They stand side by side where that fits into :data:`WIDTH` columns, else below each other.

    Args:
        values: by what is written above its grid.
    """
    grids = [_grid(title, hours) for title, hours in values.items()]
    beside = _with_hours(grids)
    if max(map(len, beside)) <= WIDTH:
        return beside
    return [line for grid in grids for line in ("", *_with_hours([grid]))][1:]


def _with_hours(grids: Sequence[Sequence[str]]) -> list[str]:
    lines = zip(_HOURS, *grids, strict=True)
    return ["  ".join((f"{hour:5}", *parts)).rstrip() for hour, *parts in lines]


def _grid(title: str, values: Sequence[float]) -> list[str]:
    """A line for the title, one for the days and one for each hour, all of one length."""
    digits = 0 if all(value == round(value) for value in values) else 1
    days = [
        [
            day.capitalize(),
            *(f"{value + 0.0:.{digits}f}" for value in values[24 * n : 24 * (n + 1)]),
        ]
        for n, day in enumerate(DAYS)
    ]
    width = max(len(cell) for day in days for cell in day)
    lines = [" ".join(f"{cell:>{width}}" for cell in row) for row in zip(*days, strict=True)]
    longest = max(len(title), len(lines[0]))
    return [line.ljust(longest) for line in (title, *lines)]
