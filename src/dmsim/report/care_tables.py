"""The measures of the care teams as tables of words, for a terminal and for the page."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dmsim.report.care import CareMeasures, CaseMeasures, StaffMeasures
from dmsim.report.units import NOTHING, count, span

_WAITS = ("to public", "to private", "in thread", "to settled")
_ENDINGS = ("resolved", "handed off", "expired", "silent", "abandoned", "dismissed", "open")
_STAFF = ("scheduled", "present", "occupancy")
_AGES = ("waiting", "> 1 h", "> 4 h", "> 24 h")


class Table(NamedTuple):
    """A title with words on how to read it, the names of the columns, and rows as long."""

    title: str
    note: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def care_tables(care: CareMeasures) -> list[Table]:
    """Waits and shares per brand and per kind, endings per brand, the staff per team."""
    brands = {**care.by_brand, "all": care.total}
    kinds = {**care.by_kind, "all": care.total}
    return [
        waits_table(care, "brand", brands),
        waits_table(care, "kind", kinds),
        _endings_table(brands),
        _staff_table({**care.by_team, "all": care.staff}),
    ]


def waits_table(care: CareMeasures, what: str, groups: Mapping[str, CaseMeasures]) -> Table:
    """How long the steps of the cases took, and how many cases were answered."""
    clock = care.answered_by.replace("_", " ")
    target = span(care.target_s)
    note = (
        "Simulated time, median and p90: from a comment to its public reply, from there to the "
        "private reply, from the customer's return to the first answer in the thread, and until a "
        f"case was settled. Shares are of the cases that were {target} old or older at the end, "
        f"by their {clock}, and of those in time also by the other reply."
    )
    waits = (name for wait in _WAITS for name in (wait, "p90"))
    by_public = care.answered_by == "public_reply"
    other = f"{target} private" if by_public else f"{target} public"
    head = (what, "cases", *waits, "answered", f"in {target}", other)
    rows = [_waits_row(care, name, cases) for name, cases in groups.items()]
    return Table(f"Care by {what}", note, head, rows)


def _waits_row(care: CareMeasures, name: str, cases: CaseMeasures) -> list[str]:
    own = care.answers(cases)
    other = cases.by_private_reply if own is cases.by_public_reply else cases.by_public_reply
    waits = (cases.public, cases.private, cases.thread, cases.resolution)
    return [
        name,
        count(cases.cases),
        *(span(value) for wait in waits for value in (wait.median_s, wait.p90_s)),
        per_cent(own.answered_share),
        per_cent(own.in_time_share),
        per_cent(other.in_time_share),
    ]


def _endings_table(brands: Mapping[str, CaseMeasures]) -> Table:
    note = (
        "How the cases that were written in the recorded window stand at its end. Expired: a "
        "window of the platform closed before the brand had answered; silent: the customer never "
        "came back, or left without a word; abandoned: he was seen to leave before "
        "he was answered, or can be written to no more; dismissed: spam; "
        "open: not ended yet, mostly because the customer has time to come back; "
        "escalated, whatever the ending: he turned to the public."
    )
    rows = [
        [
            name,
            *(count(cases.endings[ending.replace(" ", "_")]) for ending in _ENDINGS),
            count(cases.escalated),
        ]
        for name, cases in brands.items()
    ]
    return Table("Endings of cases", note, ("brand", *_ENDINGS, "escalated"), rows)


def _staff_table(teams: Mapping[str, StaffMeasures]) -> Table:
    note = (
        "Agents' hours that the roster schedules and that were worked, the share of these spent "
        "handling, and what waits, by age: the mean of the full hours, then the end."
    )
    at_end = [f"{age} at end" for age in _AGES]
    rows = [_staff_row(name, staff) for name, staff in teams.items()]
    return Table("Care staff", note, ("team", *_STAFF, *_AGES, *at_end), rows)


def _staff_row(name: str, staff: StaffMeasures) -> list[str]:
    mean, end = staff.backlog_mean, staff.backlog_end
    return [
        name,
        f"{count(staff.scheduled)} h",
        f"{count(staff.present)} h",
        per_cent(staff.occupancy),
        *(f"{age:.1f}" for age in (mean.all, mean.older_than_1h, mean.older_than_4h)),
        f"{mean.older_than_24h:.1f}",
        *map(count, (end.all, end.older_than_1h, end.older_than_4h, end.older_than_24h)),
    ]


def per_cent(share: float | None) -> str:
    """A share in per cent, a dash of nothing; only everything reads 100 %."""
    if share is None:
        return NOTHING
    return f"{min(100 * share, 99.9) if share < 1 else 100 * share:.1f} %"
