"""The fidelity page: how a trace was checked, with pictures."""

from pathlib import Path

from dmsim.fidelity.measure import Fidelity
from dmsim.paths import write_whole
from dmsim.report import fidelity_sections as sections
from dmsim.report.page import page

FIDELITY = "fidelity.html"


def write_fidelity(file: Path, found: Fidelity) -> None:
    """Write the page whole or not at all."""
    write_whole(file, render_fidelity(found).encode())


def render_fidelity(found: Fidelity) -> str:
    """The page as HTML; every text from the data is escaped."""
    body = "\n".join(
        [
            sections.headline(found),
            sections.weeks_section(found),
            sections.degrees_section(found),
            sections.rhythm_section(found),
            sections.checks_sections(found),
            sections.rule_note(),
        ]
    )
    return page(f"dmsim fidelity: {found.scenario}: {sections.totals(found)}", body)
