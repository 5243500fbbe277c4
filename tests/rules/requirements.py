"""The tables of requirements, as rows."""

from pathlib import Path

from dmsim.rulebook.rows import Row
from dmsim.rulebook.table import read_tables

FOLDER = Path(__file__).parents[1] / "requirements"
TABLES = sorted(FOLDER.glob("*.toml"))

#: Every row, and those that the rules alone are asked.
ROWS = read_tables(TABLES)
OF_RULES = [row for row in ROWS if not row.needs_a_backend]


def what(row: Row) -> str:
    return f"{row.kind}: {row.what}"
