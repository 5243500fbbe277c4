from typing import Any

import pytest

from dmsim.rules.messaging import decide_message, decide_request, thread_for_sender
from dmsim.rules.private_replies import decide_private_reply
from dmsim.vocabulary import Reason, Thread, Verdict, word
from tests.rules.tables import ANSWERED, PAGE_AND_PERSON, facts, policy, rows


def what(row: dict[str, Any]) -> str:
    return str(row["what"])


@pytest.mark.parametrize("row", rows("messages.toml"), ids=what)
def test_messages_are_decided_as_the_requirements_say(row: dict[str, Any]) -> None:
    verdict, reason = decide_message(facts(row), policy(row))
    assert (word(verdict), word(reason)) == (row["verdict"], row.get("reason", "none"))


@pytest.mark.parametrize("row", rows("private_replies.toml"), ids=what)
def test_private_replies_are_decided_as_the_requirements_say(row: dict[str, Any]) -> None:
    comment = ANSWERED._replace(**row.get("comment", {}))
    verdict, reason = decide_private_reply(facts(row, PAGE_AND_PERSON), comment, policy(row))
    assert (word(verdict), word(reason)) == (row["verdict"], row.get("reason", "none"))


@pytest.mark.parametrize("thread", list(Thread))
def test_only_an_open_request_can_be_accepted_or_deleted(thread: Thread) -> None:
    open_ = thread == Thread.REQUESTED
    expected = (Verdict.DONE, Reason.NONE) if open_ else (Verdict.REFUSED, Reason.NO_REQUEST)
    assert decide_request(thread) == expected


@pytest.mark.parametrize(
    ("thread", "is_requester", "seen"),
    [
        (Thread.NONE, True, Thread.NONE),
        (Thread.NONE, False, Thread.NONE),
        (Thread.REQUESTED, True, Thread.REQUESTED),
        (Thread.REQUESTED, False, Thread.ACCEPTED),
        (Thread.ACCEPTED, True, Thread.ACCEPTED),
        (Thread.ACCEPTED, False, Thread.ACCEPTED),
        (Thread.DELETED, True, Thread.DELETED),
        (Thread.DELETED, False, Thread.NONE),
    ],
)
def test_each_side_sees_the_conversation_its_own_way(
    thread: Thread, is_requester: bool, seen: Thread
) -> None:
    assert thread_for_sender(thread, is_requester) == seen
