"""A replay laid out without being made."""

import numpy as np
import pytest

from dmsim.cli.dry_run import chart, dry_run_lines
from dmsim.replay.controls import Controls, read_controls
from dmsim.replay.dry_run import dry_run, longest_chain, most_at_once
from tests.replay.conftest import MakeTrace, Row
from tests.replay.test_schedule import scheduled

ROWS: list[Row] = [
    {"at": 0},
    {"at": 1_000_000, "action": "follow", "after": [0]},
    {"at": 1_100_000, "after": [1]},
    {"at": 1_200_000},
]


def test_a_plan_says_how_long_how_many_and_how_fast(make_trace: MakeTrace) -> None:
    plan = dry_run(make_trace(ROWS), controls=Controls())
    assert (plan.actions, plan.seconds, plan.per_second) == (4, 1.2, [1, 3])
    assert plan.peak is not None
    assert (plan.peak.second, plan.peak.at_us, plan.peak.actions) == (1, 1_000_000, 3)
    assert (plan.waiting, plan.longest_chain, plan.cap) == (2, 3, 200)
    assert {need.service_ms: need.needed for need in plan.connections} == {
        1: 1, 10: 1, 100: 1, 1_000: 3,
    }  # fmt: skip
    lines = dry_run_lines(plan)
    assert lines[0] == "4 actions in 1.2 s at speed 1"
    assert "peak: 3 in second 1 (Mon 00:00:01), mean 2" in lines[2]


def test_a_plan_follows_the_controls(make_trace: MakeTrace) -> None:
    controls = read_controls(for_="1150ms", except_="follow", max_rps=1)
    plan = dry_run(make_trace(ROWS), speed=10.0, controls=controls)
    assert (plan.actions, plan.left_out, plan.seconds) == (2, 1, 1.0)
    assert plan.by_action == {"send_message": 2}
    assert plan.controls == controls


def test_a_plan_of_nothing_has_no_peak(make_trace: MakeTrace) -> None:
    plan = dry_run(make_trace([]), controls=Controls())
    assert (plan.actions, plan.per_second, plan.peak, plan.longest_chain) == (0, [], None, 0)
    assert dry_run_lines(plan) == ["0 actions in 0.0 s at speed 1"]


@pytest.mark.parametrize(
    ("begin", "service", "expected"), [([0, 5, 10], 5, 1), ([0, 5, 10], 6, 2), ([0, 0, 0], 1, 3)]
)
def test_what_is_under_way_at_once_follows_from_how_long_it_takes(
    begin: list[int], service: int, expected: int
) -> None:
    assert most_at_once(np.array(begin), service) == expected


def test_the_longest_chain_counts_those_that_wait_one_for_the_other() -> None:
    rows: list[Row] = [{}, {}, {"after": [0, 1]}, {"after": [0]}, {"after": [2, 3]}]
    assert longest_chain(scheduled(rows)) == 3


def test_a_chart_has_a_bar_for_the_highest_of_each_part() -> None:
    assert chart([0, 1, 4, 8]) == " ▁▄█"
    assert chart([0, 8, 4, 4], columns=2) == "█▄"
