"""An exported trace read back by those for whom it is made: csv, json, sqlite3."""

import csv
import json
import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.exporting.sql import text_literal
from dmsim.exporting.write import FACTS, export_trace
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACTIONS, INITIAL, TEXTS
from tests.samples import write_trace
from tests.worlds import everything

DANGEROUS = [
    "",
    " ",
    'O\'Brien said "no"; DROP TABLE texts; --',
    "a\nb\r\nc\rd\te",
    "back\\slash \\' \\0 %s ? :name",
    "a,b;c",
    "null",
    "NULL",
    "👩‍👩‍👧 🏴‍☠️",
    "שלום \u202eevil\u202c عالم",
    "nul \0 in the middle\0",
    "\0",
    "-- comment /* */",
]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    return Trace.open(simulate(everything(), tmp_path_factory.mktemp("made") / "trace").path)


def dangerous(tmp_path: Path) -> Trace:
    texts = [{"text": text} for text in DANGEROUS]
    actions = [
        {"action": "send_message", "target": 1, "text": number, "content": "text"}
        for number in range(len(texts))
    ]
    return write_trace(tmp_path / "trace", actions, texts=texts)


def rows_of_csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def rows_of_ndjson(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]


def loaded(folder: Path) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.executescript((folder / "trace.sql").read_bytes().decode())
    return database


def told(value: Any) -> str:
    """A value as a CSV file holds it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def flat(trace: Trace) -> dict[str, pl.DataFrame]:
    """The tables of a trace as they are to be exported without lists."""
    tables = {Path(table.path).stem: trace.table(table) for table in (*INITIAL, TEXTS)}
    actions = trace.actions()
    pairs = [(seq, one) for seq, after in actions["seq", "after"].iter_rows() for one in after]
    tables["actions"] = actions.drop("after")
    tables["action_after"] = pl.DataFrame(pairs, schema=["seq", "after"], orient="row")
    return tables


def test_csv_holds_every_table_row_by_row(simulated: Trace, tmp_path: Path) -> None:
    facts = export_trace(simulated, tmp_path / "out", "csv")
    expected = flat(simulated)
    assert facts.rows == {name: frame.height for name, frame in expected.items()}
    assert facts.rows["action_after"] > 0
    for name, frame in expected.items():
        rows = [[told(value) for value in row] for row in frame.iter_rows()]
        found = rows_of_csv(tmp_path / "out" / f"{name}.csv")
        assert [list(row.values()) for row in found] == rows, name
        head = (tmp_path / "out" / f"{name}.csv").read_text("utf-8").partition("\n")[0]
        assert head.split(",") == frame.columns


def test_ndjson_holds_every_table_row_by_row(simulated: Trace, tmp_path: Path) -> None:
    export_trace(simulated, tmp_path / "out", "ndjson")
    for table in (*INITIAL, TEXTS):
        found = rows_of_ndjson(tmp_path / "out" / f"{Path(table.path).stem}.ndjson")
        assert found == simulated.table(table).to_dicts()
    assert rows_of_ndjson(tmp_path / "out" / "actions.ndjson") == simulated.actions().to_dicts()


def test_sql_fills_a_database_with_every_table(simulated: Trace, tmp_path: Path) -> None:
    export_trace(simulated, tmp_path / "out", "sql")
    database = loaded(tmp_path / "out")
    for name, frame in flat(simulated).items():
        columns = ", ".join(f'"{column}"' for column in frame.columns)
        found = database.execute(f'SELECT {columns} FROM "{name}" ORDER BY rowid').fetchall()
        assert sorted(found, key=str) == sorted(frame.rows(), key=str), name
    database.close()


def test_sql_gives_each_column_its_type_and_says_which_must_be_there(
    simulated: Trace, tmp_path: Path
) -> None:
    export_trace(simulated, tmp_path / "out", "sql")
    database = loaded(tmp_path / "out")
    columns = {
        name: (kind, bool(needed), bool(key))
        for _, name, kind, needed, _, key in database.execute('PRAGMA table_info("actions")')
    }
    database.close()
    assert columns["seq"] == ("BIGINT", True, True)
    assert columns["reason"] == ("TEXT", True, False)
    assert columns["switch"] == ("BOOLEAN", False, False)
    assert {name for name, (_, needed, _) in columns.items() if not needed} == ACTIONS.optional


def test_dangerous_texts_come_back_as_they_were(tmp_path: Path) -> None:
    trace = dangerous(tmp_path)
    for form in ("csv", "ndjson", "sql"):
        export_trace(trace, tmp_path / form, form)
    assert [row["text"] for row in rows_of_csv(tmp_path / "csv" / "texts.csv")] == DANGEROUS
    from_json = rows_of_ndjson(tmp_path / "ndjson" / "texts.ndjson")
    assert [row["text"] for row in from_json] == DANGEROUS
    database = loaded(tmp_path / "sql")
    found = database.execute("SELECT text FROM texts ORDER BY id").fetchall()
    database.close()
    assert [text for (text,) in found] == DANGEROUS


def test_an_empty_text_and_none_are_told_apart_in_csv(tmp_path: Path) -> None:
    export_trace(dangerous(tmp_path), tmp_path / "out", "csv")
    first = (tmp_path / "out" / "texts.csv").read_text("utf-8").split("\n")[1]
    assert first == '0,"en","","none","false",,"false"'


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_is_the_same_as_an_expression_of_sql(text: str) -> None:
    database = sqlite3.connect(":memory:")
    (found,) = database.execute(f"SELECT {text_literal(text)}").fetchone()
    database.close()
    assert found == text


@settings(max_examples=25, deadline=None)  # each writes a trace
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_every_text_comes_back_from_csv(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("texts")
    bank = [{"text": text} for text in texts]
    export_trace(write_trace(folder / "trace", [], texts=bank), folder / "out", "csv")
    assert [row["text"] for row in rows_of_csv(folder / "out" / "texts.csv")] == texts


def test_an_export_replaces_only_an_earlier_one_and_only_if_told(tmp_path: Path) -> None:
    trace, out = dangerous(tmp_path), tmp_path / "out"
    export_trace(trace, out, "csv")
    with pytest.raises(UsageError, match="an export is already there; add --force"):
        export_trace(trace, out, "sql")
    export_trace(trace, out, "sql", force=True)
    assert sorted(file.name for file in out.iterdir()) == [FACTS, "trace.sql"]
    with pytest.raises(UsageError, match="exists and is not an export"):
        export_trace(trace, trace.path, "csv", force=True)


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    trace = dangerous(tmp_path)
    next(iter(trace.action_files())).write_bytes(b"damaged")
    with pytest.raises(UsageError, match="missing or damaged"):
        export_trace(trace, tmp_path / "out", "csv")
    assert [file.name for file in tmp_path.iterdir()] == ["trace"]
