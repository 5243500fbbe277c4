"""The audit log of staff who read messages (R99)."""

from dmsim.server.answers import Audit, AuditEntry
from dmsim.server.call import page_of
from dmsim.server.service import Service


def audit(service: Service, _: bytes, query: dict[str, str]) -> Audit:
    """Which staff read whose messages, when and for which reports, newest first (R99)."""
    limit, before = page_of(query)
    entries = service.world.audit
    end = len(entries) if before is None else min(before, len(entries))
    start = max(0, end - limit)
    shown = [
        AuditEntry(entry.id, entry.staff, entry.account, entry.at, entry.reports)
        for entry in reversed(entries[start:end])
    ]
    return Audit(shown, start if start > 0 else None)
