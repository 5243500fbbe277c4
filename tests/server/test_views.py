"""A conversation as a value: what one side deletes never changes what the other one sees."""

from hypothesis import given
from hypothesis import strategies as st

from dmsim.server.state.conversation import KEPT, PAGE, Conversation, Message, View
from dmsim.vocabulary import Thread, Verdict
from tests.server.inprocess import ANN, BEN, POLICY

DELIVERIES = st.sampled_from([Verdict.INBOX, Verdict.REQUESTS, Verdict.FILTERED])
STEPS = st.lists(
    st.tuples(st.just("write"), st.sampled_from([ANN, BEN]), DELIVERIES)
    | st.tuples(
        st.sampled_from(["delete_newest", "delete_all", "delete_request"]),
        st.sampled_from([ANN, BEN]),
        st.none(),
    ),
    max_size=60,
)


def message(number: int, author: int) -> Message:
    return Message(number, author, number, str(number), 0, -1)


def seen(conversation: Conversation, account: int) -> tuple[View, list[Message]]:
    view = conversation.view(account)
    copy = View(view.unread, view.visible, view.muted, view.since, view.hidden)
    return copy, list(conversation.page(account))


def do(conversation: Conversation, what: str, account: int) -> None:
    if what == "delete_request":
        conversation.delete_request(account, POLICY)
    elif conversation.view(account).visible:
        getattr(conversation, what)(account)


@given(steps=STEPS)
def test_deletion_never_changes_the_other_sides_view(
    steps: list[tuple[str, int, Verdict | None]],
) -> None:
    conversation = Conversation(ANN, BEN, Thread.NONE, ANN)
    for number, (what, account, verdict) in enumerate(steps):
        if verdict is not None:
            conversation.deliver(message(number, account), verdict)
            continue
        other = conversation.peer(account)
        before = seen(conversation, other)
        do(conversation, what, account)
        assert seen(conversation, other) == before


@given(steps=STEPS)
def test_counts_are_those_of_the_messages_that_are_seen(
    steps: list[tuple[str, int, Verdict | None]],
) -> None:
    conversation = Conversation(ANN, BEN, Thread.NONE, ANN)
    for number, (what, account, verdict) in enumerate(steps):
        if verdict is not None:
            conversation.deliver(message(number, account), verdict)
        else:
            do(conversation, what, account)
        for side in (ANN, BEN):
            view, shown = seen(conversation, side)
            assert len(shown) == min(view.visible, PAGE)
            assert 0 <= view.unread <= view.visible
            assert conversation.newest_for(side) == (shown[0] if shown else None)


def test_only_the_newest_messages_stay_in_memory() -> None:
    conversation = Conversation(ANN, BEN, Thread.NONE, ANN)
    for number in range(5 * KEPT):
        conversation.deliver(message(number, ANN), Verdict.INBOX)
        assert len(conversation.newest) < 2 * KEPT
    shown = [one.id for one in conversation.page(BEN)]
    assert shown == list(range(5 * KEPT - 1, 5 * KEPT - 1 - PAGE, -1))
    assert conversation.view(BEN).visible == 5 * KEPT
