"""Who replayed what, where several processes did it together."""

from dmsim.replay.result import ReplaySummary, WorkerSummary
from dmsim.report.parts import pill, section, table
from dmsim.report.units import count, figure


def workers_section(result: ReplaySummary) -> str:
    """The share of every process and its clock; nothing where one process did it all."""
    if not result.workers:
        return ""
    note = (
        "Conversations are dealt out whole. The clocks of other machines are allowed for; what is "
        "left is the error of measuring them."
    )
    head = ("worker", "actions", "finished", "clock ahead, ms", "give or take, ms", "")
    return section("Workers", note, table(head, [_row(worker) for worker in result.workers]))


def _row(worker: WorkerSummary) -> str:
    fate = pill("lost" if worker.lost else "to the end", good=not worker.lost)
    cells = (
        str(worker.index),
        count(worker.actions),
        count(worker.finished),
        figure(worker.clock_offset_ms),
        figure(worker.clock_error_ms),
        fate,
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
