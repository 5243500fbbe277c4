"""Who breaks the guidelines, who reports it, and what people do who are refused or punished."""

from collections import Counter
from itertools import pairwise

import pytest

from dmsim.population.model import Population
from dmsim.vocabulary import Action, Reason, Verdict, Via, Violation
from tests.simulation.lives import (
    BUSY,
    Row,
    addressees,
    assert_share,
    by_person,
    lived,
    of,
)
from tests.worlds import everybody

HOUR_US = 3_600_000_000
REPORTS = (Action.REPORT_MESSAGE, Action.REPORT_CONVERSATION)
WRITTEN = (Action.SEND_MESSAGE, Action.SHARE_CONTENT)
#: Moderation finds things, but nobody is stopped by it.
UNPUNISHED = ["policy.sanctions_hold=false"]


def labels(population: Population, row: Row) -> tuple[int, bool]:
    """What moderation sees in the text of a message."""
    return population.texts.violations[row["text"]], population.texts.detected[row["text"]]


def messages(population: Population, rows: list[Row]) -> list[Row]:
    return [row for row in of(rows, Action.SEND_MESSAGE) if row["actor"] < population.persons]


@pytest.mark.parametrize(("recall", "precision"), [(0.6, 0.8), (1.0, 1.0), (0.0, 0.9)])
def test_violations_are_as_frequent_as_told_and_found_as_told(
    recall: float, precision: float
) -> None:
    population, rows = lived(
        *BUSY,
        *UNPUNISHED,
        *everybody(new_conversation=0.5, violation=0.3),
        f"moderation.recall={recall}",
        f"moderation.precision={precision}",
        "behaviour.severities={minor=0.5, severe=0.3, zero_tolerance=0.2}",
    )
    sent = messages(population, rows)
    found = Counter(labels(population, row) for row in sent)
    bad = sum(number for (violation, _), number in found.items() if violation)
    hits = sum(number for (violation, seen), number in found.items() if violation and seen)
    assert_share(bad, len(sent), 0.3)
    assert_share(hits, bad, recall)
    for violation, share in ((1, 0.5), (2, 0.3), (3, 0.2)):
        assert_share(found[violation, True] + found[violation, False], bad, share)
    for row in sent:
        detected = labels(population, row)[1]
        assert row["verdict"] in ((Verdict.REMOVED,) if detected else (0, 1, 2))
    # In the long run; false alarms come later than the hits that they belong to.
    alarms = found[Violation.NONE, True]
    assert alarms == pytest.approx(hits * (1 / precision - 1), rel=0.15, abs=3)


def test_those_who_break_no_rule_are_reported_for_none() -> None:
    population, rows = lived(
        *BUSY, *everybody(new_conversation=0.4, report_message=1, reply=0.5), *UNPUNISHED
    )
    assert messages(population, rows)
    assert not of(rows, *REPORTS, Action.MODERATE, Action.STAFF_ACCESS)


def test_who_reads_a_violation_reports_it_with_the_chance_of_the_archetype() -> None:
    population, rows = lived(
        *BUSY,
        *UNPUNISHED,
        *everybody(new_conversation=0.4, violation=0.5, report_message=0.5),
        *addressees(followed=1),
        "moderation.recall=0",
    )
    following = {
        this["seq"]: then
        for deeds in by_person(population, rows).values()
        for this, then in pairwise(deeds)
    }
    newest: dict[tuple[int, int], int] = {}
    chances = reports = 0
    for row in rows:
        if row["action"] == Action.SEND_MESSAGE and row["verdict"] != Verdict.REFUSED:
            newest[row["target"], row["actor"]] = labels(population, row)[0]
        elif row["action"] == Action.PRIVATE_REPLY:
            newest[row["target"], row["actor"]] = 0
        elif row["action"] == Action.READ_THREAD and row["seq"] in following:
            then = following[row["seq"]]
            reported = then["action"] in REPORTS
            if reported:
                assert then["target"] == row["target"]
            if newest.get((row["actor"], row["target"])):
                chances, reports = chances + 1, reports + reported
    # After one step in twenty, the session is over.
    assert_share(reports, chances, 0.5 * (1 - 1 / 20))
    paths = Counter((row["action"], row["via"]) for row in of(rows, *REPORTS))
    assert {via for action, via in paths if action == Action.REPORT_MESSAGE} == {Via.LONG_PRESS}
    assert {via for action, via in paths if action == Action.REPORT_CONVERSATION} >= {
        Via.BANNER, Via.CHAT, Via.MORE_OPTIONS, Via.SWIPE, Via.LONG_PRESS
    }  # fmt: skip


def test_who_is_refused_by_a_setting_may_try_another_way() -> None:
    friends = "{everyone=0, suggested=0, friends=1, no_one=0}"
    told = [
        *BUSY,
        f"population.settings.adults={friends}",
        f"population.settings.teens={friends}",
        *addressees(followed=0.5, strangers=0.5),
    ]
    _, rows = lived(*told, *everybody(new_conversation=0.5, try_again=0))
    assert sum(row["reason"] == Reason.SETTING for row in rows) > 100
    assert not of(rows, Action.FOLLOW, Action.SHARE_CONTENT)
    population, rows = lived(*told, *everybody(new_conversation=0.5, try_again=1))
    ways: Counter[int] = Counter()
    for deeds in by_person(population, rows).values():
        for this, then in pairwise(deeds):
            refused = this["action"] == Action.SEND_MESSAGE and this["reason"] == Reason.SETTING
            if refused and then["action"] != Action.OPEN_INBOX:
                assert then["action"] in (Action.FOLLOW, Action.SHARE_CONTENT)
                assert then["target"] == this["target"]
                ways[then["action"]] += 1
    assert set(ways) == {Action.FOLLOW, Action.SHARE_CONTENT}
    assert min(ways.values()) > 20


def punished(policy: list[str], *overrides: str) -> tuple[Population, list[Row]]:
    """Many violations, each of which is found at once and brings the one penalty that there is."""
    ladder = ["dm_ban_from=0", "view_only_from=0", "ban_from=0", "zero_tolerance_bans=false"]
    return lived(
        *BUSY,
        *everybody(new_conversation=0.3, share_content=0.1, reply=0.5, violation=0.1),
        *[f"policy.{rung}" for rung in [*ladder, *policy]],
        "moderation.recall=1",
        "moderation.precision=1",
        *overrides,
    )


def test_who_is_banned_from_messages_sends_none_until_the_ban_is_over() -> None:
    population, rows = punished(
        ["dm_ban_from=1", "dm_ban_hours_least=1", "dm_ban_hours_most=1"], "time.record=4h"
    )
    until: dict[int, int] = {}
    told: dict[int, int] = {}
    again = set()
    for row in rows:
        actor, at = row["actor"], row["at"]
        if row["action"] == Action.MODERATE:
            person = row["target"]
            ended = until.get(person, 0) <= at
            until[person] = row["until"] if ended else max(until[person], row["until"])
            if ended:
                told.pop(person, None)
        elif row["action"] in WRITTEN and actor < population.persons:
            if until.get(actor, 0) > at:
                assert row["reason"] == Reason.SENDER_SANCTIONED
                # Once is enough to know.
                assert actor not in told
                told[actor] = at
            elif actor in until:
                assert row["reason"] != Reason.SENDER_SANCTIONED
                again.add(actor)
    assert len(told) > 20
    assert len(again) > 20


def test_who_is_restricted_to_viewing_only_watches() -> None:
    population, rows = punished(["view_only_from=1"], *everybody(videos=1, new_conversation=0.1))
    restricted = set()
    done: Counter[int] = Counter()
    refused: Counter[int] = Counter()
    for row in rows:
        if row["action"] == Action.MODERATE:
            restricted.add(row["target"])
        elif row["actor"] in restricted and row["actor"] < population.persons:
            if row["reason"] == Reason.SENDER_SANCTIONED:
                refused[row["action"]] += 1
            else:
                done[row["action"]] += 1
    assert set(done) == {Action.WATCH_VIDEO}
    assert done.total() > 200
    assert refused[Action.OPEN_INBOX] > 20
    assert refused[Action.SEARCH_CONTENT] > 20
    # Mostly there is nothing else to be tried.
    assert done.total() > refused.total()


def test_a_banned_account_does_nothing_after_the_first_refusal() -> None:
    population, rows = punished(["ban_from=1"], *everybody(comments_per_week=100))
    banned, gone = set(), set()
    for row in rows:
        if row["action"] == Action.MODERATE:
            banned.add(row["target"])
        elif row["actor"] in banned and row["actor"] < population.persons:
            assert row["actor"] not in gone
            assert row["reason"] == Reason.SENDER_SANCTIONED
            gone.add(row["actor"])
    assert len(gone) > 50


def test_who_has_no_account_registers_and_then_lives_like_others() -> None:
    told = [*BUSY, "population.registered=0.5", "population.second_accounts=0"]
    population, rows = lived(
        *told, *everybody(register=0.3, new_conversation=0.4, videos=1, sessions_per_week=200)
    )
    members = population.registered.copy()
    visits = joined = 0
    after: Counter[int] = Counter()
    for row in rows:
        person = row["actor"]
        if person >= population.persons:
            continue
        if population.registered[person]:
            assert row["action"] != Action.REGISTER
        elif members[person]:
            after[row["action"]] += 1
        else:
            visits += 1
            if row["action"] == Action.REGISTER:
                assert (row["verdict"], row["via"]) == (Verdict.DONE, Via.SIGN_UP)
                members[person] = True
                joined += 1
            elif row["action"] == Action.SEND_MESSAGE:
                assert row["reason"] == Reason.NOT_REGISTERED
            else:
                assert row["action"] in (Action.WATCH_VIDEO, Action.SEARCH_CONTENT)
    # Who wants to write to or watch oneself does nothing after all.
    assert_share(joined, visits, 0.3)
    assert after[Action.OPEN_INBOX] > 50
    assert after[Action.SEND_MESSAGE] > 50
    assert after[Action.READ_THREAD] > 20


def test_who_does_not_register_stays_outside() -> None:
    _, rows = lived(*BUSY, "population.registered=0", *everybody(new_conversation=0.4, videos=1))
    assert {row["reason"] for row in of(rows, Action.SEND_MESSAGE)} == {Reason.NOT_REGISTERED}
    assert {row["action"] for row in rows} <= {Action.SEND_MESSAGE, Action.WATCH_VIDEO,
                                               Action.SEARCH_CONTENT}  # fmt: skip


def test_a_banned_device_is_no_way_back() -> None:
    population, rows = punished(
        ["zero_tolerance_bans=true"],
        *everybody(register=1, sessions_per_week=200),
        "behaviour.severities={minor=0, severe=0, zero_tolerance=1}",
        "population.registered=0.5",
        "population.second_accounts=1",
    )
    banned = set()
    refused = 0
    for row in rows:
        if row["action"] == Action.MODERATE:
            banned.add(int(population.device[row["target"]]))
        elif row["action"] == Action.REGISTER:
            stopped = int(population.device[row["actor"]]) in banned
            assert (row["reason"] == Reason.DEVICE_BANNED) == stopped
            refused += stopped
    assert refused > 10


def test_those_under_age_watch() -> None:
    population, rows = lived(
        *BUSY,
        "population.ages={under_16=0.5, teens=0, adults=0.5}",
        *everybody(new_conversation=0.3, videos=1),
    )
    seen: Counter[tuple[int, int]] = Counter()
    for row in rows:
        if row["actor"] < population.persons and population.age[row["actor"]] < 16:
            seen[row["action"], row["reason"]] += 1
    assert {action for action, _ in seen} == {
        Action.OPEN_INBOX, Action.WATCH_VIDEO, Action.SEARCH_CONTENT, Action.SEND_MESSAGE,
    }  # fmt: skip
    for action in (Action.OPEN_INBOX, Action.SEND_MESSAGE):
        assert {reason for what, reason in seen if what == action} == {Reason.UNDER_AGE}
    watched = sum(seen[Action.WATCH_VIDEO, reason] for reason in Reason)
    assert watched > 100
    assert watched > seen.total() / 3


def test_switched_off_notifications_bring_nobody_but_messages_arrive() -> None:
    told = [*BUSY, *everybody(new_conversation=0.4, sessions_per_week=20), *addressees(followed=1)]
    opened, delivered = {}, {}
    for name, changes in {
        "alone": ["behaviour.notified_visit=0"],
        "called": ["behaviour.notified_visit=1"],
        "off": ["behaviour.notified_visit=1", "population.changed_defaults=1"],
    }.items():
        population, rows = lived(*told, *changes)
        opened[name] = len(of(rows, Action.OPEN_INBOX))
        sent = messages(population, rows)
        delivered[name] = sum(row["verdict"] == Verdict.INBOX for row in sent)
    assert opened["called"] > 2 * opened["alone"]
    assert opened["off"] == opened["alone"]
    assert delivered["off"] == delivered["alone"] > 50
