"""What users who were online were told over held connections."""

from html import escape

from dmsim.replay.result import ListeningSummary, Percentiles, ReplaySummary
from dmsim.replay.words import told_expected
from dmsim.report.parts import section, table
from dmsim.report.units import count, milliseconds


def listening_section(result: ReplaySummary) -> str:
    """The held connections of a replay; nothing where nobody was to listen."""
    listening = result.listening
    if listening is None:
        return ""
    note = (
        "Users listen from the first to the last action of a session. A message is expected where "
        "its recipient listened when it was sent and it was answered as delivered; it is missed "
        "where the recipient listened for a second more. Milliseconds; from intended = from the "
        "moment the message was to be sent."
    )
    parts = (_connections(listening), _messages(listening), _times(listening), _leaks(listening))
    return section("Held connections", note, "".join(parts))


def _connections(listening: ListeningSummary) -> str:
    names = ("sessions", "opened", "refused", "unopened", "dropped", "broken", "most_at_once")
    why = ", ".join(f"{escape(why)}: {count(n)}" for why, n in listening.troubles.items())
    return _counts(listening, names) + (f'<p class="note">Why: {why}.</p>' if why else "")


def _messages(listening: ListeningSummary) -> str:
    names = ("expected", "seen", "never_seen", "unknown", "unidentified")
    return _counts(listening, (*names, "leaked", "unexplained", "garbled"))


def _counts(listening: ListeningSummary, names: tuple[str, ...]) -> str:
    cells = "".join(f"<td>{count(getattr(listening, name))}</td>" for name in names)
    return table(tuple(name.replace("_", " ") for name in names), [f"<tr>{cells}</tr>"])


def _times(listening: ListeningSummary) -> str:
    rows = (
        ("opening", listening.opening_ms),
        ("arrival", listening.arrival_ms),
        ("arrival, from intended", listening.arrival_from_intended_ms),
    )
    head = ("", "p50", "p90", "p95", "p99", "max")
    return table(head, [_time_row(name, percentiles) for name, percentiles in rows])


def _time_row(name: str, ms: Percentiles) -> str:
    times = map(milliseconds, (ms.p50, ms.p90, ms.p95, ms.p99, ms.max))
    return f"<tr><th>{name}</th>{''.join(f'<td>{cell}</td>' for cell in times)}</tr>"


def _leaks(listening: ListeningSummary) -> str:
    if not listening.leaked:
        return ""
    head = ("leaked", "expected", "cell", "row", "seq", "actor", "target")
    rows = [
        f"<tr><th>{escape(leak.action)}</th><td>{escape(told_expected(leak))}</td>"
        + "".join(f"<td>{n}</td>" for n in (leak.cell, leak.row, leak.seq, leak.actor, leak.target))
        + "</tr>"
        for leak in listening.worst_leaks
    ]
    return table(head, rows)
