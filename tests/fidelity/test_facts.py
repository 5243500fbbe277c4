"""What is read of a trace: whose messages and comments count."""

from pathlib import Path
from typing import Any

import pytest

from dmsim.fidelity.facts import Facts, read_facts
from dmsim.trace.schema import ACCOUNTS, SETTINGS
from tests.fidelity.facts import scenario
from tests.samples import FRIDAY_14, write_trace

#: In a trace of :func:`tests.samples.write_trace` persons are 0 to 9.
BRAND = 10


def read(folder: Path, *actions: dict[str, Any]) -> Facts:
    told = scenario().to_dict()
    rows = [{"at": FRIDAY_14 + n, **action} for n, action in enumerate(actions)]
    return read_facts(write_trace(folder / "trace", rows, scenario=told))


def message(**changes: Any) -> dict[str, Any]:
    usual = {"action": "send_message", "actor": 0, "target": BRAND, "verdict": "requests"}
    return usual | {"content": "text"} | changes


@pytest.mark.parametrize(
    ("verdict", "received"),
    [("inbox", 1), ("requests", 1), ("filtered", 1), ("removed", 0), ("refused", 0)],
)
def test_brands_receive_what_is_delivered(tmp_path: Path, verdict: str, received: int) -> None:
    found = read(tmp_path, message(verdict=verdict))
    assert found.received.height == received
    assert found.messages.height == 1


def test_messages_are_of_persons_and_some_are_to_brands(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        message(),
        message(action="share_content", content="video"),
        message(target=3),
        message(actor=BRAND, target=0),
        message(action="private_reply", actor=BRAND, target=0),
    )
    assert found.messages["to_brand"].to_list() == [True, True, False]
    assert found.by_person(found.messages).tolist() == [3.0] + [0.0] * 9


def test_comments_are_those_that_stand_under_a_post(tmp_path: Path) -> None:
    comment = {"action": "comment", "actor": 1, "target": BRAND, "uses": 1, "verdict": "done"}
    found = read(tmp_path, comment, comment | {"verdict": "refused"}, comment | {"actor": BRAND})
    assert found.comments["actor"].to_list() == [1]


def test_turning_to_the_public_is_no_comment_of_the_curve(tmp_path: Path) -> None:
    comment = {"action": "comment", "actor": 1, "target": BRAND, "uses": 1, "verdict": "done"}
    trace = write_trace(
        tmp_path / "trace",
        [{"at": FRIDAY_14, **comment, "text": text} for text in (0, 1, None)],
        scenario=scenario().to_dict(),
        texts=[{"text": "When?", "topic": "question"}, {"text": "Still?", "topic": "escalation"}],
    )
    assert read_facts(trace).comments.height == 2


def test_whom_moderators_found_guilty_is_punished(tmp_path: Path) -> None:
    rows = [
        {"at": FRIDAY_14, "action": "moderate", "target": target, "violation": violation}
        for target, violation in ((1, "minor"), (2, "none"), (3, None))
    ]
    standings = [{"account": 4, "standing": "banned"}, {"account": 5, "standing": "warned"}]
    told = scenario().to_dict()
    trace = write_trace(tmp_path / "trace", rows, scenario=told, standings=standings)
    persons = read_facts(trace).persons
    assert persons.filter("punished")["id"].to_list() == [1, 4]


def test_sessions_begin_with_the_inbox(tmp_path: Path) -> None:
    found = read(tmp_path, {}, {"verdict": "refused"}, {"action": "search_content"})
    assert found.opens["at"].to_list() == [FRIDAY_14]


def test_persons_have_the_columns_of_accounts_and_settings(tmp_path: Path) -> None:
    persons = read(tmp_path).persons
    own = {"guarded", "brands", "sticker_sets", "punished"}
    assert {*persons.columns} == {*ACCOUNTS.columns, *SETTINGS.columns, *own} - {"account"}
    assert persons["id"].to_list() == list(range(10))
