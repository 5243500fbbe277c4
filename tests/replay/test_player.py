"""One schedule played, and what its record says of order and of origins."""

import time
from collections.abc import Sequence

import msgspec
import pytest

from dmsim.adapters.base import LabelledText, Outcome, Pages
from dmsim.adapters.graph import GraphAdapter
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.replay import validity
from dmsim.replay.dispatcher import Fate
from dmsim.replay.judge import Judge, Judgement
from dmsim.replay.owners import Owners
from dmsim.replay.player import Player
from dmsim.replay.record import Record
from dmsim.replay.settings import ReplaySettings, replay_settings
from dmsim.replay.target import resolve_target
from dmsim.replay.words import mismatch_line
from dmsim.scenario import default_policy
from dmsim.vocabulary import Action
from tests.replay.conftest import Row, actions_frame
from tests.replay.test_schedule import scheduled

COMMENT: Row = {"action": "comment", "uses": 1, "binds": 70, "verdict": "done", "say": "done"}
PUBLIC_REPLY: Row = {
    "action": "public_reply", "actor": 5, "target": 0, "uses": 70, "verdict": "done",
    "say": "done", "after": [0],
}  # fmt: skip
PRIVATE_REPLY: Row = {
    "action": "private_reply", "actor": 5, "target": 0, "uses": 70, "say": "inbox",
    "after": [0, 1],
}  # fmt: skip


DEFAULTS = replay_settings({})


class Lacking(ReferenceAdapter):
    """An adapter that cannot express some actions."""

    def __init__(self, *lacking: Action) -> None:
        super().__init__("token")
        self.lacking = lacking

    def supports(self, action: Action) -> bool:
        return action not in self.lacking


def player_of(
    rows: list[Row],
    host: str,
    *lacking: Action,
    left_out: Sequence[Action] = (),
    time_promised: bool = True,
) -> Player:
    target = resolve_target(host)
    adapter = Lacking(*lacking)
    texts = dict(enumerate(map(LabelledText, actions_frame(rows)[1])))
    schedule = scheduled(rows)
    return Player(
        schedule,
        adapter,
        adapter.encoder(target.authority, range(8), texts),
        target,
        Judge(schedule, default_policy(), Owners({}, {}), time_promised=time_promised),
        replay_settings({}),
        left_out=left_out,
    )


def played(rows: list[Row], host: str, *lacking: Action) -> Record:
    player = player_of(rows, host, *lacking)
    player.run()
    return player.record()


def judgements(record: Record) -> list[str]:
    return [Judgement(code).name.lower() for code in record.judgements]


def void_because(record: Record, settings: ReplaySettings = DEFAULTS) -> list[str]:
    lateness = record.histograms()["lateness"]["all"]
    patient = msgspec.structs.replace(settings, lateness_p99_budget=10**9)
    found = validity.findings(record, patient, lateness)
    return validity.void_because(record, found)


def answered_at(player: Player, times: Sequence[tuple[int, int]]) -> Record:
    """The record of a run in which all actions were answered as demanded, at given times."""
    for row, (start, done) in enumerate(times):
        player.start[row], player.done[row] = start, done
        player.dispatcher.fates[row] = player.answered(row, Outcome("inbox"), 20)
        assert player.dispatcher.fates[row] == Fate.ANSWERED
    return player.record()


def test_an_action_that_overlapped_one_it_comes_after_is_unordered() -> None:
    rows: list[Row] = [{}, {"after": [0]}, {"actor": 3, "target": 4}]
    player = player_of(rows, "http://127.0.0.1:1")
    record = answered_at(player, [(0, 20), (10, 30), (5, 30)])
    assert judgements(record) == ["unordered", "unordered", "match"]
    assert record.tally(record.sent)["unordered"] == 2


def test_actions_in_order_are_judged() -> None:
    rows: list[Row] = [{}, {"after": [0]}]
    record = answered_at(player_of(rows, "http://127.0.0.1:1"), [(0, 10), (10, 30)])
    assert judgements(record) == ["match", "match"]


def test_what_names_an_unsupported_comment_is_unsupported_because_of_it(backend: str) -> None:
    rows = [COMMENT, PUBLIC_REPLY, PRIVATE_REPLY, {"say": "inbox", "target": 5, "after": [2]}]
    record = played(rows, backend, Action.COMMENT)
    assert judgements(record) == ["unsupported", "unsupported", "unsupported", "unjudged"]
    (origin,) = record.worst_origins()
    assert (origin.seq, origin.action, origin.judgement) == (0, "comment", "unsupported")
    assert (origin.unjudged, origin.skipped, origin.unsupported) == (1, 0, 2)
    assert void_because(record) == [
        "1 actions unjudged (100.00%, budget 5.00%); "
        "most because of cell=0 row 0 (seq 0): comment, unsupported"
    ]


def test_a_comment_answered_without_an_id_is_the_origin_of_what_names_it(backend: str) -> None:
    rows = [{**COMMENT, "uses": 999, "say": "status:404"}, PUBLIC_REPLY, PRIVATE_REPLY]
    record = played(rows, backend)
    assert judgements(record) == ["mismatch", "skipped", "skipped"]
    (origin,) = record.worst_origins()
    assert (origin.seq, origin.judgement, origin.skipped) == (0, "mismatch", 2)


def test_those_with_most_dependants_come_first(backend: str) -> None:
    rows: list[Row] = [
        {"say": "requests", "actor": 2, "target": 3},
        {"say": "requests", "actor": 0, "target": 1},
        {"say": "inbox", "actor": 2, "target": 3, "after": [0]},
        {"say": "inbox", "actor": 0, "target": 1, "after": [1]},
        {"say": "inbox", "actor": 1, "target": 0, "after": [3]},
    ]
    record = played(rows, backend)
    assert [(origin.seq, origin.unjudged) for origin in record.worst_origins()] == [(1, 2), (0, 1)]


def test_an_error_of_ours_leaves_a_record_of_what_had_finished(backend: str) -> None:
    player = player_of([{"say": "inbox"}, {"say": "inbox", "actor": 9, "at": 200_000}], backend)
    began = time.monotonic()
    with pytest.raises(KeyError):  # there are no credentials of account 9
        player.run()
    assert time.monotonic() - began < 10
    assert judgements(player.record()) == ["match", "none"]
    assert player.record().stopped.startswith("internal error: KeyError")


def test_what_rests_on_time_that_was_not_promised_is_its_own_origin(backend: str) -> None:
    rows: list[Row] = [
        {"say": "inbox", "verdict": "refused", "reason": "sender_sanctioned"},
        {"say": "inbox", "after": [0]},
        {"say": "inbox", "actor": 2, "target": 3},
    ]
    player = player_of(rows, backend, time_promised=False)
    player.run()
    record = player.record()
    assert judgements(record) == ["unjudged", "unjudged", "match"]
    assert record.unjudged_by_time == 2
    (origin,) = record.worst_origins()
    assert (origin.seq, origin.judgement, origin.unjudged) == (0, "time", 2)
    assert void_because(record) == [
        "2 actions unjudged (66.67%, budget 5.00%); 2 because of time; "
        "replay at --speed 1, or against dmsim serve --simulated-time"
    ]


def test_a_mismatch_names_the_code_with_which_the_backend_should_have_refused() -> None:
    said: list[str] = []
    rows: list[Row] = [
        {**PRIVATE_REPLY, "verdict": "refused", "reason": "already_replied", "after": []}
    ]
    schedule, adapter = scheduled(rows), GraphAdapter("token")
    target = resolve_target("http://127.0.0.1:1")
    pages = Pages(brands=frozenset({5}), posts={1: 5}, comments={70: 1})
    player = Player(
        schedule,
        adapter,
        adapter.encoder(target.authority, range(8), {0: LabelledText("?")}, pages=pages),
        target,
        Judge(schedule, default_policy(), Owners({}, {})),
        replay_settings({}),
        listener=lambda _, __, ___, problem: said.append(problem),
    )
    answer = b'{"recipient_id":"0","message_id":"m_1"}'
    player.dispatcher.fates[0] = player.answered(
        0, adapter.decode(Action.PRIVATE_REPLY, 200, answer), len(answer)
    )
    told = "expected refused (already_replied, code 10900), got delivered"
    assert said == [told]
    (mismatch,) = player.record().worst_mismatches()
    assert f"{told} (status" in mismatch_line(mismatch)


def test_what_is_left_out_is_not_sent_and_what_rests_on_it_is_unjudged(backend: str) -> None:
    rows: list[Row] = [
        {"action": "follow", "verdict": "done", "say": "done"},
        {"say": "inbox", "after": [0]},
        {"say": "refused:blocked", "actor": 2, "target": 3},
        {"say": "inbox", "actor": 4, "target": 5, "verdict": "refused", "reason": "blocked"},
    ]
    player = player_of(rows, backend, left_out=[Action.FOLLOW])
    player.run()
    record = player.record()
    assert record.fates.tolist() == [Fate.LEFT_OUT] + 3 * [Fate.ANSWERED]
    assert record.judgements.tolist() == [
        Judgement.LEFT_OUT, Judgement.UNJUDGED, Judgement.MISMATCH, Judgement.MISMATCH,
    ]  # fmt: skip
    assert (record.unjudged_by_left_out, record.origins) == (1, {1: 0})
    settings = msgspec.structs.replace(
        replay_settings({}), lateness_p99_budget=5_000_000, unjudged_budget=0.0
    )
    assert void_because(record, settings) == []
    (origin,) = record.worst_origins()
    assert (origin.action, origin.judgement, origin.unjudged) == ("follow", "left_out", 1)


def test_a_comment_that_is_left_out_takes_its_replies_with_it(backend: str) -> None:
    player = player_of([COMMENT, PUBLIC_REPLY, PRIVATE_REPLY], backend, left_out=[Action.COMMENT])
    player.run()
    record = player.record()
    assert record.fates.tolist() == 3 * [Fate.LEFT_OUT]
    (origin,) = record.worst_origins()
    assert (origin.seq, origin.left_out) == (0, 2)
    assert void_because(record) == [
        "every action is left out; name other kinds by --only or --except"
    ]
