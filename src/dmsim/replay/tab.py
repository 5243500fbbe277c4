"""A tab in Locust's web interface: verdicts, mismatches, order, lateness and validity, live.

It rides on Locust's own means of extension: a table whose rows travel with the statistics that the
page asks for anyway, so it looks like the page, and a login guards it as it guards the statistics.
"""

from typing import Any

import gevent
import msgspec
from flask import Response, request

from dmsim.replay.live import LiveCounts, Snapshot
from dmsim.replay.result import ReplaySummary
from dmsim.replay.user import ReplayUser

KEY = "verdicts"
TITLE = "Verdicts"

#: Where the page gets its statistics from.
_STATISTICS = "/stats/requests"

_LOOK_S = 1.0

_COLUMNS = {
    "what": "",
    "says": "",
    "finished": "Finished",
    "matches": "Matches",
    "mismatches": "Mismatches",
    "unordered": "Unordered",
    "unjudged": "Unjudged",
    "unsent": "Not sent",
    "errors": "Errors",
    "response": "Response p99 (ms)",
    "lateness": "Lateness p99 (ms)",
}

Row = dict[str, str | int]


def add_tab(web_ui: Any) -> None:
    """Put the tab beside Locust's own."""
    structure = [{"key": key, "title": title} for key, title in _COLUMNS.items()]
    web_ui.template_args["extended_tabs"] = [{"title": TITLE, "key": KEY}]
    web_ui.template_args["extended_tables"] = [{"key": KEY, "structure": structure}]
    web_ui.app.after_request(_with_rows)
    # Little and often: a first look after a million actions would hold up the next ones.
    gevent.spawn(_look_on)


def _look_on() -> None:
    while True:
        gevent.sleep(_LOOK_S)
        ReplayUser.snapshot()


def _with_rows(response: Response) -> Response:
    if request.path.endswith(_STATISTICS) and response.is_json and response.status_code == 200:
        told = {**response.get_json(), "extended_stats": [{"key": KEY, "data": rows()}]}
        response.set_data(msgspec.json.encode(told))
    return response


def rows() -> list[Row]:
    """The table as it stands."""
    snapshot = ReplayUser.snapshot()
    if ReplayUser.failure is not None:
        return [_row("Run", f"failed: {ReplayUser.failure}")]
    if ReplayUser.result is not None:
        return _of_result(ReplayUser.result.summary, snapshot)
    if snapshot is None:
        going = "reading the trace and filling the backend" if ReplayUser.busy() else "not started"
        return [_row("Run", going)]
    done = snapshot.counts.finished / max(snapshot.actions, 1)
    state = f"replaying, {done:.0%} of {snapshot.actions:,} actions"
    return [
        _row("Run", state + _shared(snapshot)),
        *_validity(snapshot.invalid_because, _so_far(snapshot)),
        *_of_snapshot(snapshot),
    ]


def _of_result(summary: ReplaySummary, snapshot: Snapshot | None) -> list[Row]:
    """The judgement that counts: the one over all rows."""
    told = [_row("Run", "finished"), *_validity(summary.invalid_because, "valid")]
    late = _ms(summary.lateness_ms.p99)
    told.append(_counts("All actions", summary, _ms(summary.response_ms.p99), late))
    # Before the kinds of action, of which there are more than fit on a screen.
    told += _mismatches(snapshot.mismatches if snapshot else [])
    return told + [
        _counts(action, of_kind, _ms(of_kind.response_ms.p99), _ms(of_kind.lateness_ms.p99))
        for action, of_kind in sorted(summary.by_action.items(), key=lambda item: -item[1].sent)
    ]


def _of_snapshot(snapshot: Snapshot) -> list[Row]:
    response, late = _ms(snapshot.response_ms.p99), _ms(snapshot.lateness_ms.p99)
    told = [_counts("All actions", snapshot.counts, response, late)]
    told += _mismatches(snapshot.mismatches)
    return told + [
        _counts(action, counts, _ms(snapshot.response_p99_ms_by_action.get(action)), "")
        for action, counts in snapshot.by_action.items()
    ]


def _so_far(snapshot: Snapshot) -> str:
    late = _ms(snapshot.lateness_ms.p99) or "-"
    return f"valid so far; lateness p99 {late} ms of {snapshot.lateness_budget_ms:g} ms"


def _validity(reasons: list[str], told: str) -> list[Row]:
    if not reasons:
        return [_row("Validity", f"✓ {told}")]
    return [_row("Validity", f"✗ INVALID: {reason}") for reason in reasons]


def _mismatches(lines: list[str]) -> list[Row]:
    return [_row("Mismatch", line) for line in lines]


def _counts(what: str, counts: LiveCounts | Any, response: str, lateness: str) -> Row:
    unsent = counts.dropped + counts.skipped + counts.unsupported + counts.left_out
    judged = counts.matches + counts.mismatches + counts.unordered + counts.unjudged
    return {
        "what": what,
        "says": "",
        "finished": judged + unsent + counts.errors,
        "matches": counts.matches,
        "mismatches": counts.mismatches,
        "unordered": counts.unordered,
        "unjudged": counts.unjudged,
        "unsent": unsent,
        "errors": counts.errors,
        "response": response,
        "lateness": lateness,
    }


def _shared(snapshot: Snapshot) -> str:
    return f", {snapshot.workers} workers" if snapshot.workers > 1 else ""


def _row(what: str, says: str) -> Row:
    return {**dict.fromkeys(_COLUMNS, ""), "what": what, "says": says}


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
