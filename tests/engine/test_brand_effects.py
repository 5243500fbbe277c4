"""What brands' answers and messages change in the world."""

import pytest

from dmsim.engine.facts import facts_of, page_of
from dmsim.engine.intentions import Intention, intend
from dmsim.engine.pairs import EXPECTS_ANSWER, has, pair_of
from dmsim.engine.state import MailKind, State
from dmsim.rules.facts import Facts
from dmsim.vocabulary import Action, Topic, Verdict, Via
from tests.engine.test_effects import ANN, BEN, HOUR_US, do, send, world

MINUTE_US = 60_000_000
SHOP = 3


def commented(state: State, by: int = ANN, topic: Topic = Topic.QUESTION, at: int = 0) -> int:
    """Somebody comments on the shop's first post; the number of the comment."""
    assert do(state, by, intend(Action.COMMENT, Via.FEED, SHOP, 0, topic=topic), at) == Verdict.DONE
    return int(state.control[0]["comments"]) - 1


def answered(state: State, comment: int, at: int = 0, *, announces: bool = True) -> None:
    author = int(state.comments[comment]["author"])
    reply = intend(Action.PUBLIC_REPLY, Via.CARE_DESK, author, comment, switch=int(announces))
    assert do(state, SHOP, reply, at) == Verdict.DONE


def privately(state: State, comment: int, at: int = 0) -> Verdict:
    author = int(state.comments[comment]["author"])
    return do(state, SHOP, intend(Action.PRIVATE_REPLY, Via.CARE_DESK, author, comment), at)


def by_brand(action: Action, target: int = ANN, switch: int = -1) -> Intention:
    via = Via.CAMPAIGN if action in (Action.MAILING, Action.SPONSORED_MESSAGE) else Via.CARE_DESK
    return intend(action, via, target, switch=switch)


def facts(state: State, intention: Intention, at: int) -> Facts:
    state.control[0]["now"] = at
    return facts_of(state, SHOP, intention, pair_of(state, SHOP, intention.target))


def events(state: State) -> int:
    return int(state.control[0]["heap"])


def test_a_comment_tells_the_team_what_it_is_about() -> None:
    state = world()
    comment = commented(state, topic=Topic.COMPLAINT, at=5)
    letter = state.mail[int(state.control[0]["mail"]) - 1]
    assert (int(letter["kind"]), int(letter["comment"])) == (MailKind.COMMENT, comment)
    assert (int(letter["topic"]), int(letter["at"])) == (Topic.COMPLAINT, 5)
    assert int(state.control[0]["reacting"]) == 1


def test_a_private_reply_opens_the_thread_and_leaves_its_note() -> None:
    state = world()
    comment = commented(state)
    answered(state, comment)
    look = intend(Action.READ_COMMENT, Via.FEED, SHOP, comment)
    assert do(state, BEN, look) == Verdict.HIDDEN
    assert privately(state, comment) == Verdict.REQUESTS
    assert do(state, BEN, look) == Verdict.SHOWN
    assert privately(state, comment) == Verdict.REFUSED
    assert facts(state, by_brand(Action.SEND_MESSAGE), 0).pair.by_private_reply


def test_an_open_thread_is_not_one_that_a_private_reply_opened() -> None:
    state = world()
    send(state, ANN, SHOP)
    do(state, SHOP, intend(Action.ACCEPT_REQUEST, Via.CARE_DESK, ANN))
    comment = commented(state)
    answered(state, comment)
    assert privately(state, comment) == Verdict.INBOX
    assert not facts(state, by_brand(Action.SEND_MESSAGE), 0).pair.by_private_reply


@pytest.mark.parametrize("way", ["writes", "accepts"])
def test_the_window_runs_from_the_persons_last_word(way: str) -> None:
    state = world()
    comment = commented(state)
    answered(state, comment)
    privately(state, comment)
    message = by_brand(Action.SEND_MESSAGE)
    assert facts(state, message, MINUTE_US).pair.answered_minutes == -1
    assert do(state, SHOP, message, MINUTE_US) == Verdict.REFUSED
    if way == "writes":
        send(state, ANN, SHOP)
    else:
        do(state, ANN, intend(Action.ACCEPT_REQUEST, Via.REQUESTS, SHOP))
    state.control[0]["now"] = MINUTE_US
    week = 7 * 24 * 60
    assert facts(state, message, week * MINUTE_US - 1).pair.answered_minutes == week - 1
    assert do(state, SHOP, message, week * MINUTE_US - 1) == Verdict.INBOX
    assert do(state, SHOP, message, week * MINUTE_US) == Verdict.REFUSED


def test_the_age_of_a_comment_and_the_private_replies_of_the_hour_are_facts() -> None:
    state = world()
    first, second, third = commented(state), commented(state, BEN), commented(state, 2)
    for comment in (first, second, third):
        answered(state, comment)
    assert privately(state, first, 0) == Verdict.REQUESTS
    assert privately(state, second, HOUR_US - 1) == Verdict.REQUESTS
    reply = intend(Action.PRIVATE_REPLY, Via.CARE_DESK, 2, third)
    found = facts(state, reply, HOUR_US - 1).circumstances
    assert (found.private_replies_this_hour, found.comment_minutes) == (2, 59)
    assert facts(state, reply, HOUR_US).circumstances.private_replies_this_hour == 0


def test_mailings_are_counted_by_the_second() -> None:
    state = world(mailings_per_second=2)
    mailing = by_brand(Action.MAILING)
    assert [do(state, SHOP, mailing, at) for at in (0, 1, 2)][2] == Verdict.REFUSED
    assert do(state, SHOP, mailing, 1_000_000) != Verdict.REFUSED
    assert int(page_of(state, SHOP)["mailed"]) == 1


def test_sponsored_messages_reach_only_who_talked_with_the_brand() -> None:
    state = world()
    assert do(state, SHOP, by_brand(Action.SPONSORED_MESSAGE)) == Verdict.REFUSED
    send(state, ANN, SHOP)
    assert do(state, SHOP, by_brand(Action.SPONSORED_MESSAGE)) != Verdict.REFUSED


def test_who_is_mentioned_learns_of_it_and_looks_at_the_comment() -> None:
    state = world()
    state.control[0]["notified_visit"] = 1 << 32
    comment = commented(state)
    before = events(state)
    answered(state, comment)
    assert events(state) == before + 1
    assert int(state.accounts[ANN]["mentioned"]) == 1
    assert int(state.profiles[ANN]["commented"]) == comment


@pytest.mark.parametrize(("announces", "hours", "comes"), [(1, 9999, 1), (0, 0, 1), (0, 9999, 0)])
def test_who_was_told_comes_and_who_was_not_may_have_forgotten(
    announces: int, hours: int, comes: int
) -> None:
    state = world(private_reply_days=0)
    state.control[0]["opens_told"] = state.control[0]["opens_untold"] = 1 << 32
    state.control[0]["notified_visit"] = 0
    comment = commented(state)
    answered(state, comment, announces=bool(announces))
    before = events(state)
    assert privately(state, comment, hours * HOUR_US) == Verdict.REQUESTS
    assert events(state) == before + comes


def test_who_was_told_comes_sooner() -> None:
    told: list[int] = []
    untold: list[int] = []
    for announces, when in ((True, told), (False, untold)):
        for number in range(40):
            state = world()
            state.control[0]["opens_told"] = state.control[0]["opens_untold"] = 1 << 32
            state.control[0]["notified_visit"] = 0
            comment = commented(state, at=number)
            answered(state, comment, number, announces=announces)
            privately(state, comment, number)
            when.append(int(state.heap[0]["at"]) - number)
    assert sorted(told)[20] < sorted(untold)[20] / 4


def test_only_what_asks_for_an_answer_expects_one() -> None:
    state = world()
    send(state, ANN, SHOP)
    do(state, SHOP, intend(Action.ACCEPT_REQUEST, Via.CARE_DESK, ANN))
    pair = pair_of(state, ANN, SHOP)
    asks = {
        by_brand(Action.SEND_MESSAGE): True,
        by_brand(Action.RESOLVE): False,
        by_brand(Action.FOLLOW_UP): True,
        by_brand(Action.MAILING, switch=0): False,
        by_brand(Action.MAILING, switch=1): True,
        by_brand(Action.SPONSORED_MESSAGE): False,
    }
    for intention, expects in asks.items():
        assert do(state, SHOP, intention) != Verdict.REFUSED
        assert has(state, pair, EXPECTS_ANSWER, 0) == expects, intention


def test_whether_and_when_a_customer_looks_does_not_depend_on_who_else_was_answered() -> None:
    found = []
    for others in (0, 3):
        state = world()
        state.control[0]["opens_told"] = 1 << 32
        state.control[0]["notified_visit"] = 0
        first, second = commented(state, at=7), commented(state, BEN, at=9)
        for _ in range(others):
            do(state, SHOP, by_brand(Action.MAILING, 2, switch=0), 10)
        waiting = events(state)
        for comment in (second, first) if others else (first,):
            answered(state, comment, 20)
            privately(state, comment, 30)
        assert events(state) > waiting
        found.append([int(entry["at"]) for entry in state.heap[: events(state)]])
    assert set(found[0]) <= set(found[1])
