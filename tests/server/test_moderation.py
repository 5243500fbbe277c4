"""Reports, penalties over time, and what staff may read."""

from itertools import pairwise

import pytest

from dmsim.rules.facts import Policy
from tests.server.inprocess import (
    ANN,
    BEN,
    CEM,
    DAY,
    EVE,
    FOX,
    HOUR,
    MOD,
    POLICY,
    VIDEO,
    InProcess,
    record,
    thread,
)
from tests.server.seen import requests


def decide(
    backend: InProcess,
    account: int,
    violation: str,
    until: int | None = None,
    *,
    closes: bool = False,
) -> str:
    decision = {"violation": violation, "until": until, "closes_report": closes}
    return backend.say(MOD, "POST", f"staff/accounts/{account}/decisions", decision)


def standing(backend: InProcess, account: int) -> tuple[int, int, int, int]:
    found = backend.app._service.world.accounts[account]
    return found.standing, found.until, found.violations, found.worst


def test_only_staff_decide_on_violations(small: InProcess) -> None:
    decision = {"violation": "minor", "until": None, "closes_report": True}
    for account in (ANN, FOX):
        path = f"staff/accounts/{BEN}/decisions"
        assert small.say(account, "POST", path, decision) == "not_permitted"
    assert standing(small, BEN) == (0, -1, 0, 0)


def test_penalties_climb_the_ladder_and_run_out(small: InProcess) -> None:
    assert decide(small, ANN, "minor") == "done"
    assert standing(small, ANN) == (1, -1, 1, 1)
    assert small.send(ANN, BEN) == "filtered", "a warned account is an unsafe source"
    assert decide(small, ANN, "severe", 24 * HOUR) == "done"
    assert standing(small, ANN) == (2, 24 * HOUR, 2, 2)
    assert small.send(ANN, BEN) == "sender_sanctioned"
    assert small.send(BEN, ANN) == "recipient_sanctioned"
    assert small.say(ANN, "PUT", f"follows/{CEM}") == "done"
    small.now = 24 * HOUR
    assert small.send(ANN, BEN) == "filtered"
    assert decide(small, ANN, "minor", 100 * HOUR) == "done"
    assert small.say(ANN, "PUT", f"follows/{CEM}") == "sender_sanctioned"
    assert small.say(ANN, "POST", f"videos/{VIDEO}/watch") == "done"
    assert small.send(BEN, ANN) == "inbox", "who may only watch still receives"
    for _ in range(2):
        assert decide(small, ANN, "minor", 200 * HOUR) == "done"
    small.now = 1000 * DAY
    assert small.say(ANN, "POST", f"videos/{VIDEO}/watch") == "sender_sanctioned"
    assert small.send(BEN, ANN) == "recipient_sanctioned"


def test_a_temporary_penalty_lasts_as_the_policy_says_where_the_decision_does_not(
    small: InProcess,
) -> None:
    for violation, expected in (
        ("minor", (1, -1, 1, 1)),
        ("severe", (2, 36 * HOUR, 2, 2)),
        ("minor", (3, 72 * HOUR, 3, 2)),
        ("minor", (3, 72 * HOUR, 4, 2)),
        ("minor", (4, -1, 5, 2)),
    ):
        assert decide(small, ANN, violation, None) == "done"
        assert standing(small, ANN) == expected
    assert small.send(ANN, BEN) == "sender_sanctioned"


def test_a_second_penalty_never_shortens_the_first(empty: InProcess) -> None:
    empty.fill_with(
        POLICY._replace(view_only_from=0),
        standings=record(ANN, standing="dm_banned", until=48 * HOUR, violations=1, worst="severe"),
    )
    decide(empty, ANN, "minor", 24 * HOUR)
    assert standing(empty, ANN) == (2, 48 * HOUR, 2, 2)
    decide(empty, ANN, "minor", 50 * HOUR)
    assert standing(empty, ANN) == (2, 50 * HOUR, 3, 2)


def test_a_milder_penalty_leaves_the_graver_one(empty: InProcess) -> None:
    empty.fill_with(standings=record(ANN, standing="view_only", until=9 * HOUR, violations=0))
    decide(empty, ANN, "minor")
    assert standing(empty, ANN) == (3, 9 * HOUR, 1, 1)
    empty.now = 9 * HOUR
    decide(empty, ANN, "none")
    assert standing(empty, ANN) == (3, 9 * HOUR, 1, 1)


@pytest.mark.parametrize(
    ("policy", "owner", "other"),
    [
        (POLICY, "sender_sanctioned", "requests"),
        (POLICY._replace(device_ban_stops_other_accounts=True),) + ("sender_sanctioned",) * 2,
        (POLICY._replace(zero_tolerance_bans=False), "filtered", "requests"),
    ],
)
def test_zero_tolerance_bans_the_device_too(
    empty: InProcess, policy: Policy, owner: str, other: str
) -> None:
    empty.fill(policy=policy)
    empty.act(EVE, "POST", "accounts")
    assert decide(empty, BEN, "zero_tolerance") == "done"
    assert empty.send(BEN, ANN) == owner
    assert empty.send(EVE, ANN) == other


@pytest.mark.parametrize(
    "path",
    [
        f"threads/{ANN}/messages/report",
        f"threads/{ANN}/report",
        f"requests/{ANN}/report",
        f"accounts/{ANN}/report",
    ],
)
def test_three_reports_within_a_month_make_an_unsafe_source(small: InProcess, path: str) -> None:
    small.send(ANN, BEN)
    for days, expected in ((0, "requests"), (29, "requests"), (30, "filtered"), (61, "requests")):
        small.now = days * DAY
        assert small.say(BEN, "POST", path) == "done"
        assert small.send(ANN, CEM) == "setting"
        assert small.send(ANN, FOX) == expected
    assert requests(small, BEN) == [ANN], "a reported request stays open"


def test_reports_of_long_ago_are_forgotten(small: InProcess) -> None:
    for days in (0, 31, 62, 93):
        small.now = days * DAY
        small.act(BEN, "POST", f"accounts/{ANN}/report")
        assert small.send(ANN, BEN) == "requests"


def test_a_video_is_reported_against_its_author(small: InProcess) -> None:
    for account in (ANN, CEM, FOX):
        assert small.say(account, "POST", f"videos/{VIDEO}/report") == "done"
    assert small.act(BEN, "POST", f"videos/{VIDEO}/report")[0] == 400
    assert small.send(BEN, ANN) == "filtered"


def test_reports_outside_messages_may_not_count(empty: InProcess) -> None:
    empty.fill(policy=POLICY._replace(reports_outside_messages_count=False))
    for account in (ANN, CEM, FOX):
        assert empty.say(account, "POST", f"videos/{VIDEO}/report") == "done"
        assert empty.say(account, "POST", f"accounts/{BEN}/report") == "done"
    assert empty.send(BEN, ANN) == "requests"
    assert empty.say(MOD, "GET", f"staff/accounts/{BEN}/reports") == "not_permitted"


def test_only_an_open_request_is_reported(small: InProcess) -> None:
    assert small.say(BEN, "POST", f"requests/{ANN}/report") == "no_request"
    small.send(ANN, BEN)
    assert small.say(ANN, "POST", f"requests/{BEN}/report") == "no_request"


def test_staff_read_what_was_reported_and_nothing_else(small: InProcess) -> None:
    path = f"staff/accounts/{ANN}/reports"
    small.send(ANN, BEN, "rude words")
    small.send(ANN, FOX, "for the brand alone")
    assert small.say(MOD, "GET", path) == "not_permitted"
    small.act(BEN, "POST", f"threads/{ANN}/messages/report")
    small.act(CEM, "POST", f"accounts/{ANN}/report")
    for account in (BEN, FOX):
        assert small.say(account, "GET", path) == "not_permitted"
    small.act(BEN, "DELETE", f"threads/{ANN}")
    small.act(ANN, "DELETE", f"threads/{BEN}")
    status, answer = small.act(MOD, "GET", path)
    assert (status, answer["outcome"], answer["open"]) == (200, "done", 2)
    of_message, of_account = answer["reports"]
    assert (of_message["reporter"], of_message["action"]) == (BEN, "report_message")
    assert [message["text"] for message in of_message["messages"]] == ["rude words"]
    assert (of_account["reporter"], of_account["messages"]) == (CEM, [])


def test_a_decision_closes_the_oldest_report(small: InProcess) -> None:
    path = f"staff/accounts/{ANN}/reports"
    for account in (BEN, CEM):
        small.act(account, "POST", f"accounts/{ANN}/report")
    assert decide(small, ANN, "none") == "done"
    assert small.act(MOD, "GET", path)[1]["open"] == 2
    assert decide(small, ANN, "none", closes=True) == "done"
    _, answer = small.act(MOD, "GET", path)
    assert (answer["open"], [report["reporter"] for report in answer["reports"]]) == (1, [CEM])
    for _ in range(2):
        assert decide(small, ANN, "none", closes=True) == "done"
    assert small.say(MOD, "GET", path) == "not_permitted"


def test_reports_from_before_the_trace_are_counted_though_nobody_knows_them(
    empty: InProcess,
) -> None:
    empty.fill_with(standings=record(ANN, reports=1, open_reports=1))
    _, answer = empty.act(MOD, "GET", f"staff/accounts/{ANN}/reports")
    assert (answer["open"], answer["reports"]) == (1, [])
    assert empty.admin("audit", method="GET")[1]["entries"][0]["reports"] == []
    decide(empty, ANN, "none", closes=True)
    assert empty.say(MOD, "GET", f"staff/accounts/{ANN}/reports") == "not_permitted"


def test_a_reported_request_of_nobodys_message_can_be_read(empty: InProcess) -> None:
    empty.fill_with(threads=thread(ANN, BEN, "requested"))
    assert empty.say(BEN, "POST", f"requests/{ANN}/report") == "done"
    _, answer = empty.act(MOD, "GET", f"staff/accounts/{ANN}/reports")
    assert [(report["about"], report["messages"]) for report in answer["reports"]] == [(None, [])]


def test_the_audit_log_tells_who_read_whose_messages_when_and_why(small: InProcess) -> None:
    assert small.admin("audit", method="GET") == (200, {"entries": [], "next": None})
    for number in range(3):
        small.now = number * HOUR
        small.act(BEN, "POST", f"accounts/{ANN}/report")
        small.act(MOD, "GET", f"staff/accounts/{ANN}/reports")
    small.act(MOD, "GET", f"staff/accounts/{BEN}/reports")
    _, log = small.admin("audit", method="GET")
    assert log["entries"][0] == {
        "id": 2,
        "staff": MOD,
        "account": ANN,
        "at": 2 * HOUR,
        "reports": [0, 1, 2],
    }
    assert [entry["id"] for entry in log["entries"]] == [2, 1, 0]
    _, page = small.admin("audit?limit=2", method="GET")
    assert [entry["id"] for entry in page["entries"]] == [2, 1]
    _, rest = small.admin(f"audit?limit=2&before={page['next']}", method="GET")
    assert ([entry["id"] for entry in rest["entries"]], rest["next"]) == ([0], None)
    assert all(one["at"] > other["at"] for one, other in pairwise(log["entries"]))


def test_the_audit_log_is_for_the_master_alone(small: InProcess) -> None:
    assert small.act(MOD, "GET", "admin/audit")[0] == 401
    assert small.admin("audit", method="POST")[0] == 405
    assert small.admin("audit?limit=0", method="GET")[0] == 400
