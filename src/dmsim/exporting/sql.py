"""Tables as SQL that SQLite, PostgreSQL and MySQL (in its ANSI mode) read alike."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from dmsim.exporting.tables import Exported

#: What has to be known before the file is read.
HEAD = """\
-- A trace of dmsim: the initial state and the actions. Times are microseconds since Monday 00:00.
-- MySQL first needs: SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES';
-- A character NUL in a text is written char(0); PostgreSQL has none and refuses it.
BEGIN;
"""
TAIL = "COMMIT;\n"

#: Rows of one INSERT: many, so that loading is quick; few enough for every limit on a statement.
_ROWS = 500

_TYPES: dict[type[pl.DataType], str] = {
    pl.Int64: "BIGINT",
    pl.Int32: "INTEGER",
    pl.UInt8: "SMALLINT",
    pl.Boolean: "BOOLEAN",
    pl.String: "TEXT",
    pl.Enum: "TEXT",
}


def create_table(table: Exported) -> str:
    """The statement that creates a table, each column with its type."""
    columns = []
    for name, kind in table.columns.items():
        line = f"  {_quoted(name)} {_TYPES[type(kind)]}"
        line += "" if name in table.optional else " NOT NULL"
        columns.append(line + (" PRIMARY KEY" if name == table.key else ""))
    return f"CREATE TABLE {_quoted(table.name)} (\n" + ",\n".join(columns) + "\n);\n"


def inserts(table: Exported, frame: pl.DataFrame) -> Iterator[str]:
    """The statements that insert rows."""
    names = ", ".join(map(_quoted, table.columns))
    for part in frame.iter_slices(_ROWS):
        rows = zip(*map(_literals, part.iter_columns()), strict=True)
        values = ",\n".join(f"({', '.join(row)})" for row in rows)
        yield f"INSERT INTO {_quoted(table.name)} ({names}) VALUES\n{values};\n"


def text_literal(text: str) -> str:
    """A text as an expression of SQL."""
    pieces = [f"'{piece}'" for piece in text.replace("'", "''").split("\0")]
    return " || char(0) || ".join(pieces)


def _literals(column: pl.Series) -> list[str]:
    if column.dtype in (pl.String, pl.Enum):
        return ["NULL" if text is None else text_literal(text) for text in column.to_list()]
    return [_literal(value) for value in column.to_list()]


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value).upper() if isinstance(value, bool) else str(value)


def _quoted(name: str) -> str:
    """A name as it is: some, such as ``switch``, are words of one SQL or another."""
    return f'"{name}"'
