from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dmsim.report.care import CareMeasures, Reading, care_measures, trace_measures
from dmsim.report.care_sections import care_sections
from dmsim.report.care_text import care_lines
from dmsim.trace.schema import CASES, STAFF
from tests.samples import FRIDAY_14, MINUTE_US, care_case, staff_hour, write_trace

HOUR = 60
DAY = 24 * HOUR
BRANDS = {10: "Beauty", 11: "Bank"}


def measures(
    *cases: dict[str, Any],
    staff: list[dict[str, Any]] | None = None,
    answered_by: str = "public_reply",
    within: int = DAY,
    minutes: int = 10 * DAY,
) -> CareMeasures:
    """Of a window that begins at minute 0; minutes of cases count from there."""
    rows = [care_case(number, **case) for number, case in enumerate(cases)]
    return care_measures(
        pl.DataFrame(rows, schema=CASES.schema),
        pl.DataFrame(staff or [], schema=STAFF.schema),
        BRANDS,
        Reading(answered_by, within * MINUTE_US),
        (FRIDAY_14, FRIDAY_14 + minutes * MINUTE_US),
    )


def test_waits_run_from_comment_to_public_reply_to_private_reply_to_thread_to_end() -> None:
    first = {"public": 4, "private": 5, "returned": 20, "answered": 26, "ended": 60}
    second = {"written": 10, "public": 20, "private": 23, "returned": 40, "answered": 50}
    found = measures({**first, "ending": "resolved"}, second).total
    assert (found.public.count, found.private.count, found.thread.count) == (2, 2, 2)
    assert found.public.median_s == pytest.approx(7 * 60)
    assert found.public.p90_s == pytest.approx(9.4 * 60)
    assert found.private.mean_s == pytest.approx(2 * 60)
    assert found.thread.median_s == pytest.approx(8 * 60)
    assert found.resolution.count == 1
    assert found.resolution.median_s == pytest.approx(60 * 60)


def test_only_what_was_settled_has_a_time_until_it_was() -> None:
    endings = ["resolved", "handed_off", "expired", "silent", "abandoned", "dismissed"]
    found = measures(*({"ended": 60, "ending": ending} for ending in endings)).total
    assert found.resolution.count == 2
    assert found.endings == {**dict.fromkeys(endings, 1), "open": 0}


READINGS = [("public_reply", 2), ("private_reply", 1)]


@pytest.mark.parametrize(("answered_by", "in_time"), READINGS)
def test_the_scenario_says_which_reply_stops_the_clock(answered_by: str, in_time: int) -> None:
    """Q13: the first comment is answered privately in time, the second a day too late."""
    care = measures(
        {"public": 4, "private": 5},
        {"public": 20, "private": DAY + 20},
        answered_by=answered_by,
    )
    assert care.answers(care.total).in_time == in_time
    assert [care.total.by_public_reply.in_time, care.total.by_private_reply.in_time] == [2, 1]
    assert care.total.by_private_reply.answered == 2


@pytest.mark.parametrize(("age", "young"), [(DAY - 1, 2), (DAY, 0), (DAY + 1, 0)])
def test_a_case_is_judged_once_it_is_a_day_old_answered_or_not(age: int, young: int) -> None:
    found = measures({"written": 0}, {"public": 1}, minutes=age).total.by_public_reply
    assert (found.young, found.decided) == (young, 2 - young)
    assert found.answered_share == (None if young else pytest.approx(1 / 2))


def test_the_target_is_the_scenarios() -> None:
    care = measures({"public": 30}, {"public": 90}, within=HOUR, minutes=2 * HOUR)
    assert care.target_s == 3600
    assert (care.total.by_public_reply.answered, care.total.by_public_reply.in_time) == (2, 1)


def test_an_answer_after_a_day_is_an_answer_but_late() -> None:
    found = measures({"public": DAY}, {"public": DAY + 1}).total.by_public_reply
    assert (found.answered, found.in_time) == (2, 1)
    assert (found.answered_share, found.in_time_share) == (1, 0.5)


def test_who_left_unanswered_was_not_answered() -> None:
    left = {"topic": "message", "returned": 0, "ended": 5, "ending": "abandoned"}
    found = measures(left).total.by_public_reply
    assert (found.young, found.decided, found.answered) == (0, 1, 0)


def test_a_message_is_answered_by_a_message_on_both_clocks() -> None:
    found = measures({"topic": "message", "returned": 0, "answered": 7}).total
    assert (found.by_public_reply.in_time, found.by_private_reply.in_time) == (1, 1)
    assert found.public.count == 0


def test_what_is_settled_in_public_alone_needs_no_private_reply() -> None:
    praise = {"topic": "praise", "public": 5, "ended": 5, "ending": "resolved"}
    never = {"topic": "question", "public": 5, "ended": 5, "ending": "expired"}
    found = measures(praise, never).total.by_private_reply
    assert (found.decided, found.answered) == (2, 1)


def test_spam_is_dismissed_and_in_no_share() -> None:
    found = measures({"topic": "spam", "ended": 1, "ending": "dismissed"}, {"topic": "spam"}).total
    assert (found.cases, found.by_public_reply.decided) == (2, 0)
    assert found.by_public_reply.answered_share is None


def test_a_case_from_before_the_window_counts_for_the_times_alone() -> None:
    found = measures({"written": -60, "public": -5, "private": 3}).total
    assert (found.cases, found.endings["open"]) == (0, 0)
    assert found.by_public_reply.decided == 0
    assert (found.public.count, found.private.count) == (0, 1)
    assert found.private.median_s == pytest.approx(8 * 60)


def test_every_brand_and_kind_has_measures_of_its_own_also_the_silent_brand() -> None:
    care = measures(
        {"page": 11, "public": 2, "topic": "question"},
        {"page": 11, "public": 4, "topic": "complaint", "escalated": True},
    )
    assert list(care.by_brand) == ["Beauty", "Bank"]
    assert [found.cases for found in care.by_brand.values()] == [0, 2]
    assert care.by_brand["Beauty"].public.median_s is None
    assert list(care.by_kind) == ["question", "complaint"]
    assert [kind.escalated for kind in care.by_kind.values()] == [0, 1]


def test_occupancy_is_the_share_of_the_time_present_that_was_spent_handling() -> None:
    staff = [
        staff_hour("a", 0, scheduled=4, present=3, busy=1, backlog=5, older_than_1h=2),
        staff_hour("a", 1, scheduled=4, present=1, busy=1, backlog=1),
        staff_hour("b", 1, scheduled=1, present=1, busy=0.5, backlog=2),
    ]
    care = measures(staff=staff)
    first = care.by_team["a"]
    assert (first.scheduled, first.present, first.busy) == (8, 4, 2)
    assert first.occupancy == pytest.approx(0.5)
    assert (first.backlog_mean.all, first.backlog_mean.older_than_1h) == (3, 1)
    assert first.backlog_end.all == 1
    assert care.staff.occupancy == pytest.approx(0.5)
    assert (care.staff.backlog_mean.all, care.staff.backlog_end.all) == (4, 3)


def test_an_hour_of_the_week_is_the_mean_of_its_occurrences() -> None:
    week = 7 * 24
    staff = [
        staff_hour("a", 1, present=1, busy=1, backlog=4),
        staff_hour("b", 1, present=1, busy=0.5, backlog=2),
        staff_hour("a", 1 + week, present=2, busy=0.5, backlog=2),
    ]
    later = 70 + week * HOUR
    cases = [{"written": 70, "public": 80}, {"written": later, "public": later + 10}]
    (hour,) = measures(*cases, staff=staff, minutes=14 * DAY).by_hour
    assert (hour.hour, hour.cases.cases) == (4 * 24 + 15, 2)
    assert (hour.present, hour.backlog) == (2, 4)
    assert hour.occupancy == pytest.approx(0.5)
    assert hour.cases.public.median_s == pytest.approx(600)


def test_without_anything_every_figure_is_nothing() -> None:
    care = measures()
    assert (care.total.cases, care.by_kind, care.by_hour, care.by_team) == (0, {}, [], {})
    assert care.staff.occupancy is None
    assert care_lines(care) == []
    assert care_sections(care) == ""


def test_the_lines_for_a_terminal_are_aligned() -> None:
    care = measures({"public": 4, "private": 5}, staff=[staff_hour("a", 0, present=2, busy=1)])
    *tables, notes = "\n".join(care_lines(care)).strip().split("\n\n")
    assert all(len(line) <= 100 for line in notes.splitlines())
    assert [table.split()[0] for table in tables] == ["brand", "kind", "brand", "team"]
    for table in tables:
        assert len({len(line) for line in table.splitlines()}) == 1
    assert [line.split()[0] for line in tables[0].splitlines()] == [
        "brand",
        "Beauty",
        "Bank",
        "all",
    ]


def test_names_are_escaped_on_the_page() -> None:
    care = measures({"public": 4}, staff=[staff_hour("<b>", 0, present=2, busy=1)])
    page = care_sections(care)
    assert "<b>" not in page
    assert "Care by hour of the week" in page


def test_a_share_reads_100_only_if_it_is_everything() -> None:
    late = [{"public": 1}] * 2000 + [{"public": 2 * DAY}]
    line = care_lines(measures(*late, staff=[staff_hour("a", 0)]))[2]
    assert line.split()[-6:] == ["100.0", "%", "99.9", "%", "0.0", "%"]


def test_a_trace_tells_its_measures(tmp_path: Path) -> None:
    trace = write_trace(
        tmp_path / "trace",
        [],
        cases=[care_case(0, public=4, private=DAY)],
        staff=[staff_hour("a", 0, present=2, busy=1)],
        minutes=2 * DAY,
        answered_by="private_reply",
    )
    care = trace_measures(trace)
    assert (care.answered_by, care.by_brand["Beauty"].cases) == ("private_reply", 1)
    assert care.staff.occupancy == pytest.approx(0.5)
