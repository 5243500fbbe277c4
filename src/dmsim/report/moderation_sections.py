"""The sections on moderation: what it kept away, what it decided, what it left waiting."""

from html import escape

from dmsim.report.moderation import Backlog, Moderation, Penalties
from dmsim.report.parts import bars_over_time, section, table, tile, tiles
from dmsim.report.units import count, span

#: How the violations that were found are named in a legend.
_NOTHING_FOUND = "none found"


def moderation_sections(data: Moderation) -> str:
    """Everything about moderation; nothing where it had nothing to do."""
    return "\n".join([_kept(data), _penalties(data), _backlog(data)])


def _kept(data: Moderation) -> str:
    totals = {name: sum(counts) for name, counts in data.kept.items()}
    if not any(totals.values()):
        return ""
    note = (
        "Messages from unsafe sources that went to the filtered requests "
        f"({count(totals['filtered'])}), and messages that automatic moderation removed "
        f"({count(totals['removed'])})."
    )
    chart = bars_over_time(
        data.bins, data.kept, "messages per {}", "Filtered and removed messages over simulated time"
    )
    return section("Filtered and removed", note, chart)


def _penalties(data: Moderation) -> str:
    penalties = data.penalties
    if not penalties.decisions:
        return ""
    note = "Decisions by the violation they found, and the penalties that the ladder gave for them."
    found = {
        _NOTHING_FOUND if name == "none" else name: counts
        for name, counts in penalties.found.items()
    }
    chart = bars_over_time(
        data.bins, found, "decisions per {}", "Decisions over simulated time by the violation found"
    )
    return section("Penalties", note, chart + _ladder(penalties))


def _ladder(penalties: Penalties) -> str:
    rows = [
        f"<tr><th>{escape(name)}</th><td>{count(machine)}</td><td>{count(people)}</td>"
        f"<td>{count(machine + people)}</td></tr>"
        for name, (machine, people) in penalties.given.items()
    ]
    return table(("penalty", "automatic", "by moderators", "all"), rows)


def _backlog(data: Moderation) -> str:
    backlog = data.backlog
    if not (backlog.before or backlog.reports):
        return ""
    note = (
        "Reports that wait for a moderator's decision at the end of each interval. Times are "
        "simulated, from a report to the decision that closes it; reports made before the "
        "recording began are no sample."
    )
    chart = bars_over_time(
        data.bins,
        {"waiting": backlog.waiting},
        "reports waiting at the end of each {}",
        "Reports waiting for a decision over simulated time",
    )
    return section("Moderation backlog", note, _backlog_tiles(backlog) + chart)


def _backlog_tiles(backlog: Backlog) -> str:
    return tiles(
        [
            tile(count(backlog.reports), "reports made"),
            tile(count(backlog.decided), "reports decided"),
            tile(count(max(backlog.waiting)), "waiting, at most"),
            tile(count(backlog.waiting[-1]), "waiting at the end"),
            tile(span(backlog.median), "to the decision, median"),
            tile(span(backlog.p95), "to the decision, p95"),
        ]
    )
