from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.care.volumes import CurveVolumes, read_volumes
from dmsim.errors import UsageError
from dmsim.scenario import load_scenario
from dmsim.scenario.units import DAY_US, HOUR_US, WEEK_US

WEEK = (0, WEEK_US)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def written(folder: Path, text: str) -> Path:
    file = folder / "volumes.csv"
    file.write_text(text, encoding="utf-8")
    return file


def hours_of(file: Path, brand: str = "beauty", window: tuple[int, int] = WEEK) -> dict[int, int]:
    """How many comments came in each hour of the window in which some did."""
    arrivals = read_volumes(file, [brand]).arrivals(brand, "comments", window, rng())
    hours, counts = np.unique(arrivals // HOUR_US, return_counts=True)
    return dict(zip(hours.tolist(), counts.tolist(), strict=True))


def test_a_file_of_hours_of_the_week_holds_for_every_week(tmp_path: Path) -> None:
    file = written(tmp_path, "start,comments\nmon 08:00,3\nsun 23:00,2\n")
    week = {8: 3, 167: 2}
    assert hours_of(file) == week
    twice = hours_of(file, window=(0, 2 * WEEK_US))
    assert twice == week | {hour + 168: count for hour, count in week.items()}


def test_dates_count_from_the_monday_of_the_first_one(tmp_path: Path) -> None:
    """4 March 2026 was a Wednesday."""
    lines = ["start,comments", "2026-03-04T10:00,2", "2026-03-04 11:00,1", "2026-03-11 10:00,4"]
    file = written(tmp_path, "\n".join(lines))
    first = 2 * 24 + 10
    assert hours_of(file) == {first: 2, first + 1: 1}
    assert hours_of(file, window=(WEEK_US, 2 * WEEK_US)) == {first + 168: 4}


def test_counts_are_exact_and_lie_in_their_hour(tmp_path: Path) -> None:
    file = written(tmp_path, "start,comments\nmon 08:00,1000\n")
    arrivals = read_volumes(file, ["beauty"]).arrivals("beauty", "comments", WEEK, rng())
    assert len(arrivals) == 1000
    assert (np.diff(arrivals) >= 0).all()
    start = 8 * HOUR_US
    assert arrivals[0] >= start
    assert arrivals[-1] < start + HOUR_US
    quarters = np.histogram(arrivals, 4, (start, start + HOUR_US))[0]
    assert quarters.min() > 200


def test_an_hour_over_the_edge_of_the_window_gives_only_its_part(tmp_path: Path) -> None:
    file = written(tmp_path, "start,comments\nsun 23:00,1000\n")
    volumes = read_volumes(file, ["beauty"])
    middle = WEEK_US - HOUR_US // 2
    early = volumes.arrivals("beauty", "comments", (middle, WEEK_US), rng())
    late = volumes.arrivals("beauty", "comments", (6 * DAY_US, middle), rng())
    assert 400 < len(early) < 600
    assert 400 < len(late) < 600
    assert early[0] >= middle


def test_brands_and_kinds_have_columns_of_their_own(tmp_path: Path) -> None:
    text = "brand,start,messages,comments\na,mon 00:00,1,2\nb,mon 00:00,3,4\nb,mon 01:00,0,5\n"
    volumes = read_volumes(written(tmp_path, text), ["a", "b"])
    counts = {
        (brand, kind): len(volumes.arrivals(brand, kind, WEEK, rng()))
        for brand in ("a", "b", "c")
        for kind in ("comments", "messages")
    }
    assert list(counts.values()) == [2, 1, 9, 3, 0, 0]


WRONG = {
    "": ": is empty",
    "\n\n": ": is empty",
    "start;comments\nmon 08:00;1,5,5\n": ":2: ",
    "Start,comments\nmon 08:00,1\n": ":1: unknown column: Start (did you mean start?)",
    "date,comments\nmon 08:00,1\n": ":1: unknown column: date (did you mean start?)",
    "start,coments\nmon 08:00,1\n": ":1: unknown column: coments (did you mean comments?)",
    "start,comments\n2026-03-02,1\n": ":2: start = 2026-03-02: a date without a time; write an",
    "start,comments\n2026-03-02 08:30,1\n": ":2: start = 2026-03-02 08:30: not a full hour; add",
    "start,comments\nmon 08:00,1\nmon 08:15,1\n": ":3: start = mon 08:15: not a full hour; add",
    "start,comments\nmon 08:00,\n": ":2: comments: an empty cell; write 0",
    "start,comments\n1026-03-02 08:00,1\n2026-03-02 08:00,1\n": "more than ten years",
    "start,comments\n": "holds no row",
    "start\nmon 08:00\n": ":1: missing column: comments or messages",
    "comments\n1\n": ":1: missing column: start",
    "start,comments,calls\nmon 08:00,1,1\n": ":1: unknown column: calls",
    "start,comments,comments\nmon 08:00,1,1\n": ":1: repeated column: comments",
    "start,comments\nmon 08:00\n": ":2: 1 values for 2 columns",
    "start,comments\nmon 08:00,1,1\n": ":2: 3 values for 2 columns",
    "start,comments\n\nmon 25:00,1\n": ":3: start = mon 25:00: no such time of day",
    "start,comments\nsoon,1\n": ":2: start = soon: not a time of the week",
    "start,comments\n,1\n": ":2: start = : not a date-time",
    "start,comments\n2026-02-30,1\n": ":2: start = 2026-02-30: not a date-time",
    "start,comments\n2026-03-02 08:00+01:00,1\n": "has a time zone",
    "start,comments\nmon 08:00,1\n2026-03-02 08:00,1\n": ":3: start = 2026-03-02 08:00: not as",
    "start,comments\nmon 08:00,1\nmon 08:00,2\n": ":3: start = mon 08:00: the same hour",
    "start,comments\nmon 08:00,-1\n": ":2: comments = -1: not a whole number",
    "start,comments\nmon 08:00,1.5\n": ":2: comments = 1.5: not a whole number",
    "start,comments\nmon 08:00,99999999999\n": ":2: comments = 99999999999: not a whole number",
    "start,brand,comments\nmon 08:00,bank,1\n": ":2: brand = bank: no such brand",
    'start,comments\n"mon 08:00,1\n': "not a CSV file",
}


@pytest.mark.parametrize(("text", "told"), WRONG.items())
def test_what_is_wrong_is_told_with_its_place(text: str, told: str, tmp_path: Path) -> None:
    file = written(tmp_path, text)
    with pytest.raises(UsageError) as error:
        read_volumes(file, ["beauty"])
    assert str(error.value).startswith(str(file))
    assert told in str(error.value)


def test_several_brands_need_a_column(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no column brand.*known: a, b"):
        read_volumes(written(tmp_path, "start,comments\nmon 08:00,1\n"), ["a", "b"])


def test_dates_are_simulated_from_the_first_hour_to_the_end_of_the_last(tmp_path: Path) -> None:
    lines = ["start,comments", "2026-03-11 10:00,4", "2026-03-04 10:00,2", "2026-03-20 09:00,1"]
    volumes = read_volumes(written(tmp_path, "\n".join(lines)), ["beauty"])
    first = 2 * DAY_US + 10 * HOUR_US
    time = volumes.time()
    assert (time.start, time.warm_up) == (first, 0)
    assert time.until_us == 18 * DAY_US + 10 * HOUR_US
    assert volumes.outside(time.until_us) == (0, 7)
    week = volumes.time(1)
    assert (week.from_us, week.record) == (first, WEEK_US)
    assert volumes.outside(week.until_us) == (5, 7)


def test_hours_of_the_week_are_simulated_for_whole_weeks_after_one(tmp_path: Path) -> None:
    volumes = read_volumes(written(tmp_path, "start,comments\nwed 08:00,3\n"), ["beauty"])
    for weeks, time in ((1, volumes.time()), (3, volumes.time(3))):
        assert (time.start, time.warm_up, time.record) == (0, WEEK_US, weeks * WEEK_US)
        assert volumes.outside(time.until_us) == (0, 3)


def test_rows_of_brands_that_are_not_run_say_nothing_but_the_time(tmp_path: Path) -> None:
    text = "start,brand,comments\n2026-03-02 08:00,bank,5\n2026-03-03 08:00,beauty,2\n"
    file = written(tmp_path, text)
    volumes = read_volumes(file, ["beauty"], ["bank"])
    assert volumes.ignored == 1
    assert volumes.time().start == 8 * HOUR_US
    assert volumes.outside(WEEK_US) == (0, 2)
    with pytest.raises(UsageError, match="no row is of a brand of this run; known: eyewear"):
        read_volumes(file, ["eyewear"], ["bank", "beauty"])


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_volumes(tmp_path / "none.csv", ["beauty"])
    with pytest.raises(UsageError, match="Is a directory"):
        read_volumes(tmp_path, ["beauty"])
    (tmp_path / "binary.csv").write_bytes(b"start,comments\n\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_volumes(tmp_path / "binary.csv", ["beauty"])


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = written(tmp_path_factory.mktemp("any"), "start,comments\n" + text)
    with suppress(UsageError):
        read = read_volumes(file, ["beauty"])
        for hours in read.counts.values():
            assert all(at % HOUR_US == 0 and count >= 0 for at, count in hours.items())


def test_a_curve_spreads_the_weekly_volume_over_the_week() -> None:
    told = load_scenario("quickstart", None, ["care.volumes.beauty.comments_per_week=200000"])
    volumes = CurveVolumes(told)
    arrivals = volumes.arrivals("beauty", "comments", (0, 2 * WEEK_US), rng())
    assert len(arrivals) == pytest.approx(400_000, rel=0.01)
    by_hour = np.bincount(arrivals // HOUR_US % 168, minlength=168)
    friday, night = by_hour[4 * 24 + 15], by_hour[4]
    assert friday > 3 * night
    assert len(volumes.arrivals("beauty", "messages", WEEK, rng())) == 0
    assert len(volumes.arrivals("bank", "comments", WEEK, rng())) == 0
    part = volumes.arrivals("beauty", "comments", (HOUR_US // 2, HOUR_US), rng())
    assert part.min() >= HOUR_US // 2
    assert part.max() < HOUR_US


def test_shocks_change_the_volume_as_they_change_a_population() -> None:
    told = [
        "care.volumes.beauty.comments_per_week=100000",
        "care.volumes.beauty.messages_per_week=100000",
    ]
    crowd = 'shocks.crowd={kind="step", factor=3, at="tue 00:00", lasts="1d", of=["comments"]}'
    plain, shocked = (
        CurveVolumes(load_scenario("quickstart", None, overrides))
        for overrides in (told, [*told, crowd])
    )
    before, after = (
        v.arrivals("beauty", "comments", (0, WEEK_US), rng()) for v in (plain, shocked)
    )
    assert np.isin(before, after).all()
    days = [np.bincount(times // (24 * HOUR_US), minlength=7) for times in (before, after)]
    assert days[1][1] == pytest.approx(3 * days[0][1], rel=0.05)
    assert [int(day) for day in days[1][2:]] == [int(day) for day in days[0][2:]]
    one, other = (v.arrivals("beauty", "messages", (0, WEEK_US), rng()) for v in (plain, shocked))
    assert np.array_equal(one, other)
