"""Hand-made traces and results of replays, for tests of what reads them."""

from pathlib import Path
from typing import Any

import polars as pl
from msgspec import structs

from dmsim.replay.result import (
    ActionSummary,
    ListeningSummary,
    Mismatch,
    Percentiles,
    ReplaySummary,
    Second,
    VerdictSummary,
)
from dmsim.replay.settings import replay_settings
from dmsim.scenario import default_policy
from dmsim.trace.digest import combine, digest_of
from dmsim.trace.manifest import Manifest
from dmsim.trace.reader import Trace
from dmsim.trace.schema import (
    ACCOUNTS,
    ACTIONS,
    CASES,
    INITIAL,
    RESULTS,
    STAFF,
    STANDINGS,
    TEXTS,
)
from dmsim.trace.writer import ActionWriter, new_trace, write_manifest, write_table

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
FRIDAY_14 = (4 * 24 + 14) * 60 * MINUTE_US


def percentiles(scale: float = 1.0) -> Percentiles:
    """Percentiles of a well-behaved backend, times ``scale``."""
    values = {"p50": 2.1, "p90": 4.8, "p95": 6.3, "p99": 18.4, "max": 61.0}
    return Percentiles(**{key: value * scale for key, value in values.items()})


NO_SAMPLES = Percentiles(p50=None, p90=None, p95=None, p99=None, max=None)


def tally(sent: int = 0, mismatches: int = 0, **others: int) -> dict[str, int]:
    """The counts of a replay in which everything but ``mismatches`` matched."""
    keys = ("unordered", "unjudged", "unsupported", "dropped", "skipped", "errors")
    rest = {key: others.get(key, 0) for key in keys}
    return {"sent": sent, "matches": sent - mismatches, "mismatches": mismatches, **rest}


def action_summary(sent: int, mismatches: int = 0) -> ActionSummary:
    """One action's part of a summary."""
    return ActionSummary(
        **tally(sent, mismatches),
        response_ms=percentiles(),
        service_ms=percentiles(0.6),
        lateness_ms=percentiles(0.05),
        blocked_ms=percentiles(0.3),
    )


def mismatch(number: int = 0, **changes: Any) -> Mismatch:
    """A blocked sender whose message arrived all the same."""
    values: dict[str, Any] = {
        "seq": 17 + number,
        "cell": 0,
        "row": 16 + number,
        "at_us": FRIDAY_14 + 12 * MINUTE_US + number * SECOND_US,
        "action": "send_message",
        "actor": 3,
        "target": 1204,
        "expected": "refused",
        "expected_reason": "blocked",
        "got": "inbox",
        "got_reason": "none",
        "status": 201,
    }
    return Mismatch(**(values | changes))


def listening(**changes: Any) -> ListeningSummary:
    """Held connections that heard everything."""
    names = [field.name for field in structs.fields(ListeningSummary) if field.type is int]
    values: dict[str, Any] = {
        **dict.fromkeys(names, 0),
        "sessions": 50,
        "opened": 48,
        "refused": 2,
        "troubles": {"status 401": 2},
        "most_at_once": 31,
        "expected": 40,
        "seen": 40,
        "worst_leaks": [],
        "opening_ms": percentiles(),
        "arrival_ms": percentiles(),
        "arrival_from_intended_ms": percentiles(2),
    }
    return ListeningSummary(**(values | changes))


def summary(**changes: Any) -> ReplaySummary:
    """A valid replay without mismatch."""
    values: dict[str, Any] = {
        **tally(5200),
        "trace": "reports/quickstart-1/trace",
        "digest": "5c0ffee5c0ffee5c0ffee5c0ffee5c0f",
        "actions": 5200,
        "actions_per_second": 173.2,
        "seconds": {"simulate": 2.4, "provision": 0.7, "replay": 30.1},
        "valid": True,
        "invalid_because": [],
        "response_ms": percentiles(),
        "service_ms": percentiles(0.6),
        "lateness_ms": percentiles(0.05),
        "blocked_ms": percentiles(0.3),
        "by_action": {"send_message": action_summary(3100), "open_inbox": action_summary(2100)},
        "by_verdict": {
            "send_message": {
                "inbox": VerdictSummary(expected=2500, matches=2500, mismatches=0),
                "requests": VerdictSummary(expected=400, matches=400, mismatches=0),
                "refused": VerdictSummary(expected=200, matches=200, mismatches=0),
            },
            "open_inbox": {"done": VerdictSummary(expected=2100, matches=2100, mismatches=0)},
        },
        "worst_mismatches": [],
        "error_kinds": {},
        "over_time": [second(number) for number in range(30)],
        "speed": 120.0,
        "host": "http://127.0.0.1:41234",
        "adapter": "reference",
        "worst_origins": [],
        "limits": replay_settings({}),
    }
    return ReplaySummary(**(values | changes))


def wrong_summary(mismatches: list[Mismatch], **changes: Any) -> ReplaySummary:
    """A replay whose backend let blocked senders through."""
    number = len(mismatches)
    return summary(
        **tally(5200, number),
        by_verdict={
            "send_message": {
                "refused": VerdictSummary(expected=200, matches=200 - number, mismatches=number)
            }
        },
        worst_mismatches=mismatches,
        **changes,
    )


def second(number: int) -> Second:
    """One second, slower around the twelfth, without an answer in the twentieth."""
    slow = 1 + 30 / (1 + (number - 12) ** 2)
    answered = number != 20
    return Second(
        second=number,
        sent=170,
        done=170 if answered else 0,
        response_p50_ms=2.0 * slow if answered else None,
        response_p99_ms=9.0 * slow**1.3 if answered else None,
        service_p50_ms=1.8 * slow if answered else None,
        service_p99_ms=8.0 * slow if answered else None,
        lateness_p50_ms=0.05 if answered else None,
        lateness_p99_ms=0.2 if answered else None,
        blocked_p50_ms=0.0 if answered else None,
        blocked_p99_ms=slow if answered else None,
        mismatches=0,
        errors=0,
    )


def write_trace(
    folder: Path,
    actions: list[dict[str, Any]],
    *,
    minutes: int = 60,
    brands: tuple[str, ...] = ("Beauty",),
    name: str = "quickstart",
    standings: list[dict[str, Any]] | None = None,
    cases: list[dict[str, Any]] | None = None,
    staff: list[dict[str, Any]] | None = None,
    answered_by: str = "public_reply",
    scenario: dict[str, Any] | None = None,
    texts: list[dict[str, Any]] | None = None,
) -> Trace:
    """Write a trace of given actions; keys that an action leaves out are filled in.

    Accounts 0 to 9 are persons, brands follow; ``standings`` are those with a record,
    ``cases`` and ``staff`` rows of :func:`care_case` and :func:`staff_hour`; ``answered_by`` is
    the scenario's ``care.answered_by``; a ``scenario`` takes the place of the little one that is
    made of these; ``texts`` are those of the bank, with ids from 0.
    """
    care = {"teams": {}, "answered_by": answered_by, "answered_within": "24h"}
    tables = {
        ACCOUNTS: _accounts(brands),
        STANDINGS: pl.DataFrame([_standing(row) for row in standings or []], STANDINGS.schema),
        CASES: pl.DataFrame(cases or [], CASES.schema),
        STAFF: pl.DataFrame(staff or [], STAFF.schema),
        TEXTS: text_bank(texts or []),
    }
    rows = [_row(number, action) for number, action in enumerate(actions)]
    with new_trace(folder) as partial:
        digests = []
        for table in (*INITIAL, *RESULTS, TEXTS):
            frame = tables.get(table, table.schema.to_frame())
            write_table(partial, table, frame)
            digests.append(digest_of(frame))
        writer = ActionWriter(partial, 0)
        writer.write(pl.DataFrame(rows, schema=ACTIONS.schema))
        manifest = Manifest(
            dmsim_version="0.1.0",
            scenario=scenario or {"name": name, "description": "for tests", "care": care},
            policy=default_policy()._asdict(),
            seed=1,
            cells=1,
            from_us=FRIDAY_14,
            until_us=FRIDAY_14 + minutes * MINUTE_US,
            actions=len(rows),
            counts={table.path: frame.height for table, frame in tables.items()},
            by_action=writer.by_action,
            digest=combine([*digests, writer.digest()]),
        )
        write_manifest(partial, manifest)
    return Trace.open(folder)


def text_bank(texts: list[dict[str, Any]]) -> pl.DataFrame:
    """A bank of lawful English texts with ids from 0, further changed."""
    usual = {"locale": "en", "violation": "none", "detected": False, "personal": False}
    rows = [usual | {"id": number, "topic": None} | text for number, text in enumerate(texts)]
    return pl.DataFrame(rows, TEXTS.schema)


def comment(minute: float, number: int, page: int = 10) -> dict[str, Any]:
    """A comment on a page."""
    return {"at": _at(minute), "action": "comment", "target": page, "uses": 1, "binds": number}


def reply(kind: str, minute: float, number: int, page: int = 10) -> dict[str, Any]:
    """A page's ``public_reply`` or ``private_reply`` to a comment."""
    return {"at": _at(minute), "action": kind, "actor": page, "target": 0, "uses": number}


def care_case(number: int, **changes: Any) -> dict[str, Any]:
    """A question to page 10 that nobody answered yet; moments are minutes of the window."""
    times = dict.fromkeys(("public", "private", "returned", "answered", "ended")) | {"written": 0}
    nothing: dict[str, Any] = {
        "case": number,
        "team": "care",
        "page": 10,
        "person": 0,
        "comment": number,
        "topic": "question",
        "locale": "en",
        "complex": False,
        "personal": False,
        "ending": "open",
        "escalated": False,
        "turns": 0,
    }
    row: dict[str, Any] = times | nothing | changes
    return row | {name: _at(row[name]) for name in times if row[name] is not None}


def staff_hour(
    team: str, hour: int, *, scheduled: float = 0, present: float = 0, busy: float = 0, **ages: int
) -> dict[str, Any]:
    """An hour of a team; times in agents' hours."""
    nothing = dict.fromkeys(("backlog", "older_than_1h", "older_than_4h", "older_than_24h"), 0)
    hours = {"scheduled": scheduled, "present": present, "busy": busy}
    times = {name: round(worked * 60 * MINUTE_US) for name, worked in hours.items()}
    return {"team": team, "at": _at(60 * hour), **times, **nothing, **ages}


def report(minute: float, accused: int, kind: str = "report_message") -> dict[str, Any]:
    """A report against an account."""
    return {"at": _at(minute), "action": kind, "target": accused}


def decision(
    minute: float, accused: int, violation: str, via: str = "moderation"
) -> dict[str, Any]:
    """A moderator's decision, which closes a report, or an automatic one, which does not."""
    return {
        "at": _at(minute),
        "action": "moderate",
        "target": accused,
        "violation": violation,
        "switch": via == "moderation",
        "via": via,
    }


def _at(minute: float) -> int:
    return FRIDAY_14 + round(minute * MINUTE_US)


def _row(number: int, action: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "seq": number,
        "at": FRIDAY_14,
        "actor": 0,
        "action": "open_inbox",
        "via": "inbox",
        "platform": "ios",
        "verdict": "done",
        "reason": "none",
        "after": [],
    }
    return dict.fromkeys(ACTIONS.columns) | defaults | action


def _standing(changes: dict[str, Any]) -> dict[str, Any]:
    """The record of an account with nothing on it, changed."""
    nothing: dict[str, Any] = {
        "standing": "good",
        "until": -1,
        "violations": 0,
        "worst": "none",
        "reports": 0,
        "last_report": -1,
        "open_reports": 0,
        "device_banned": False,
    }
    return nothing | changes


def _accounts(brands: tuple[str, ...]) -> pl.DataFrame:
    names = [*(f"Person {number}" for number in range(10)), *brands]
    kinds = ["person"] * 10 + ["brand"] * len(brands)
    columns = {
        "id": range(len(names)),
        "kind": kinds,
        "name": names,
        "age": [30 if kind == "person" else 0 for kind in kinds],
        "registered": True,
        "locale": "en",
        "platform": "web",
        "archetype": "ordinary",
        "region": "with_stickers",
        "device": range(len(names)),
        "joined": -1,
        "everyone_offered": True,
        "utc_offset": 0,
    }
    return pl.DataFrame(columns).cast(ACCOUNTS.schema)
