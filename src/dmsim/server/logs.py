"""What only the master token reads: which staff read messages (R99), and how cases ended."""

from collections.abc import Sequence
from typing import TypeVar

from dmsim.server.answers import Audit, AuditEntry, CaseEntry, Cases
from dmsim.server.call import page_of
from dmsim.server.service import Service
from dmsim.vocabulary import word

T = TypeVar("T")


def audit(service: Service, _: bytes, query: dict[str, str]) -> Audit:
    """Which staff read whose messages, when and for which reports, newest first (R99)."""
    entries, cursor = _newest(service.world.audit, query)
    shown = [
        AuditEntry(entry.id, entry.staff, entry.account, entry.at, entry.reports)
        for entry in entries
    ]
    return Audit(shown, cursor)


def cases(service: Service, _: bytes, query: dict[str, str]) -> Cases:
    """Which pages resolved or handed off whose cases, and when, newest first (R151, R187)."""
    ends, cursor = _newest(service.world.cases, query)
    shown = [
        CaseEntry(
            end.id,
            word(end.action),
            end.page,
            end.person,
            None if end.comment < 0 else end.comment,
            end.at,
        )
        for end in ends
    ]
    return Cases(shown, cursor)


def _newest(entries: Sequence[T], query: dict[str, str]) -> tuple[list[T], int | None]:
    """A page of entries whose ids are their places, newest first, and the cursor of the next."""
    limit, before = page_of(query)
    end = len(entries) if before is None else min(before, len(entries))
    start = max(0, end - limit)
    return list(reversed(entries[start:end])), start if start > 0 else None
