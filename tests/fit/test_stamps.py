"""Time stamps: which kinds are read, whose clock counts, and what cannot be mixed."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.fit.stamps import Stamps
from dmsim.fit.zones import Zone

MOSCOW = Zone.parse("Europe/Moscow")
#: A moment of summer in Berlin, and what the clocks there show.
MOMENT = datetime(2021, 7, 1, 12, 34, 56, tzinfo=UTC)
INSTANT = int(MOMENT.timestamp()) * 1_000_000
HOUR_US = 3_600_000_000


def stamps(zone: str | None = None) -> Stamps:
    return Stamps("log.csv, column time", None if zone is None else Zone.parse(zone))


def frame(*texts: str | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"line": range(2, 2 + len(texts)), "time": texts}, schema_overrides={"time": pl.String}
    )


def read(reader: Stamps, *texts: str | None) -> list[tuple[int | None, int | None]]:
    return reader.read(frame(*texts)).select("instant", "wall").rows()


@pytest.mark.parametrize(
    ("text", "zone", "ahead"),
    [
        ("2021-07-01 12:34:56Z", None, 0),
        ("2021-07-01T12:34:56Z", None, 0),
        ("2021-07-01T12:34:56.000+00:00", None, 0),
        ("2021-07-01 15:34:56+03:00", None, 3),
        ("2021-07-01 15:34:56 +0300", None, 3),
        ("2021-07-01 15:34:56+03", None, 3),
        ("2021-07-01 07:04:56-05:30", None, -5.5),
        ("2021-07-01T12:34:56Z", "Europe/Berlin", 2),
        ("2021-07-01 15:34:56+03:00", "Europe/Berlin", 2),
        ("2021-07-01 14:34:56", "Europe/Berlin", 2),
        ("2021-07-01 12:34:56 UTC", None, 0),
        ("20210701T123456Z", None, 0),
        ("2021-07-01 15:34:56", "+03:00", 3),
        (" 2021-07-01 15:34:56 ", "+0300", 3),
        ("1625142896", None, 0),
        ("1625142896", "Europe/Berlin", 2),
        ("1625142896.0", None, 0),
        ("1625142896000", "-05:00", -5),
        ("1625142896000000", None, 0),
        ("1625142896000000000", None, 0),
    ],
)
def test_a_stamp_means_an_instant_and_a_time_on_the_wall(
    text: str, zone: str | None, ahead: float
) -> None:
    assert read(stamps(zone), text) == [(INSTANT, INSTANT + round(ahead * HOUR_US))]


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "2021-13-01 00:00:00Z", "2021-07-01Z", "2021-07-01 25:00:00Z"),
        *("2021-07-01 12:00:00+99:00", "2021-07-01 12:00:00+00:75"),
        *("1850-01-01 00:00:00Z", "9999-01-01 00:00:00Z", None),
    ],
)
def test_what_is_no_stamp_is_left_empty(text: str | None) -> None:
    found = read(stamps(), "2021-07-01T12:34:56Z", text, "2021-07-01T12:34:56Z")
    assert [instant is None for instant, _ in found] == [False, True, False]


@pytest.mark.parametrize("text", ["0", "-5", "99999999999999999999", "12"])
def test_unix_time_outside_all_reason_is_left_empty(text: str) -> None:
    found = read(stamps(), "1625142896", "1625142896", text)
    assert [instant is None for instant, _ in found] == [False, False, True]


def test_a_time_without_a_zone_needs_one() -> None:
    with pytest.raises(UsageError, match="no time zone; say whose: --time-zone Europe/Moscow"):
        read(stamps(), "2021-07-01 12:34:56")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "25:00", "+3", "", "../etc/passwd"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(UsageError, match="no such time zone; write a name such as"):
        Zone.parse(zone)


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (
            ("2021-07-01 12:34:56", "2021-07-01T12:34:56Z"),
            r"line 3 \(.*Z\) has a time zone, line 2 \(2021-07-01 12:34:56\) has none",
        ),
        (
            ("2021-07-01 12:34:56+03:00", "2021-07-01 12:34:56+02:00"),
            r"line 3 \(.*\+02:00\) has another offset than line 2; say whose clock",
        ),
    ],
)
def test_a_mixture_is_refused_with_both_lines(texts: tuple[str, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read(stamps(), *texts)


def test_several_offsets_are_fine_where_one_clock_is_named() -> None:
    reader = stamps("UTC")
    found = read(reader, "2021-07-01 15:34:56+03:00", "2021-07-01 14:34:56+02:00")
    assert found == [(INSTANT, INSTANT)] * 2


def test_a_kind_that_changes_between_parts_is_refused() -> None:
    reader = stamps("UTC")
    read(reader, "2021-07-01T12:34:56Z")
    with pytest.raises(UsageError, match="time stamps have a number, before a time zone"):
        read(reader, "1625142896")
    with pytest.raises(UsageError, match="time stamps have no time zone, before a time zone"):
        read(reader, "2021-07-01 12:34:56")


def test_an_hour_that_is_repeated_means_the_earlier_one_and_is_counted() -> None:
    reader = stamps("Europe/Berlin")
    ((instant, wall),) = read(reader, "2021-10-31 02:30:00")
    assert instant == int(datetime(2021, 10, 31, 0, 30, tzinfo=UTC).timestamp()) * 1_000_000
    assert wall == int(datetime(2021, 10, 31, 2, 30, tzinfo=UTC).timestamp()) * 1_000_000
    assert reader.ambiguous == 1


def test_an_hour_that_never_was_is_no_stamp() -> None:
    ((instant, _),) = read(stamps("Europe/Berlin"), "2021-03-28 02:30:00")
    assert instant is None


@given(
    moment=st.datetimes(datetime(1991, 1, 1), datetime(2099, 12, 30), timezones=st.just(UTC)),
    minutes=st.integers(-14 * 60, 14 * 60),
)
def test_any_moment_is_read_as_it_was_written(moment: datetime, minutes: int) -> None:
    there = moment.astimezone(timezone(timedelta(minutes=minutes)))
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    instant = delta // timedelta(microseconds=1)
    assert read(stamps(), there.isoformat()) == [(instant, instant + minutes * 60_000_000)]


@given(moment=st.datetimes(datetime(1991, 1, 1), datetime(2037, 12, 30), timezones=st.just(UTC)))
def test_the_clock_on_a_wall_is_that_of_the_zone(moment: datetime) -> None:
    there = moment.astimezone(ZoneInfo("Europe/Moscow")).replace(tzinfo=UTC)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    ((instant, wall),) = read(stamps("Europe/Moscow"), moment.isoformat())
    assert instant == (moment - epoch) // timedelta(microseconds=1)
    assert wall == (there - epoch) // timedelta(microseconds=1)


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_any_text_is_read_or_refused(texts: list[str]) -> None:
    try:
        found = read(stamps("UTC"), *texts)
    except UsageError:
        return
    assert len(found) == len(texts)
