from pathlib import Path
from typing import Any

import pytest

from dmsim.report.moderation import Moderation, moderation
from dmsim.report.moderation_sections import moderation_sections
from dmsim.vocabulary import Standing, names
from tests.samples import FRIDAY_14, MINUTE_US, decision, report, write_trace


def gathered(folder: Path, actions: list[dict[str, Any]], **more: Any) -> Moderation:
    """What is told of a trace of an hour, in intervals of a minute."""
    found = moderation(write_trace(folder / "trace", actions, **more))
    assert found.bins.width_us == MINUTE_US
    return found


def delivery(minute: int, verdict: str) -> dict[str, Any]:
    at = FRIDAY_14 + minute * MINUTE_US
    return {"at": at, "action": "send_message", "target": 1, "verdict": verdict}


def test_reports_wait_from_when_they_are_made_until_a_decision_closes_them(tmp_path: Path) -> None:
    actions = [report(0, 1), report(1, 2), decision(3, 1, "minor"), decision(5, 2, "none")]
    backlog = gathered(tmp_path, actions).backlog
    assert backlog.waiting[:7] == [1, 2, 2, 1, 1, 0, 0]
    assert (backlog.reports, backlog.decided) == (2, 2)
    assert backlog.median == pytest.approx(3.5 * 60)
    assert backlog.p95 == pytest.approx(3.95 * 60)


def test_of_several_reports_against_an_account_the_first_is_decided_first(tmp_path: Path) -> None:
    actions = [report(0, 1), report(8, 1), decision(10, 1, "minor")]
    assert gathered(tmp_path, actions).backlog.median == pytest.approx(600)


def test_reports_from_before_the_recording_wait_but_are_no_sample(tmp_path: Path) -> None:
    actions = [report(0, 1), decision(1, 1, "none"), decision(2, 1, "none"), decision(5, 1, "none")]
    backlog = gathered(tmp_path, actions, standings=[{"account": 1, "open_reports": 2}]).backlog
    assert (backlog.before, backlog.waiting[:6]) == (2, [3, 2, 1, 1, 1, 0])
    assert backlog.median == pytest.approx(300)


def test_a_decision_that_finds_no_open_report_closes_none(tmp_path: Path) -> None:
    backlog = gathered(tmp_path, [decision(0, 1, "none"), report(1, 1)]).backlog
    assert (backlog.decided, backlog.waiting[-1]) == (0, 1)


def test_an_automatic_decision_closes_no_report(tmp_path: Path) -> None:
    backlog = gathered(tmp_path, [report(0, 1), decision(1, 1, "minor", via="automatic")]).backlog
    assert (backlog.decided, backlog.waiting[-1]) == (0, 1)


def test_a_refused_report_waits_for_nobody(tmp_path: Path) -> None:
    refused = report(0, 1) | {"verdict": "refused", "reason": "no_conversation"}
    assert gathered(tmp_path, [refused]).backlog.reports == 0


def test_decisions_are_counted_when_they_fall_by_what_they_found(tmp_path: Path) -> None:
    actions = [decision(2, 1, "minor"), decision(2, 2, "severe"), decision(4, 3, "none")]
    found = gathered(tmp_path, actions).penalties.found
    assert {name: [n for n, number in enumerate(row) if number] for name, row in found.items()} == {
        "none": [4],
        "minor": [2],
        "severe": [2],
        "zero_tolerance": [],
    }


def test_the_ladder_is_climbed_from_the_record_at_the_beginning(tmp_path: Path) -> None:
    actions = [
        decision(1, 1, "minor", via="automatic"),
        decision(2, 1, "minor"),
        decision(3, 1, "none"),
        decision(4, 1, "severe"),
        decision(5, 2, "minor"),
        decision(6, 3, "zero_tolerance"),
    ]
    standings = [{"account": 2, "violations": 4, "worst": "minor"}]
    given = gathered(tmp_path, actions, standings=standings).penalties.given
    assert list(given) == names(Standing)[1:]
    assert given == {"warned": (1, 0), "dm_banned": (0, 1), "view_only": (0, 1), "banned": (0, 2)}


def test_filtered_and_removed_messages_are_counted_when_they_were_sent(tmp_path: Path) -> None:
    verdicts = [(0, "filtered"), (0, "inbox"), (3, "removed"), (3, "filtered"), (3, "requests")]
    kept = gathered(tmp_path, [delivery(*verdict) for verdict in verdicts]).kept
    assert [(kept["filtered"][n], kept["removed"][n]) for n in (0, 1, 3)] == [
        (1, 0),
        (0, 0),
        (1, 1),
    ]


def test_where_moderation_had_nothing_to_do_the_page_is_silent(tmp_path: Path) -> None:
    assert moderation_sections(gathered(tmp_path, [])).strip() == ""
    told = moderation_sections(gathered(tmp_path / "one", [report(0, 1)]))
    assert "Moderation backlog" in told
    assert "Penalties" not in told
