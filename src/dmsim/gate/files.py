"""The files that a CI job reads: JUnit XML and a Markdown summary."""

from pathlib import Path

from dmsim.gate.junit import junit_xml
from dmsim.gate.markdown import markdown_summary
from dmsim.gate.run import GateResult

JUNIT = "junit.xml"
MARKDOWN = "summary.md"


def write_files(gate: GateResult, folder: Path) -> None:
    """Write ``junit.xml`` and ``summary.md`` into a run's folder."""
    summary = gate.result.summary
    (folder / JUNIT).write_bytes(junit_xml(gate.name, summary, gate.checks))
    (folder / MARKDOWN).write_text(
        markdown_summary(gate.name, summary, gate.checks, gate.exit_code), encoding="utf-8"
    )


def append_step_summary(folder: Path, step_summary: Path) -> None:
    """Append a run's ``summary.md`` to the file in which a CI step collects its summary.

    Raises:
        OSError: the file cannot be written.
    """
    text = (folder / MARKDOWN).read_text(encoding="utf-8")
    with step_summary.open("a", encoding="utf-8") as file:
        file.write(text)
