"""How long a message takes until its recipient sees it."""

from pathlib import Path
from typing import Any

import pytest

from dmsim.adapters.base import ActionRow, Outcome, ProbingEncoder
from dmsim.adapters.graph import GraphAdapter
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.replay.delivered import delivery_histograms, delivery_summary
from dmsim.replay.delivery import NEVER_SEEN, NOT_TOLD
from dmsim.replay.result import DELIVERY, ReplayResult, read_result
from dmsim.replay.run import replay
from dmsim.vocabulary import Action
from tests.replay.conftest import MakeTrace, Row
from tests.replay.test_end_to_end import run, says
from tests.replay.test_slots import answered

#: Every message is probed.
ALL: dict[str, Any] = {"delivery_probes": 1000}


def test_an_interface_without_a_look_is_not_probed() -> None:
    encoder = GraphAdapter("token").encoder("localhost:80", [0], {})
    assert not isinstance(encoder, ProbingEncoder)


def test_a_probe_asks_as_the_recipient_and_changes_nothing() -> None:
    encoder = ReferenceAdapter("token").encoder("localhost:80", [0], {})
    assert isinstance(encoder, ProbingEncoder)
    row = ActionRow(action=int(Action.SEND_MESSAGE), actor=3, at=0, via=0, target=5)
    assert encoder.probe(row).startswith(b"GET /v1/threads/3 HTTP/1.1\r\n")
    as_recipient = ReferenceAdapter("token").encoder("localhost:80", [5], {})
    opened = as_recipient(ActionRow(action=int(Action.OPEN_INBOX), actor=5, at=0, via=0), b"")
    (credentials,) = [line for line in opened.split(b"\r\n") if line.startswith(b"Authorization")]
    assert credentials in encoder.probe(row)


@pytest.mark.parametrize(
    ("sent", "status", "body", "seen"),
    [
        (b"7", 200, b'{"outcome":"done","id":7}', True),
        (b"7", 200, b'{"outcome":"done","id":8}', True),
        (b"7", 200, b'{"outcome":"done","id":6}', False),
        (b"7", 200, b'{"outcome":"done","id":null}', False),
        (b"7", 403, b'{"outcome":"refused","reason":"banned"}', None),
        (b"7", 404, b'{"error":"no such path"}', None),
        (b"7", 200, b'{"outcome":"done"}', None),
        (b"7", 200, b"{", None),
        (b"x7", 200, b'{"outcome":"done","id":7}', None),
    ],
)
def test_a_later_message_shows_an_earlier_one(
    sent: bytes, status: int, body: bytes, seen: bool | None
) -> None:
    encoder = ReferenceAdapter("token").encoder("localhost:80", [0], {})
    assert isinstance(encoder, ProbingEncoder)
    assert encoder.seen(Outcome("inbox", bound=sent), status, body) is seen


def test_only_what_was_seen_has_a_duration() -> None:
    record = answered([(0, 0, 0, 1)] * 5)
    record.deliveries.update({0: 2_000_000, 2: 4_000_000, 3: NEVER_SEEN, 4: NOT_TOLD})
    summary = delivery_summary(record, delivery_histograms(record))
    assert summary is not None
    assert (summary.probes, summary.seen, summary.never_seen) == (4, 2, 1)
    assert summary.delivery_ms.max == 4
    assert delivery_summary(answered([]), delivery_histograms(answered([]))) is None


def test_a_message_that_shows_late_has_its_delay_measured(
    make_trace: MakeTrace, backend: str
) -> None:
    trace = make_trace(says("late:0.15:inbox"), **ALL)
    result = run(trace, backend)
    assert result.exit_code == 0, result.summary.invalid_because
    delivery = result.summary.delivery
    assert delivery is not None
    assert (delivery.probes, delivery.seen, delivery.never_seen) == (1, 1, 0)
    assert delivery.delivery_ms.max is not None
    assert delivery.delivery_ms.max > 140
    assert result.summary.sent == result.summary.matches == 1
    assert read_result(trace.parent / "out").histograms[DELIVERY]["all"].longest > 140_000_000


def test_a_worker_tells_of_a_message_that_showed_after_its_action_was_told(
    make_trace: MakeTrace, backend: str
) -> None:
    later = [{"action": "open_inbox", "verdict": "done", "at": 2_000_000}]
    trace = make_trace([*says("late:0.4:inbox", "late:0.4:inbox"), *later], **ALL)
    delivery = run(trace, backend, workers=2).summary.delivery
    assert delivery is not None
    assert delivery.probes == delivery.seen == 2


def test_a_message_that_never_shows_is_counted_apart(make_trace: MakeTrace, backend: str) -> None:
    rows = [*says("late:60:inbox"), {"action": "open_inbox", "verdict": "done", "at": 900_000}]
    result = run(make_trace(rows, timeout="300ms", **ALL), backend)
    assert result.exit_code == 0, result.summary.invalid_because
    delivery = result.summary.delivery
    assert delivery is not None
    assert (delivery.probes, delivery.seen, delivery.never_seen) == (1, 0, 1)


def test_a_backend_that_does_not_tell_is_asked_once(make_trace: MakeTrace, backend: str) -> None:
    delivery = run(make_trace(says("secret:inbox"), **ALL), backend).summary.delivery
    assert delivery is not None
    assert (delivery.probes, delivery.seen, delivery.never_seen) == (1, 0, 0)


@pytest.mark.parametrize("more", [{"delivery_probes": 0}, {"delivery_probes": 1}])
def test_no_more_messages_are_probed_than_allowed(
    make_trace: MakeTrace, backend: str, more: dict[str, Any]
) -> None:
    result = run(make_trace(says(*["late:0:inbox"] * 8), **more), backend)
    delivery = result.summary.delivery
    assert result.summary.matches == 8
    assert (delivery.probes if delivery else 0) == more["delivery_probes"]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_reference_backend_shows_what_it_delivered(
    make_trace: MakeTrace, tmp_path: Path, workers: int
) -> None:
    # Friends write to each other's inbox.
    rows: list[Row] = [
        {"action": "follow", "actor": actor, "target": actor ^ 1, "verdict": "done"}
        for actor in range(4)
    ]
    rows += [
        {"say": "hello", "actor": actor, "target": actor ^ 1, "at": 300_000 + 20_000 * n,
         "after": [actor, actor ^ 1]}
        for n, actor in enumerate([0, 1, 2, 3, 0, 2])
    ]  # fmt: skip
    result: ReplayResult = replay(make_trace(rows, **ALL), out=tmp_path / "out", workers=workers)
    assert result.summary.mismatches == 0, result.summary.worst_mismatches
    delivery = result.summary.delivery
    assert delivery is not None
    assert delivery.probes == delivery.seen > 0
    assert result.summary.by_action["send_message"].sent == 6
    assert len(result.histograms[DELIVERY]["send_message"]) == delivery.seen
