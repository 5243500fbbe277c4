"""The moderators' room on its own: letters come in at given times, and what is done is noted."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from itertools import accumulate
from statistics import mean
from typing import Any, cast

import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.care.moderation import Moderation
from dmsim.engine.engine import Engine, Mail
from dmsim.engine.state import MailKind
from dmsim.rules.facts import Policy
from dmsim.rules.sanctions import History
from dmsim.scenario import Moderation as Settings
from dmsim.scenario import default_policy
from dmsim.scenario.units import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from dmsim.vocabulary import Action, Verdict, Via, Violation

STAFF = 99
TEAM = 3


@dataclass(frozen=True)
class Act:
    at: int
    action: Action
    accused: int
    via: Via
    violation: int
    until: int
    switch: int


class Notes:
    """What moderation needs of an engine, and notes of what it did with it."""

    key = 7

    def __init__(self, policy: Policy, records: dict[int, History]) -> None:
        self.policy = policy
        self.records = records
        self.acts: list[Act] = []

    def act(
        self, now: int, actor: int, action: Action, target: int, *, via: Via, violation: int = -1,
        until: int = -1, switch: int = -1,
    ) -> Verdict:  # fmt: skip
        assert actor == STAFF
        self.acts.append(Act(now, action, target, via, violation, until, switch))
        return Verdict.DONE

    def record_of(self, account: int) -> History:
        return self.records.get(account, History(0, Violation.NONE))


class Room:
    """A moderation on a clock of its own; time runs from ``start`` in µs since Monday 00:00."""

    def __init__(
        self,
        start: int = 0,
        policy: Policy | None = None,
        records: dict[int, History] | None = None,
        **told: Any,
    ) -> None:
        self.env = simpy.Environment(initial_time=start)
        self.notes = Notes(policy or default_policy(), records or {})
        engine = cast(Engine, self.notes)
        self._moderation = Moderation(self.env, engine, TEAM, Settings.model_validate(told), STAFF)
        self._letters: list[Mail] = []
        self.env.process(self._deliver())

    def bring(
        self, kind: MailKind, at: int, accused: int, violation: Violation = Violation.MINOR
    ) -> None:
        """Let a letter come in at a time, after all others that were told before."""
        self._letters.append(Mail(at, STAFF, accused, None, kind, violation))

    def _deliver(self) -> Generator[simpy.Event, None, None]:
        """Persons act after the staff at equal µs, as in the world."""
        for letter in self._letters:
            yield self.env.timeout(letter.at - int(self.env.now))
            while self.env.peek() == self.env.now:
                yield self.env.timeout(0)
            self._moderation.receive(letter)

    def report(self, at: int, accused: int, violation: Violation = Violation.MINOR) -> None:
        self.bring(MailKind.REPORT, at, accused, violation)

    def run(self, until: int = 10 * DAY_US) -> "Room":
        self.env.run(until=until)
        return self

    def moments(self, action: Action) -> list[tuple[int, int]]:
        """When and against whom an action happened."""
        return [(act.at, act.accused) for act in self.notes.acts if act.action == action]

    @property
    def begun(self) -> list[tuple[int, int]]:
        return self.moments(Action.STAFF_ACCESS)

    @property
    def decided(self) -> list[tuple[int, int]]:
        return self.moments(Action.MODERATE)

    @property
    def decisions(self) -> list[Act]:
        return [act for act in self.notes.acts if act.action == Action.MODERATE]


DAY_SHIFT = {"day": {"from": "08:00", "until": "16:00", "moderators": 1}}
NIGHT_SHIFT = {"night": {"from": "22:00", "until": "06:00", "moderators": 1}}


def test_a_removal_is_punished_after_exactly_the_delay_and_nobody_reads_it() -> None:
    room = Room(automatic_delay="5s")
    room.bring(MailKind.REMOVAL, 1_000_001, 4, Violation.SEVERE)
    room.run()
    assert room.notes.acts == [
        Act(6_000_001, Action.MODERATE, 4, Via.AUTOMATIC, Violation.SEVERE, -1, 0)
    ]


def test_removals_are_punished_at_any_hour_each_in_its_own_time() -> None:
    room = Room(automatic_delay="5s", shifts=DAY_SHIFT)
    for number in range(5):
        room.bring(MailKind.REMOVAL, 3 * HOUR_US + number, number)
    room.run()
    assert room.decided == [(3 * HOUR_US + 5 * SECOND_US + number, number) for number in range(5)]


def test_a_false_alarm_is_punished_as_a_minor_violation() -> None:
    room = Room()
    room.bring(MailKind.REMOVAL, 0, 4, Violation.NONE)
    (decision,) = room.run().decisions
    assert decision.violation == Violation.MINOR


def test_a_moderator_reads_first_and_decides_after_the_review() -> None:
    room = Room(accuracy=1, moderators=1)
    room.report(10, 4)
    access, decision = room.run().notes.acts
    assert access == Act(10, Action.STAFF_ACCESS, 4, Via.MODERATION, -1, -1, -1)
    assert decision.at > 10
    assert (decision.action, decision.via) == (Action.MODERATE, Via.MODERATION)
    assert (decision.accused, decision.violation, decision.switch) == (4, Violation.MINOR, 1)


def test_reports_are_reviewed_first_come_first_served_one_after_the_other() -> None:
    room = Room(moderators=1, review="20m")
    for number in range(6):
        room.report(number, number)
    room.run()
    assert [accused for _, accused in room.begun] == list(range(6))
    assert [at for at, _ in room.begun] == [0] + [at for at, _ in room.decided[:-1]]


def test_every_moderator_reviews_one_case_at_a_time() -> None:
    room = Room(moderators=3, review="20m")
    for number in range(6):
        room.report(number, number)
    room.run()
    assert room.begun[:3] == [(0, 0), (1, 1), (2, 2)]
    assert room.begun[3] == (room.decided[0][0], 3)


def test_reviews_take_as_long_on_average_as_the_scenario_says() -> None:
    room = Room(moderators=1000, review="3m")
    for number in range(1000):
        room.report(0, number)
    room.run()
    took = [at for at, _ in room.decided]
    assert mean(took) == pytest.approx(3 * MINUTE_US, rel=0.1)
    assert mean(at > 3 * MINUTE_US for at in took) == pytest.approx(0.37, abs=0.05)


@pytest.mark.parametrize("truth", Violation)
def test_an_accurate_moderator_finds_what_is_there(truth: Violation) -> None:
    room = Room(accuracy=1)
    room.report(0, 1, truth)
    (decision,) = room.run().decisions
    assert decision.violation == truth


@pytest.mark.parametrize("truth", Violation)
def test_a_wrong_judgement_is_the_opposite(truth: Violation) -> None:
    room = Room(accuracy=0)
    room.report(0, 1, truth)
    (decision,) = room.run().decisions
    wrong = Violation.MINOR if truth == Violation.NONE else Violation.NONE
    assert decision.violation == wrong


def test_moderators_are_as_often_right_as_the_scenario_says() -> None:
    room = Room(accuracy=0.8, moderators=1000)
    for number in range(1000):
        room.report(0, number, Violation.SEVERE)
    room.run()
    found = Counter(decision.violation for decision in room.decisions)
    assert set(found) == {Violation.SEVERE, Violation.NONE}
    assert found[Violation.SEVERE] == pytest.approx(800, abs=50)


def test_a_report_from_the_night_is_taken_up_when_the_shift_begins() -> None:
    room = Room(shifts=DAY_SHIFT)
    room.report(3 * HOUR_US, 1)
    assert room.run().begun == [(8 * HOUR_US, 1)]


@pytest.mark.parametrize(
    ("at", "begun"),
    [
        (8 * HOUR_US - 1, 8 * HOUR_US),
        (8 * HOUR_US, 8 * HOUR_US),
        (16 * HOUR_US - 1, 16 * HOUR_US - 1),
        (16 * HOUR_US, 32 * HOUR_US),
        (31 * HOUR_US, 32 * HOUR_US),
    ],
)
def test_a_shift_ends_to_the_microsecond(at: int, begun: int) -> None:
    room = Room(shifts=DAY_SHIFT)
    room.report(at, 1)
    assert room.run().begun == [(begun, 1)]


@pytest.mark.parametrize(
    ("at", "begun"),
    [
        (2 * HOUR_US, 2 * HOUR_US),
        (6 * HOUR_US - 1, 6 * HOUR_US - 1),
        (6 * HOUR_US, 22 * HOUR_US),
        (23 * HOUR_US, 23 * HOUR_US),
        (24 * HOUR_US, 24 * HOUR_US),
        (29 * HOUR_US, 29 * HOUR_US),
        (30 * HOUR_US, 46 * HOUR_US),
    ],
)
@pytest.mark.parametrize("start", [0, HOUR_US])
def test_a_shift_may_go_on_over_midnight(start: int, at: int, begun: int) -> None:
    room = Room(start, shifts=NIGHT_SHIFT)
    room.report(at, 1)
    assert room.run().begun == [(begun, 1)]


def test_a_shift_goes_on_from_sunday_to_monday() -> None:
    start = 6 * DAY_US + 23 * HOUR_US
    room = Room(start, shifts=NIGHT_SHIFT)
    room.report(7 * DAY_US + HOUR_US, 1)
    assert room.run().begun == [(7 * DAY_US + HOUR_US, 1)]


def test_the_case_at_hand_is_finished_after_the_shift_but_no_other_is_begun() -> None:
    room = Room(shifts=DAY_SHIFT, review="300h")
    room.report(16 * HOUR_US - 2, 1)
    room.report(16 * HOUR_US - 1, 2)
    room.run(100 * DAY_US)
    (_, second), (finished, _) = room.begun, room.decided[0]
    assert finished > 16 * HOUR_US
    assert second[0] >= finished
    assert 8 * HOUR_US <= second[0] % DAY_US < 16 * HOUR_US


def test_a_case_that_ends_with_the_shift_is_the_last() -> None:
    once = Room(shifts=DAY_SHIFT)
    once.report(9 * HOUR_US, 1)
    ((ended, _),) = once.run().decided
    begun = 16 * HOUR_US - (ended - 9 * HOUR_US)
    room = Room(shifts=DAY_SHIFT)
    room.report(begun, 1)
    room.report(begun, 2)
    room.run()
    assert room.decided[0] == (16 * HOUR_US, 1)
    assert room.begun == [(begun, 1), (32 * HOUR_US, 2)]


def test_where_shifts_meet_all_their_moderators_are_on_duty() -> None:
    late = {"from": "12:00", "until": "20:00", "moderators": 2}
    room = Room(shifts=DAY_SHIFT | {"late": late}, review="300h")
    for number in range(5):
        room.report(9 * HOUR_US, number)
    room.run(DAY_US)
    assert [at for at, _ in room.begun[:3]] == [9 * HOUR_US, 12 * HOUR_US, 12 * HOUR_US]


def test_without_shifts_moderators_work_round_the_clock() -> None:
    room = Room(moderators=1, review="1us")
    times = [number * 17 * MINUTE_US for number in range(200)]
    for number, at in enumerate(times):
        room.report(at, number)
    assert [at for at, _ in room.run().begun] == times


def test_without_moderators_reports_wait_and_removals_do_not() -> None:
    room = Room(moderators=0)
    room.report(0, 1)
    room.bring(MailKind.REMOVAL, 0, 2)
    assert [accused for _, accused in room.run().decided] == [2]


RUNGS = [
    # violations before, the gravest of them, found now, least and most hours
    (0, Violation.NONE, Violation.MINOR, None),
    (1, Violation.MINOR, Violation.MINOR, (24, 24)),
    (1, Violation.MINOR, Violation.SEVERE, (36, 36)),
    (1, Violation.SEVERE, Violation.SEVERE, (48, 48)),
    (2, Violation.MINOR, Violation.MINOR, (72, 168)),
    (3, Violation.SEVERE, Violation.SEVERE, (72, 168)),
    (4, Violation.MINOR, Violation.MINOR, None),
    (0, Violation.NONE, Violation.ZERO_TOLERANCE, None),
    (2, Violation.MINOR, Violation.NONE, None),
]


@pytest.mark.parametrize(("violations", "worst", "found", "hours"), RUNGS)
def test_a_penalty_ends_after_its_hours_or_never(
    violations: int, worst: Violation, found: Violation, hours: tuple[int, int] | None
) -> None:
    records = dict.fromkeys(range(100), History(violations, worst))
    room = Room(records=records, accuracy=1, moderators=1)
    for number in range(100):
        room.report(number, number, found)
    decisions = room.run().decisions
    assert len(decisions) == 100
    if hours is None:
        assert {decision.until for decision in decisions} == {-1}
        return
    lengths = [decision.until - decision.at for decision in decisions]
    least, most = (HOUR_US * bound for bound in hours)
    assert all(length % SECOND_US == 0 for length in lengths)
    assert least <= min(lengths)
    assert max(lengths) <= most
    assert max(lengths) - min(lengths) >= 0.9 * (most - least)


def test_an_automatic_penalty_has_an_end_as_well() -> None:
    room = Room(records={4: History(1, Violation.MINOR)}, automatic_delay="5s")
    room.bring(MailKind.REMOVAL, 0, 4)
    (decision,) = room.run().decisions
    assert decision.until == 5 * SECOND_US + 24 * HOUR_US


def test_where_zero_tolerance_does_not_ban_it_climbs_the_ladder() -> None:
    mild = default_policy()._replace(zero_tolerance_bans=False)
    room = Room(policy=mild, records={1: History(1, Violation.MINOR)}, accuracy=1)
    room.report(0, 1, Violation.ZERO_TOLERANCE)
    (decision,) = room.run().decisions
    assert decision.until - decision.at == 36 * HOUR_US


def on_duty(shifts: dict[str, Any], at: int) -> int:
    """How many moderators are on duty at a time; without shifts it is always one."""
    moderators = 0 if shifts else 1
    for shift in shifts.values():
        start, end = (int(shift[bound][:2]) for bound in ("from", "until"))
        if (at // HOUR_US - start) % 24 < ((end - start) % 24 or 24):
            moderators += shift["moderators"]
    return moderators


HOURS = st.integers(0, 23).map(lambda hour: f"{hour:02}:00")
SHIFT = st.fixed_dictionaries({"from": HOURS, "until": HOURS, "moderators": st.integers(0, 2)})


@settings(max_examples=60, deadline=None)
@given(
    shifts=st.dictionaries(st.sampled_from("abc"), SHIFT),
    start=st.integers(0, 2 * DAY_US),
    gaps=st.lists(st.one_of(st.integers(0, 3), st.integers(0, 8 * HOUR_US)), max_size=25),
    review=st.sampled_from(["1us", "10m", "5h"]),
)
def test_a_report_waits_only_until_somebody_comes_on_duty_or_is_free(
    shifts: dict[str, Any], start: int, gaps: list[int], review: str
) -> None:
    room = Room(start, shifts=shifts, review=review, moderators=1)
    came = list(accumulate(gaps, initial=start))
    for number, at in enumerate(came):
        room.report(at, number)
    room.run(start + 90 * DAY_US)
    assert [accused for _, accused in room.begun] == list(range(len(room.begun)))
    ended = {accused: at for at, accused in room.decided}
    for begun, accused in room.begun:
        assert begun >= came[accused]
        assert on_duty(shifts, begun) > 0
        if begun > came[accused]:
            assert begun in ended.values() or begun % HOUR_US == 0
            at_work = sum(at <= came[accused] < ended[other] for at, other in room.begun)
            assert at_work >= on_duty(shifts, came[accused])
    if any(on_duty(shifts, hour * HOUR_US) for hour in range(24)):
        assert len(room.begun) == len(came)
