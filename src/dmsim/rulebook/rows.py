"""What a row of a table asks and demands: the kinds of rows, and how the rules answer each.

====================  =============================================================================
``[[row]]``           an action and its facts; the verdict and the reason
``[[ladder]]``        a violation and the record before it; the penalty (R78-R84)
``[[standing_now]]``  a penalty with its end, and the time; what stands (R84)
``[[unsafe]]``        what an account is like; whether its messages come from an unsafe source (R54)
``[[thread]]``        a conversation; how the side that writes sees it (R32, R64)
``[[read_status]]``   an age; whether the read status is on by default (R71)
``[[story]]``         facts, what happens next, and then an action; its verdict. The rules know no
                      state, so only a running backend can be held to it
====================  =============================================================================
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

from dmsim.rulebook.values import Hours, plain
from dmsim.rules.decide import decide
from dmsim.rules.facts import Facts, Policy
from dmsim.rules.messaging import thread_for_sender
from dmsim.rules.receipts import default_read_status
from dmsim.rules.sanctions import (
    History,
    bans_device,
    is_unsafe,
    penalty,
    penalty_hours,
    standing_now,
)
from dmsim.vocabulary import Action, Reason, Setting, Standing, Thread, Verdict, Violation


class Asked(NamedTuple):
    """An action and its facts."""

    action: Action
    facts: Facts


class Decided(NamedTuple):
    """What is demanded of an action."""

    verdict: Verdict
    reason: Reason = Reason.NONE


class Record(NamedTuple):
    """A violation found now, and what was on record before it."""

    violation: Violation
    violations: int = 0
    worst: Violation = Violation.NONE


class Penalty(NamedTuple):
    """What a violation brings; ``hours`` of a temporary penalty, the least and the most."""

    standing: Standing
    hours: Hours = (0, 0)
    bans_device: bool = False


class Term(NamedTuple):
    """A penalty, its end and the present, on one clock."""

    standing: Standing
    until: int
    now: int


class Stands(NamedTuple):
    """The penalty in force."""

    stands: Standing


class Source(NamedTuple):
    """What an account is like, as far as safety asks."""

    standing: Standing = Standing.GOOD
    recent_reports: int = 0
    account_days: int = 1000
    related: bool = False


class Safety(NamedTuple):
    """Whether it is an unsafe source."""

    unsafe: bool


class Pair(NamedTuple):
    """A pair's conversation, and whether the side that writes is the one that asked."""

    thread: Thread
    sender_is_requester: bool


class Seen(NamedTuple):
    """The conversation as the side that writes sees it."""

    seen: Thread


class Account(NamedTuple):
    """A new account."""

    age: int


class Receipts(NamedTuple):
    """Whether its read status is on."""

    on: bool


class Who(IntEnum):
    """Who takes a step of a story."""

    SENDER = 0
    RECIPIENT = 1
    STAFF = 2


class Step(NamedTuple):
    """What somebody does in a story before its action.

    ``of`` is towards whom (of the staff alone; the two act towards each other), ``setting`` what
    ``change_setting`` chooses, ``on`` what a switch becomes, ``violation`` what a moderator finds.
    """

    by: Who
    action: Action
    of: Who = Who.SENDER
    setting: Setting = Setting.EVERYONE
    on: bool = True
    violation: Violation = Violation.NONE


class Past(NamedTuple):
    """What no fact says but time makes facts of.

    Reports against the sender and the days since the last; the minutes since the recipient opened
    the inbox, where ``recipient_was_active``; whether the sender uses the recipient's device; the
    minutes that pass between the last step and the action.
    """

    sender_reports: int = 0
    sender_reported_days_ago: int = 0
    recipient_was_active: bool = False
    recipient_active_minutes_ago: int = 0
    shared_device: bool = False
    minutes_later: int = 0


class Story(NamedTuple):
    """Facts, what was before them, what happens next, and then an action."""

    action: Action
    facts: Facts
    past: Past
    before: tuple[Step, ...]


class Kind(NamedTuple):
    """A kind of rows: what it gives, what it demands, and how the rules answer."""

    given: Any
    expected: Any
    answer: Callable[[Any, Policy], Any]


def _decide(given: Asked, policy: Policy) -> Decided:
    verdict, reason = decide(given.action, given.facts, policy)
    return Decided(Verdict(verdict), Reason(reason))


def _punish(given: Record, policy: Policy) -> Penalty:
    history = History(given.violations, given.worst)
    standing = Standing(penalty(history, given.violation, policy))
    return Penalty(
        standing,
        penalty_hours(standing, history, given.violation, policy),
        bans_device(given.violation, policy),
    )


def _stand(given: Term, _: Policy) -> Stands:
    return Stands(Standing(standing_now(*given)))


def _suspect(given: Source, policy: Policy) -> Safety:
    return Safety(is_unsafe(*given, policy))


def _see(given: Pair, _: Policy) -> Seen:
    return Seen(Thread(thread_for_sender(*given)))


def _begin(given: Account, policy: Policy) -> Receipts:
    return Receipts(default_read_status(given.age, policy))


#: Rows that the rules alone can be held to, by the name of their table.
KINDS = {
    "row": Kind(Asked, Decided, _decide),
    "ladder": Kind(Record, Penalty, _punish),
    "standing_now": Kind(Term, Stands, _stand),
    "unsafe": Kind(Source, Safety, _suspect),
    "thread": Kind(Pair, Seen, _see),
    "read_status": Kind(Account, Receipts, _begin),
}


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        file: where it stands.
        kind: the name of its kind.
        number: which of its kind in the file, from 1.
        rules: the numbers of what it states.
        what: the statement.
        given: what is asked, in the shape of its kind.
        expected: what is demanded, in the shape of its kind.
        changes: where the policy differs from the default.
        policy: the whole policy.
    """

    file: str
    kind: str
    number: int
    rules: tuple[str, ...]
    what: str
    given: Any
    expected: Any
    changes: Mapping[str, bool | int]
    policy: Policy

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.file}: {self.kind} {self.number}"

    @property
    def needs_a_backend(self) -> bool:
        """Whether the rules alone cannot answer it."""
        return self.kind not in KINDS

    def answer(self, policy: Policy | None = None) -> Any:
        """What the rules say, in the shape of ``expected``.

        Args:
            policy: another policy than the row's own.
        """
        return KINDS[self.kind].answer(self.given, policy or self.policy)


def told(answer: Any) -> dict[str, Any]:
    """An answer as a table tells it; what is usual is left out."""
    usual = getattr(answer, "_field_defaults", {})
    return {
        name: plain(value)
        for name, value in answer._asdict().items()
        if name not in usual or value != usual[name]
    }
