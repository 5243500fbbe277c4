"""Grids of the hours of a week stand side by side where a terminal has room."""

from dmsim.staffing.grid import WIDTH, week_grids

COUNTS = [float(hour % 24) for hour in range(168)]


def test_two_grids_of_small_numbers_stand_side_by_side() -> None:
    net = [-0.5 if hour == 25 else -0.0 for hour in range(168)]
    lines = week_grids({"required": COUNTS, "net": net})
    assert lines[:3] == [
        "       required                     net",
        "       Mon Tue Wed Thu Fri Sat Sun   Mon  Tue  Wed  Thu  Fri  Sat  Sun",
        "00:00    0   0   0   0   0   0   0   0.0  0.0  0.0  0.0  0.0  0.0  0.0",
    ]
    assert lines[3] == "01:00    1   1   1   1   1   1   1   0.0 -0.5  0.0  0.0  0.0  0.0  0.0"
    assert len(lines) == 26
    assert max(map(len, lines)) <= WIDTH


def test_grids_that_are_too_wide_stand_below_each_other() -> None:
    net = [-123.5] * 168
    lines = week_grids({"required": COUNTS, "net": net})
    assert len(lines) == 2 * 26 + 1
    assert lines[26] == ""
    assert lines[27].split() == ["net"]
    assert lines[29].split() == ["00:00", *["-123.5"] * 7]
    assert max(map(len, lines)) <= WIDTH
