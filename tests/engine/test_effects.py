"""What an action changes, at the very places of the state."""

from dataclasses import replace
from typing import Any

import pytest

from dmsim.engine.actions import perform
from dmsim.engine.intentions import Intention, intend
from dmsim.engine.pairs import FILTERED, has, pair_of, side_of, unread, visible
from dmsim.engine.setup import initial_state
from dmsim.engine.state import State
from dmsim.population.build import build_population, plan_cells
from dmsim.scenario import default_policy
from dmsim.vocabulary import Action, ContentKind, Setting, Standing, Thread, Verdict, Via, Violation
from tests.worlds import everything

ANN, BEN, CEM = range(3)
HOUR_US = 3_600_000_000


def world(**policy: Any) -> State:
    """Three adults on a device of their own who admit everybody and know nobody; and a brand."""
    told = everything(
        "population.persons=3",
        "population.registered=1",
        "population.ages={under_16=0, teens=0, adults=1}",
        "population.graph={follows_mean=1, contacts_mean=1, acquaintances_mean=1}",
        "behaviour.notified_visit=1",
    )
    state = initial_state(told, build_population(told, plan_cells(told)[0]), 64)
    state.accounts["follows"] = state.accounts["contacts"] = state.profiles["acquaintances"] = 0
    state.accounts["setting"] = Setting.EVERYONE
    state.accounts["filter_requests"] = 1
    state.accounts["standing"] = Standing.GOOD
    state.profiles["joined"] = -400 * 24 * HOUR_US
    state.profiles["notifications"] = 1
    state.profiles["violations"] = 0
    return replace(state, policy=default_policy()._replace(**policy))


def do(state: State, actor: int, intention: Intention, at: int = 0) -> Verdict:
    state.control[0]["now"] = at
    verdict, _ = perform(state, actor, intention)
    return Verdict(verdict)


def send(state: State, author: int, target: int, **labels: int) -> Verdict:
    content = {"content": ContentKind.TEXT, "violation": 0, "detected": 0, **labels}
    return do(state, author, intend(Action.SEND_MESSAGE, Via.CHAT, target, **content))


def opened() -> State:
    """Ann has written to Ben, who has accepted."""
    state = world()
    assert send(state, ANN, BEN) == Verdict.REQUESTS
    assert do(state, BEN, intend(Action.ACCEPT_REQUEST, Via.REQUESTS, ANN)) == Verdict.DONE
    return state


def view(state: State, account: int, peer: int) -> tuple[int, int]:
    """What somebody sees of a conversation, and has not read."""
    i = pair_of(state, account, peer)
    side = side_of(state, i, account)
    return visible(state, i, side), unread(state, i, side)


def thread(state: State) -> tuple[Thread, int, bool]:
    i = pair_of(state, ANN, BEN)
    pair = state.pairs[i]
    return Thread(int(pair["thread"])), int(pair["requested"]), has(state, i, FILTERED, 0)


@pytest.mark.parametrize("silenced", ["", "mute", "notifications"])
def test_silence_stops_the_notification_and_not_the_delivery(silenced: str) -> None:
    state = opened()
    if silenced == "mute":
        do(state, BEN, intend(Action.MUTE_CONVERSATION, Via.CHAT, ANN))
    elif silenced:
        do(state, BEN, intend(Action.CHANGE_NOTIFICATIONS, Via.SETTINGS, switch=0))
    before, waiting = view(state, BEN, ANN), int(state.control[0]["heap"])
    assert send(state, ANN, BEN) == Verdict.INBOX
    assert view(state, BEN, ANN) == (before[0] + 1, before[1] + 1)
    assert int(state.control[0]["heap"]) == waiting + (silenced == "")


def test_deleting_is_for_oneself() -> None:
    for action, left in ((Action.DELETE_MESSAGE, (2, 2)), (Action.DELETE_CONVERSATION, (0, 0))):
        state = opened()
        send(state, ANN, BEN)
        send(state, ANN, BEN)
        other = view(state, ANN, BEN)
        assert view(state, BEN, ANN) == (3, 3)
        assert do(state, BEN, intend(action, Via.CHAT, ANN)) == Verdict.DONE
        assert view(state, BEN, ANN) == left
        assert view(state, ANN, BEN) == other
        assert thread(state)[0] == Thread.ACCEPTED


def test_what_was_removed_has_never_been_there() -> None:
    state = opened()
    before = view(state, ANN, BEN), view(state, BEN, ANN), thread(state)
    assert send(state, ANN, BEN, violation=1, detected=1) == Verdict.REMOVED
    assert (view(state, ANN, BEN), view(state, BEN, ANN), thread(state)) == before


@pytest.mark.parametrize("resets", [False, True])
def test_a_deleted_request_begins_anew_and_its_count_as_the_policy_says(resets: bool) -> None:
    state = world(deleting_resets_business_limit=resets)
    send(state, ANN, BEN)
    send(state, ANN, BEN)
    assert thread(state) == (Thread.REQUESTED, 2, False)
    do(state, BEN, intend(Action.DELETE_REQUEST, Via.REQUESTS, ANN))
    assert thread(state) == (Thread.DELETED, 0 if resets else 2, False)
    assert view(state, BEN, ANN) == (0, 0)
    assert view(state, ANN, BEN)[0] == 2
    send(state, ANN, BEN)
    assert thread(state) == (Thread.REQUESTED, 1 if resets else 3, False)


def test_requests_of_an_unsafe_source_are_filtered_until_they_are_accepted() -> None:
    state = world()
    for _ in range(3):
        send(state, ANN, CEM)
        do(state, CEM, intend(Action.REPORT_REQUEST, Via.REQUESTS, ANN))
    assert send(state, ANN, BEN) == Verdict.FILTERED
    assert thread(state) == (Thread.REQUESTED, 1, True)
    do(state, BEN, intend(Action.ACCEPT_REQUEST, Via.REQUESTS, ANN))
    assert thread(state) == (Thread.ACCEPTED, 0, False)


def test_reports_count_afresh_after_their_days() -> None:
    state = opened()
    day = 24 * HOUR_US
    report = intend(Action.REPORT_CONVERSATION, Via.CHAT, ANN)
    for at, reports in ((0, 1), (30 * day, 2), (60 * day, 3), (90 * day + 1, 1)):
        assert do(state, BEN, report, at) == Verdict.DONE
        assert int(state.profiles[ANN]["reports"]) == reports
    assert int(state.profiles[ANN]["open_reports"]) == 4


def found(violation: Violation, until: int = -1, closes: int = 1) -> Intention:
    return intend(
        Action.MODERATE, Via.MODERATION, ANN, switch=closes, violation=violation, until=until
    )


def test_the_ladder_climbs_with_every_violation() -> None:
    state = world()
    staff = int(state.control[0]["staff"])
    for step, standing in enumerate(
        (Standing.WARNED, Standing.DM_BANNED, Standing.VIEW_ONLY, Standing.VIEW_ONLY,
         Standing.BANNED)
    ):  # fmt: skip
        do(state, staff, found(Violation.MINOR, until=(step + 1) * HOUR_US))
        assert int(state.accounts[ANN]["standing"]) == standing
        assert int(state.profiles[ANN]["violations"]) == step + 1
    assert int(state.profiles[ANN]["device_banned"]) == 0


def test_of_two_penalties_alike_the_longer_holds_and_a_milder_one_changes_nothing() -> None:
    state = world(dm_ban_from=1, view_only_from=0, ban_from=0)
    staff = int(state.control[0]["staff"])
    for until, held in ((5, 5), (9, 9), (7, 9)):
        do(state, staff, found(Violation.MINOR, until=until * HOUR_US))
        assert int(state.profiles[ANN]["until"]) == held * HOUR_US
    assert send(state, ANN, BEN) == Verdict.REFUSED
    state.control[0]["now"] = 9 * HOUR_US
    sent = intend(Action.SEND_MESSAGE, Via.CHAT, BEN, content=0, violation=0, detected=0)
    assert do(state, ANN, sent, 9 * HOUR_US) != Verdict.REFUSED


@pytest.mark.parametrize("others", [False, True])
def test_zero_tolerance_bans_account_and_device_and_others_on_it_as_the_policy_says(
    others: bool,
) -> None:
    state = world(device_ban_stops_other_accounts=others)
    staff = int(state.control[0]["staff"])
    # Ben's device, on which Ann and Cem have accounts as well.
    state.profiles["device"][[ANN, CEM]] = BEN
    state.profiles[BEN]["second"], state.profiles[CEM]["second"] = CEM, ANN
    do(state, staff, found(Violation.ZERO_TOLERANCE))
    assert int(state.accounts[ANN]["standing"]) == Standing.BANNED
    assert state.profiles["device_banned"].tolist()[:3] == [0, 1, 0]
    left = Standing.BANNED if others else Standing.GOOD
    assert [int(state.accounts[account]["standing"]) for account in (BEN, CEM)] == [left] * 2


def test_a_decision_without_violation_closes_the_report_alone() -> None:
    state = opened()
    do(state, BEN, intend(Action.REPORT_CONVERSATION, Via.CHAT, ANN))
    before = int(state.accounts[ANN]["standing"]), int(state.profiles[ANN]["reports"])
    staff = int(state.control[0]["staff"])
    for _ in range(2):
        do(state, staff, found(Violation.NONE))
        assert int(state.profiles[ANN]["open_reports"]) == 0
    assert before == (int(state.accounts[ANN]["standing"]), int(state.profiles[ANN]["reports"]))
