"""Penalties: what they stop, how they escalate, and who counts as an unsafe source."""

from typing import NamedTuple

from dmsim.rules.facts import Policy
from dmsim.vocabulary import Standing, Violation


class History(NamedTuple):
    """What an account has on record: how many violations, and the gravest of them."""

    violations: int
    worst: Violation | int


def stops_sending(standing: Standing | int, policy: Policy) -> bool:
    """Every penalty but a warning stops sending (R74, R81-R83)."""
    return policy.sanctions_hold and standing >= Standing.DM_BANNED


def stops_receiving(standing: Standing | int, policy: Policy) -> bool:
    """A ban from messages stops receiving too, "view only" does not (R74, Q16)."""
    if not policy.sanctions_hold:
        return False
    if standing == Standing.DM_BANNED:
        return policy.dm_ban_stops_receiving
    if standing == Standing.VIEW_ONLY:
        return policy.view_only_stops_receiving
    return standing == Standing.BANNED


def stops_watching(standing: Standing | int, policy: Policy) -> bool:
    """Only a banned account cannot watch (R82, R83)."""
    return policy.sanctions_hold and standing == Standing.BANNED


def stops_acting(standing: Standing | int, policy: Policy) -> bool:
    """Restricted to viewing one can only watch (R82), banned nothing at all (R79, R83)."""
    return policy.sanctions_hold and standing >= Standing.VIEW_ONLY


def standing_now(standing: Standing | int, until: int, now: int) -> int:
    """The penalty in force: a temporary one that has run out leaves a warned account (R84).

    ``until`` and ``now`` are on one clock; permanent penalties ignore ``until``.
    """
    temporary = standing in (Standing.DM_BANNED, Standing.VIEW_ONLY)
    return Standing.WARNED.value if temporary and until <= now else int(standing)


def penalty(history: History, violation: Violation | int, policy: Policy) -> int:
    """The standing that a found violation brings: the code of a ``Standing`` (R78-R84, Q11).

    ``history`` is the record before it. A warning first (R78), then the bans from the count that
    the policy sets for each; zero tolerance bans at once (R79).
    """
    if violation == Violation.ZERO_TOLERANCE and policy.zero_tolerance_bans:
        return Standing.BANNED.value
    count = history.violations + 1
    if 0 < policy.ban_from <= count:
        return Standing.BANNED.value
    messages = 0 < policy.dm_ban_from <= count
    view_only = 0 < policy.view_only_from <= count
    if messages and view_only:
        # The later rung of the two counts: whichever of the two begins later (Q11).
        messages = policy.dm_ban_from > policy.view_only_from
        view_only = not messages
    if view_only:
        return Standing.VIEW_ONLY.value
    return Standing.DM_BANNED.value if messages else Standing.WARNED.value


def bans_device(violation: Violation | int, policy: Policy) -> bool:
    """Zero tolerance may ban the device as well (R80)."""
    zero_tolerance = violation == Violation.ZERO_TOLERANCE and policy.zero_tolerance_bans
    return zero_tolerance and policy.zero_tolerance_bans_device


def gravity(history: History, violation: Violation | int) -> int:
    """How grave the latest and the earlier violations are together: 0, 1 or 2 (R81)."""
    latest = 1 if violation >= Violation.SEVERE else 0
    return latest + (1 if history.worst >= Violation.SEVERE else 0)


def penalty_hours(
    standing: Standing | int, history: History, violation: Violation | int, policy: Policy
) -> tuple[int, int]:
    """The least and the most hours of a temporary penalty; (0, 0) for others.

    A ban from messages lasts 24 to 48 hours by gravity (R81); "view only" 72 hours to a week,
    anything in between or by gravity (R82, Q12).
    """
    grave = gravity(history, violation)
    if standing == Standing.DM_BANNED:
        span = policy.dm_ban_hours_most - policy.dm_ban_hours_least
        hours = policy.dm_ban_hours_least + span * grave // 2
        return hours, hours
    if standing == Standing.VIEW_ONLY:
        least, most = policy.view_only_hours_least, policy.view_only_hours_most
        if policy.view_only_hours_vary:
            return least, most
        hours = least + (most - least) * grave // 2
        return hours, hours
    return 0, 0


def is_unsafe(
    standing: Standing | int, recent_reports: int, account_days: int, related: bool, policy: Policy
) -> bool:
    """Whether messages of an account come from an unsafe source (R54, Q17).

    It is under a penalty, was reported several times of late, or is very young and stands in no
    relation to the recipient.
    """
    if policy.unsafe_with_penalty and standing != Standing.GOOD:
        return True
    if 0 < policy.unsafe_reports <= recent_reports:
        return True
    return account_days < policy.unsafe_account_days and not related
