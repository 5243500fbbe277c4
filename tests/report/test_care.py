from pathlib import Path

import pytest

from dmsim.report.care import care_times
from tests.samples import comment, reply, write_trace


def test_waits_are_measured_from_comment_to_public_and_from_there_to_private(
    tmp_path: Path,
) -> None:
    actions = [
        comment(0, 1),
        reply("public_reply", 4, 1),
        reply("private_reply", 5, 1),
        comment(10, 2),
        reply("public_reply", 20, 2),
        reply("private_reply", 23, 2),
    ]
    (brand,) = care_times(write_trace(tmp_path / "trace", actions))
    assert (brand.brand, brand.comments, brand.waiting) == ("Beauty", 2, 0)
    assert brand.public.count == brand.private.count == 2
    assert brand.public.median == pytest.approx(7 * 60)
    assert brand.public.p90 == pytest.approx(9.4 * 60)
    assert brand.private.median == pytest.approx(2 * 60)
    assert (brand.in_window, brand.decided) == (2, 2)


@pytest.mark.parametrize(("answered_by", "in_window"), [("public_reply", 2), ("private_reply", 1)])
def test_the_scenario_says_which_reply_stops_the_clock(
    answered_by: str, in_window: int, tmp_path: Path
) -> None:
    """Q13: the first comment is answered privately in time, the second a day too late."""
    day = 24 * 60
    actions = [
        comment(0, 1),
        comment(1, 2),
        reply("public_reply", 4, 1),
        reply("private_reply", 5, 1),
        reply("public_reply", 20, 2),
        reply("private_reply", day + 20, 2),
    ]
    folder = tmp_path / "trace"
    (brand,) = care_times(write_trace(folder, actions, minutes=2 * day, answered_by=answered_by))
    assert (brand.comments, brand.waiting, brand.in_window) == (2, 0, in_window)


def test_a_comment_that_is_younger_than_a_day_at_the_end_is_waiting(tmp_path: Path) -> None:
    actions = [comment(0, 1), comment(30, 2), reply("public_reply", 31, 2)]
    (brand,) = care_times(write_trace(tmp_path / "trace", actions))
    assert (brand.waiting, brand.decided, brand.in_window) == (1, 1, 1)


def test_a_comment_not_answered_for_a_day_is_late(tmp_path: Path) -> None:
    day = 24 * 60
    actions = [
        comment(0, 1),
        comment(1, 2),
        comment(2, 3),
        reply("public_reply", day, 2),
        reply("public_reply", day + 10, 3),
    ]
    trace = write_trace(tmp_path / "trace", actions, minutes=2 * day)
    (brand,) = care_times(trace)
    assert (brand.comments, brand.decided, brand.in_window) == (3, 3, 1)


def test_a_reply_to_a_comment_from_before_the_window_counts_only_for_the_private_gap(
    tmp_path: Path,
) -> None:
    actions = [reply("public_reply", 1, 7), reply("private_reply", 3, 7)]
    (brand,) = care_times(write_trace(tmp_path / "trace", actions))
    assert (brand.comments, brand.public.count, brand.private.count) == (0, 0, 1)
    assert brand.private.median == pytest.approx(120)


def test_every_brand_has_its_own_times_also_the_silent_one(tmp_path: Path) -> None:
    actions = [comment(0, 1, page=11), reply("public_reply", 2, 1, page=11)]
    brands = care_times(write_trace(tmp_path / "trace", actions, brands=("Beauty", "Bank")))
    assert [(brand.brand, brand.comments) for brand in brands] == [("Beauty", 0), ("Bank", 1)]
    assert brands[0].public.median is None
