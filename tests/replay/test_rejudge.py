"""A finished record judged at once, against the judgement of one action after the other."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.adapters.base import Outcome
from dmsim.replay.dispatcher import Fate
from dmsim.replay.judge import Judge, Judgement, State
from dmsim.replay.owners import Owners
from dmsim.replay.rejudge import Rejudged, rejudge
from dmsim.replay.schedule import Schedule
from dmsim.rules.resources import ACCESS
from dmsim.vocabulary import Action, Reason, Verdict, names, word
from tests.replay.conftest import Row
from tests.replay.test_judge import INBOX, OWNERS, POLICY, RESTING, WRONG, done
from tests.replay.test_schedule import scheduled

#: Outcomes that differ from all, from some, or only where the reason counts.
OUTCOMES = (WRONG, INBOX, Outcome("refused", "blocked"), Outcome("refused", "sender_sanctioned"))

VERDICTS = (("inbox", "none"), ("done", "none"), ("refused", "blocked"), ("filtered", "none"))

#: Stands for the comment that was written last.
NEWEST = -2

_FAILED = (Fate.ERROR, Fate.DROPPED, Fate.SKIPPED)
_VERDICTS, _REASONS = names(Verdict), names(Reason)


class Run(NamedTuple):
    """What happened in a run that kept all orders."""

    schedule: Schedule
    fates: Any
    start: Any
    done: Any
    outcomes: dict[int, Outcome]
    withheld: Any
    cause: dict[int, int]


@st.composite
def rows_of_a_trace(draw: st.DrawFn) -> list[Row]:
    """Few accounts, videos and comments, so that the actions often meet."""
    one: st.SearchStrategy[Row] = st.fixed_dictionaries(
        {
            "action": st.sampled_from([word(action) for action in Action]),
            "actor": st.integers(0, 3),
            "target": st.integers(0, 3),
            "uses": st.sampled_from([7, NEWEST, 50]),
            "content": st.sampled_from(["text", "video"]),
            "verdict": st.sampled_from([*VERDICTS, (None, "none")]),
        }
    )
    rows: list[Row] = []
    for row in draw(st.lists(one, min_size=1, max_size=14)):
        verdict, reason = row.pop("verdict")
        comments = [earlier["binds"] for earlier in rows if "binds" in earlier]
        if row["uses"] == NEWEST:
            row["uses"] = comments[-1] if comments else 7
        if row["action"] == "comment":
            row["binds"] = 100 + len(rows)
        rows.append({**row, "verdict": verdict, "reason": reason})
    return rows


def in_conflict_order(rows: list[Row], owners: Owners) -> Schedule:
    """The rows, each after all earlier ones that it conflicts with."""
    judge = Judge(scheduled(rows), POLICY, owners)
    touched: list[tuple[set[State], set[State]]] = []
    for n, row in enumerate(rows):
        access = ACCESS[Action[row["action"].upper()]]
        reads, writes = (set(judge.states(n, part)) for part in access)
        after = [m for m, (r, w) in enumerate(touched) if writes & (r | w) or reads & w]
        touched.append((reads, writes))
        row["after"] = after
    return scheduled(rows)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    schedule = in_conflict_order(draw(rows_of_a_trace()), OWNERS)
    size = len(schedule)
    before, after = (column.tolist() for column in schedule.edges())
    lacking = draw(st.sets(st.sampled_from(Action), max_size=3))
    left_out = draw(st.sets(st.sampled_from(Action), max_size=3))
    not_sent = left_out | lacking
    withheld = [row if schedule.action[row] in not_sent else -1 for row in range(size)]
    fates: list[Fate] = []
    moments: list[int] = []
    causes: dict[int, int] = {}
    start, done_at = [-1] * size, [-1] * size
    outcomes = {}
    for row in range(size):
        earlier = [b for b, a in zip(before, after, strict=True) if a == row]
        ready = max([int(schedule.intended[row]), *(moments[b] for b in earlier)])
        failed = [b for b in earlier if fates[b] in _FAILED]
        fate = draw(st.sampled_from([Fate.ANSWERED] * 6 + [Fate.ERROR, Fate.DROPPED]))
        if failed:
            first = min(failed, key=lambda b: moments[b])
            fate, causes[row] = Fate.SKIPPED, causes.get(first, first)
        elif withheld[row] >= 0:
            is_left_out = schedule.action[row] in left_out
            fate = Fate.LEFT_OUT if is_left_out else Fate.UNSUPPORTED
        moment = ready
        if fate in (Fate.ANSWERED, Fate.ERROR):
            # All moments differ, so the order of finishing is one.
            moment = (ready // 100 + draw(st.integers(1, 9_000))) * 100 + row
            start[row], done_at[row] = ready, moment
        # What has no verdict never comes as demanded.
        differs = schedule.verdict[row] < 0 or draw(st.integers(0, 2)) == 0
        if fate == Fate.ANSWERED and differs:
            outcomes[row] = draw(st.sampled_from(OUTCOMES))
        fates.append(fate)
        moments.append(moment)
    return Run(
        schedule,
        np.array(fates, dtype=np.uint8),
        np.array(start),
        np.array(done_at),
        outcomes,
        np.array(withheld),
        causes,
    )


def judged_at_once(run: Run, judge: Judge) -> Rejudged:
    schedule, fates, *rest = run
    return rejudge(schedule, judge, fates, *rest)


def judged_one_by_one(run: Run, judge: Judge) -> Rejudged:
    """As a player has its answers judged as they come."""
    size = len(run.schedule)
    judgements = np.zeros(size, dtype=np.uint8)
    origins: dict[int, int] = {}
    left = set(range(size))
    finished: set[int] = set()
    before, after = (column.tolist() for column in run.schedule.edges())
    waits = {row: {b for b, a in zip(before, after, strict=True) if a == row} for row in left}
    while left:
        begun = [row for row in left if waits[row] <= finished]
        at_once = [row for row in begun if run.done[row] < 0]
        row = min(at_once) if at_once else min(begun, key=lambda row: int(run.done[row]))
        left.remove(row)
        finished.add(row)
        fate = run.fates[row]
        if fate in (Fate.UNSUPPORTED, Fate.LEFT_OUT):
            judge.missing(row, row)
            judgements[row] = Judgement[Fate(fate).name]
        elif fate == Fate.SKIPPED:
            judgements[row] = Judgement.SKIPPED
        elif fate == Fate.ANSWERED:
            demanded = run.schedule.verdict[row], run.schedule.reason[row]
            as_demanded = Outcome(_VERDICTS[demanded[0]], _REASONS[demanded[1]])
            judgements[row], origin = judge.judge(row, run.outcomes.get(row, as_demanded))
            if origin >= 0:
                origins[row] = origin
    return Rejudged(judgements, origins | run.cause, judge.untimed, judge.unpromised)


@given(run=runs(), promised=st.booleans())
def test_a_record_is_judged_as_its_actions_were_one_by_one(run: Run, promised: bool) -> None:
    judges = [Judge(run.schedule, POLICY, OWNERS, time_promised=promised) for _ in range(2)]
    at_once, one_by_one = judged_at_once(run, judges[0]), judged_one_by_one(run, judges[1])
    assert at_once.judgements.tolist() == one_by_one.judgements.tolist()
    assert at_once.origins == one_by_one.origins
    assert at_once.untimed == one_by_one.untimed


def rejudged(
    rows: list[Row], times: list[tuple[int, int]], outcomes: dict[int, Outcome], **more: Any
) -> list[str]:
    """The judgements of answered actions at given times; with the origins where there are any."""
    schedule = scheduled(rows)
    size = len(rows)
    start, finished = np.array(times).T
    fates = np.full(size, Fate.ANSWERED, dtype=np.uint8)
    for row, fate in more.get("fates", {}).items():
        fates[row] = fate
    found = rejudge(
        schedule, Judge(schedule, POLICY, OWNERS), fates, start, finished, outcomes,
        np.full(size, -1), more.get("cause", {}),
    )  # fmt: skip
    return [
        Judgement(code).name.lower() + (f" {found.origins[row]}" if row in found.origins else "")
        for row, code in enumerate(found.judgements)
    ]


@pytest.mark.parametrize(("wrong", "resting"), RESTING)
def test_what_rests_on_what_came_out_otherwise_is_found_in_a_finished_record(
    wrong: Row, resting: Row
) -> None:
    rows: list[Row] = [wrong, {**resting, "after": [0]}]
    assert rejudged(rows, [(0, 5), (6, 9)], {0: WRONG}) == ["mismatch", "unjudged 0"]


def test_a_mismatch_in_one_process_casts_doubt_on_what_another_one_asked() -> None:
    rows: list[Row] = [done("change_setting", 1, setting="friends"), {"after": [0]}]
    assert rejudged(rows, [(0, 5), (6, 9)], {0: WRONG}) == ["mismatch", "unjudged 0"]


def test_what_rests_on_an_action_that_another_process_could_not_send_is_unjudged() -> None:
    rows: list[Row] = [done("change_setting", 1, setting="friends"), {"after": [0]}]
    missing = {"fates": {0: Fate.DROPPED}}
    assert rejudged(rows, [(-1, -1), (6, 9)], {1: WRONG}, **missing) == ["none", "unjudged 0"]


def test_what_was_skipped_because_of_an_unjudged_action_names_the_origin_of_that() -> None:
    rows: list[Row] = [
        done("change_setting", 1, setting="friends"),
        done("comment", 1, 5, uses=2, binds=7, after=[0]),
        done("public_reply", 5, 1, uses=7, after=[1]),
    ]
    skipped = {"fates": {2: Fate.SKIPPED}, "cause": {2: 1}}
    assert rejudged(rows, [(0, 5), (6, 9), (-1, -1)], {0: WRONG, 1: WRONG}, **skipped) == [
        "mismatch", "unjudged 0", "skipped 0",
    ]  # fmt: skip


#: The guardian's restriction is on its way while the teenager writes.
TEEN = 1
RESTRICTS = done("restrict_teen", 5, TEEN, switch=True)
WRITES: Row = {"actor": TEEN, "target": 2, "after": [0]}
RESTRICTED = Outcome("refused", "family_restricted")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (INBOX, ["unordered", "unordered", "match"]),
        (RESTRICTED, ["unordered", "unordered", "unjudged 1"]),
        # No order of the two brings that.
        (Outcome("refused", "blocked"), ["unordered", "mismatch", "unjudged 1"]),
        (WRONG, ["unordered", "mismatch", "unjudged 1"]),
        (
            Outcome("refused", "closed", among=(("refused", "blocked"), RESTRICTED[:2])),
            ["unordered", "unordered", "unjudged 1"],
        ),
    ],
)
def test_in_a_race_only_what_some_order_brings_is_excused(
    outcome: Outcome, expected: list[str]
) -> None:
    later: Row = {"actor": 2, "target": TEEN, "action": "read_thread", "verdict": "done"}
    rows = [RESTRICTS, WRITES, {**later, "after": [1]}]
    assert rejudged(rows, [(0, 5), (3, 9), (10, 12)], {1: outcome}) == expected


def test_what_was_refused_and_changes_nothing_excuses_nothing() -> None:
    refused: Row = {**RESTRICTS, "verdict": "refused", "reason": "not_guardian"}
    found = rejudged([refused, WRITES], [(0, 5), (3, 9)], {1: RESTRICTED})
    assert found == ["unordered", "mismatch"]
    # Unless it was not refused after all, or nobody knows.
    found = rejudged([refused, WRITES], [(0, 5), (3, 9)], {0: Outcome("done"), 1: RESTRICTED})
    assert found == ["mismatch", "unordered 0"]
    lost = {"fates": {0: Fate.ERROR}}
    found = rejudged([refused, WRITES], [(0, 5), (3, 9)], {1: RESTRICTED}, **lost)
    assert found == ["none", "unordered"]


def test_what_rests_on_a_doubt_is_unordered_in_a_race_whatever_came() -> None:
    rows: list[Row] = [done("change_setting", 2, setting="friends"), RESTRICTS]
    rows += [{**WRITES, "after": [0, 1]}, {"actor": 2, "target": TEEN, "after": [2]}]
    times = [(0, 1), (2, 5), (3, 9), (10, 12)]
    assert rejudged(rows, times, {0: WRONG, 2: WRONG}) == [
        "mismatch", "unordered", "unordered 0", "unjudged 0",
    ]  # fmt: skip


def test_two_changes_of_one_thing_leave_it_open_which_of_them_holds() -> None:
    lifts = done("restrict_teen", 6, TEEN, switch=False, after=[0])
    rows = [RESTRICTS, lifts, {**WRITES, "after": [1]}]
    assert rejudged(rows, [(0, 5), (3, 9), (10, 12)], {2: RESTRICTED}) == [
        "unordered", "unordered", "unjudged 1",
    ]  # fmt: skip
    in_order = rejudged(rows, [(0, 2), (3, 9), (10, 12)], {2: RESTRICTED})
    assert in_order == ["match", "match", "mismatch"]


def test_an_action_that_finished_after_what_came_after_it_races_with_all_that_follows() -> None:
    rows: list[Row] = [RESTRICTS, WRITES, {**WRITES, "after": [1]}]
    times = [(0, 100), (10, 20), (30, 40)]
    assert rejudged(rows, times, {2: RESTRICTED}) == ["unordered"] * 3
    assert rejudged(rows, [(0, 15), *times[1:]], {2: RESTRICTED}) == [
        "unordered", "unordered", "mismatch",
    ]  # fmt: skip


@pytest.mark.parametrize("other", [Outcome("refused", "sender_sanctioned"), RESTRICTED])
def test_elapsed_time_may_excuse_what_a_race_does_not(other: Outcome) -> None:
    schedule = scheduled([RESTRICTS, WRITES])
    judge = Judge(schedule, POLICY, OWNERS, time_promised=False)
    fates = np.full(2, Fate.ANSWERED, dtype=np.uint8)
    none = np.full(2, -1)
    start, finished = np.array([0, 3]), np.array([5, 9])
    found = rejudge(schedule, judge, fates, start, finished, {1: other}, none, {})
    raced = other == RESTRICTED
    assert found.judgements[1] == (Judgement.UNORDERED if raced else Judgement.UNJUDGED)
    assert found.untimed == (set() if raced else {1})
