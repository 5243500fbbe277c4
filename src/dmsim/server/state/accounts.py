"""What the backend knows of one account, of a video, of a report."""

from dataclasses import dataclass

from dmsim.rules.facts import Policy
from dmsim.vocabulary import Action, Region, Setting, Standing, Violation

#: Microseconds.
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

#: The end of a penalty that has none.
NO_END = -1


@dataclass(slots=True)
class Account:
    """A person, a brand or the staff: whatever decisions ask of it.

    Times are microseconds of the backend's clock. ``device`` is the account whose device this one
    uses; ``active`` when it opened the inbox last, None if it never did.
    """

    id: int
    kind: int
    age: int
    registered: bool
    region: int = Region.WITH_STICKERS
    device: int = -1
    joined: int = 0
    everyone_offered: bool = True
    name: str = ""
    setting: int = Setting.EVERYONE
    read_status: bool = True
    filter_requests: bool = True
    allow_business: bool = False
    notifications: bool = True
    family_restricted: bool = False
    standing: int = Standing.GOOD
    until: int = NO_END
    violations: int = 0
    worst: int = Violation.NONE
    reports: int = 0
    last_report: int = 0
    open_reports: int = 0
    active: int | None = None

    def recent_reports(self, now: int, policy: Policy) -> int:
        """How often the account was reported of late (Q17)."""
        of_late = now - self.last_report <= policy.unsafe_report_days * DAY
        return self.reports if of_late else 0

    def report(self, now: int, policy: Policy) -> None:
        """Count one more report, which waits for a decision (R8, R76)."""
        self.reports = self.recent_reports(now, policy) + 1
        self.last_report = now
        self.open_reports += 1


@dataclass(slots=True)
class Video:
    """A video, which only its author makes private (R31)."""

    id: int
    author: int
    private: bool


@dataclass(slots=True)
class Report:
    """A report as the staff find it; ``about`` is the message or video, -1 for none."""

    id: int
    reporter: int
    accused: int
    action: Action
    about: int
    at: int
    open: bool = True


@dataclass(slots=True)
class Access:
    """An entry of the audit log: which staff read whose messages, when, for which reports (R99).

    ``reports`` are ids; reports from before provisioning have none.
    """

    id: int
    staff: int
    account: int
    at: int
    reports: list[int]
