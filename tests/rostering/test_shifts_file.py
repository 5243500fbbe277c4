"""A shifts file that cannot be right is refused with line, key, value and remedy."""

from datetime import date
from pathlib import Path

import pytest

from dmsim.errors import UsageError
from dmsim.rostering.load import load_shifts
from dmsim.rostering.model import shifts_schema

GOOD = """\
schema = 1

[prices]
missing = 60.0

[people.all]
available = 3

[shifts.early]
starts = ["06:00"]
lasts = "8h"

[horizon]
start = 2026-12-21
weeks = 2

[holidays]
"2026-12-25" = 0
sun = 0.5
"""


def load(tmp_path: Path, old: str = "", new: str = "") -> object:
    file = tmp_path / "shifts.toml"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new) if old else GOOD)
    return load_shifts(file)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "shifts.toml"
    file.write_text(GOOD)
    told = load_shifts(file)
    assert told.horizon.start == date(2026, 12, 21)
    assert told.day_factors(0) == (1, 1, 1, 1, 0, 1, 0.5)
    assert told.closed(0) == {4}
    assert told.closed(1) == set()
    assert (told.people["all"].days_off, told.people["all"].rest) == (2, 11 * 3_600_000_000)


WRONG = {
    ("missing = 60.0", ""): "shifts.toml:3: prices.missing is missing; add it",
    ("missing = 60.0", "missing = 0"): "4: prices.missing = 0: must be greater than 0",
    ("available", "avalable"): '7: people.all.avalable = 3: unknown key; did you mean "available"',
    ('lasts = "8h"', "lasts = 8"): "11: shifts.early.lasts = 8: a duration needs a unit",
    ('lasts = "8h"', 'lasts = "90s"'): "lasts = \"90s\": a roster counts minutes; write whole ones",
    ('lasts = "8h"', 'lasts = "25h"'): 'shifts.early.lasts = "1d1h": longer than a day',
    ('"06:00"', '"24:00"'): 'shifts.early.starts = "24:00": begins the next day; write "00:00"',
    ('"06:00"', '"6"'): "10: shifts.early.starts.0 = \"6\": not a time of day",
    ('lasts = "8h"', 'lasts = "8h"\nbreaks = [{ after = "7h", lasts = "1h" }]'): (
        'shifts.early.breaks = "7h": ends the shift or lies outside it'
    ),
    ("available = 3", 'available = 3\nshifts = ["late"]'): (
        'people.all.shifts = "late": no such shift; known: early'
    ),
    ("available = 3", 'available = 3\nrest = "6d"'): "people.all.rest: longer than five days",
    ("2026-12-21", "2026-12-22"): '14: horizon.start = "2026-12-22": not a Monday',
    ("2026-12-21", '"soon"'): 'horizon.start = "soon": not a date; write one such as 2026-12-21',
    ("weeks = 2", "weeks = 2\nfactors = [1.0]"): "horizon.factors: 1 factors for 2 weeks",
    ("start = 2026-12-21", ""): "holidays.2026-12-25: a date; say when the weeks begin",
    ('"2026-12-25"', '"2027-12-25"'): "holidays.2027-12-25: outside the weeks of the horizon",
    ("sun = 0.5", "sunday = 0.5"): "holidays.sunday: neither a day of the week nor a date",
    ("schema = 1", "schema = "): "not valid TOML",
}  # fmt: skip


@pytest.mark.parametrize(("change", "told"), WRONG.items())
def test_what_cannot_be_right_is_told_in_one_line(
    change: tuple[str, str], told: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, *change)
    assert told in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_shifts(tmp_path)
    file = tmp_path / "shifts.toml"
    file.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_shifts(file)


def test_the_schema_names_every_table() -> None:
    assert set(shifts_schema()["properties"]) == {
        "schema", "shifts", "people", "prices", "horizon", "holidays"
    }  # fmt: skip
