"""When messages reached their recipients, where a replay asked for them."""

from dmsim.replay.result import ReplaySummary
from dmsim.report.parts import section, table
from dmsim.report.units import count, milliseconds


def delivery_section(result: ReplaySummary) -> str:
    """The probes of a replay; nothing where no message was probed."""
    delivery = result.delivery
    if delivery is None:
        return ""
    note = (
        "Milliseconds from the end of sending a message until a probe on the recipient's side "
        "showed it: an upper bound, never below what one probe takes. Of a sample of the messages."
    )
    ms = delivery.delivery_ms
    head = ("probed", "seen", "never seen", "p50", "p90", "p95", "p99", "max")
    counts = map(count, (delivery.probes, delivery.seen, delivery.never_seen))
    times = map(milliseconds, (ms.p50, ms.p90, ms.p95, ms.p99, ms.max))
    cells = "".join(f"<td>{cell}</td>" for cell in (*counts, *times))
    return section("Delivery", note, table(head, [f"<tr>{cells}</tr>"]))
