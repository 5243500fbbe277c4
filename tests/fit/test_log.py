"""Logs in all forms: what is read, what is skipped and counted, what is refused."""

import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.fit.log import Log, find_columns, lines_of, read_log
from dmsim.fit.zones import Zone
from dmsim.progress import Silent

START = datetime(2021, 3, 1, tzinfo=UTC)
ROWS = [(START + timedelta(minutes=7 * n), f"u{n % 5}", f"u{(n + 1) % 5}") for n in range(40)]
HEAD = "time,sender,recipient"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(content: str | bytes, name: str = "log.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


def csv_text(rows: list[tuple[datetime, str, str]] = ROWS, separator: str = ",") -> str:
    lines = [separator.join([at.isoformat(), *people]) for at, *people in rows]
    return "\n".join([HEAD.replace(",", separator), *lines]) + "\n"


def read(path: Path, zone: str | None = None, **columns: str) -> Log:
    with Silent().stage("read", None, "rows") as stage:
        return read_log(path, columns, None if zone is None else Zone.parse(zone), stage)


def assert_all_there(log: Log) -> None:
    assert log.events["instant"].to_list() == [int(at.timestamp()) * 10**6 for at, _, _ in ROWS]
    assert log.events["sender"].to_list() == [sender for _, sender, _ in ROWS]
    assert log.events["recipient"].to_list() == [recipient for _, _, recipient in ROWS]
    assert log.reading.rows == log.reading.used == len(ROWS)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_is_read_whatever_parts_its_fields(write: Write, separator: str) -> None:
    assert_all_there(read(write(csv_text(separator=separator))))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("log.csv", lambda text: text.encode("utf-8-sig")),
        ("log.csv", lambda text: text.replace("\n", "\r\n").encode()),
        ("log.csv.gz", lambda text: gzip.compress(text.encode())),
        ("LOG.CSV", lambda text: text.encode()),
        ("log.csv", lambda text: text.replace("u1", '"u1"').encode()),
    ],
)
def test_or_how_the_file_was_saved(write: Write, name: str, change: Callable[[str], bytes]) -> None:
    assert_all_there(read(write(change(csv_text()), name)))


@pytest.mark.parametrize("name", ["log.ndjson", "log.jsonl", "log.ndjson.gz"])
def test_json_on_lines_is_read(write: Write, name: str) -> None:
    lines = [
        json.dumps({"sent_at": at.timestamp(), "from": a, "to": b, "more": {"x": 1}})
        for at, a, b in ROWS
    ]
    text = "\n".join(lines).encode()
    assert_all_there(read(write(gzip.compress(text) if name.endswith("gz") else text, name)))


@pytest.mark.parametrize("kind", ["aware", "naive", "seconds", "text"])
def test_a_parquet_file_is_read_whatever_its_types(tmp_path: Path, kind: str) -> None:
    at = pl.Series("time", [at for at, _, _ in ROWS], pl.Datetime("ms", "UTC"))
    times = {
        "aware": at,
        "naive": at.dt.replace_time_zone(None),
        "seconds": at.dt.epoch("s"),
        "text": at.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    people = pl.DataFrame(ROWS, schema=["_", "sender", "recipient"], orient="row").drop("_")
    path = tmp_path / "log.parquet"
    people.with_columns(times[kind].alias("time")).write_parquet(path)
    assert_all_there(read(path, "UTC" if kind == "naive" else None))


def test_numbers_may_be_people(write: Write) -> None:
    log = read(write("source,target,time\n1,2,1625142896\n2,1,1625142897\n"))
    assert log.reading.columns == {"time": "time", "sender": "source", "recipient": "target"}
    assert log.events["sender"].to_list() == ["1", "2"]
    assert log.reading.stamps == "Unix time in seconds"


def test_people_are_not_needed(write: Write) -> None:
    log = read(write("timestamp\n2021-03-01T00:00:00Z\n"))
    assert log.events.columns == ["line", "instant", "wall"]


@pytest.mark.parametrize(
    ("known", "told", "found"),
    [
        (
            ["id", "Timestamp", "From", "To"],
            {},
            {"time": "Timestamp", "sender": "From", "recipient": "To"},
        ),
        (["created_at", "user_id"], {}, {"time": "created_at", "sender": "user_id"}),
        (["t", "who", "time"], {"time": "t", "sender": "who"}, {"time": "t", "sender": "who"}),
        (["time", "to"], {}, {"time": "time"}),
    ],
)  # fmt: skip
def test_columns_are_found_by_their_usual_names(
    known: list[str], told: dict[str, str], found: dict[str, str]
) -> None:
    assert find_columns(Path("log"), known, told) == found


@pytest.mark.parametrize(
    ("text", "columns", "told"),
    [
        (csv_text(), {"time": "when"}, "no column when; it has time, sender, recipient: name"),
        (csv_text(), {"sender": "who"}, "no column who; it has time, sender, recipient"),
        ("a,b\n1,2\n", {}, r"which column holds the times\? It has a, b; say --time NAME"),
        ("", {}, "empty; its first line must name the columns"),
        (HEAD + "\n", {}, "holds no rows"),
        ("time\n2021-03-01\n", {}, r"csv:2: no time stamp that can be read .*, and 100%"),
        ("time\n2021-03-01 10:00\n", {}, "no time zone; say whose"),
        (b"\xff\xfe\x00time", {}, "not text in UTF-8"),
        (b"\x00\x01\x02\x03", {}, "which column holds the times"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_the_remedy(
    write: Write, text: str | bytes, columns: dict[str, str], told: str
) -> None:
    with pytest.raises(UsageError, match=told) as refused:
        read(write(text), **columns)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("log.xlsx", b"PK", "not a log that can be read; give a .csv, .ndjson"),
        ("log", b"time", "not a log that can be read"),
        ("log.parquet", b"PAR1 and nothing", "not a Parquet file"),
        ("log.csv.gz", b"time,sender\n", "cannot be read"),
        ("log.csv.gz", gzip.compress(csv_text().encode(), mtime=0)[:60], "cannot be read"),
        ("log.ndjson", b"[1, 2]\n", "holds no JSON object on a line"),
        ("log.ndjson", b"", "holds no JSON object on a line"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    write: Write, name: str, content: bytes, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        read(write(content, name))


BAD = {
    "2 fields where the head has 3": ["2021-03-01T00:00:00Z,u1"],
    "4 fields where the head has 3": ["2021-03-01T00:00:00Z,u1,u2,more"],
    "an empty line": [""],
    "no time stamp that can be read": ["soon,u1,u2", ",u1,u2"],
    "no sender or no recipient": ["2021-03-01T00:00:00Z,,u2"],
}


def test_bad_rows_are_skipped_and_counted_by_what_is_wrong(write: Write) -> None:
    """Of a hundred rows twelve are bad: every one is told of."""
    good = csv_text(ROWS * 2 + ROWS[:8]).splitlines()
    bad = [row for rows in BAD.values() for row in rows] * 2
    lines = good[:30] + bad + good[30:]
    reading = read(write("\n".join(lines) + "\n")).reading
    assert reading.rows == 100
    assert reading.used == 88
    assert dict(reading.skipped) == {why: 2 * len(rows) for why, rows in BAD.items()}
    assert reading.skipped.total() == 12
    assert len(reading.examples) == 3
    assert {row.line for row in reading.examples} < set(range(31, 43))
    told = "\n".join(lines_of(reading))
    assert "100 rows, 88 used" in told
    for why, count in reading.skipped.items():
        assert f"skipped {count}: {why}" in told


def test_lines_that_are_no_json_are_counted_as_well(write: Write) -> None:
    lines = [json.dumps({"time": at.isoformat(), "sender": a}) for at, a, _ in ROWS]
    lines[3:3] = ["{oops", "17", "", json.dumps({"time": True, "sender": "u1"})]
    reading = read(write("\n".join(lines), "log.ndjson")).reading
    assert (reading.rows, reading.used) == (44, 40)
    assert reading.skipped == {
        "no JSON object": 2,
        "an empty line": 1,
        "no time stamp that can be read": 1,
    }
    assert reading.examples[0].line == 4


def test_rows_out_of_order_are_sorted_and_counted(write: Write) -> None:
    rows = [*ROWS[1:20], ROWS[0], *ROWS[20:]]
    log = read(write(csv_text(rows)))
    assert_all_there(log)
    assert log.reading.out_of_order == 1
    assert "1 rows were older than the one before; sorted" in list(lines_of(log.reading))


def test_a_large_log_is_read_part_by_part(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dmsim.fit.parts._ROWS", 7)
    assert_all_there(read(write(csv_text())))
    lines = [json.dumps({"time": at.isoformat(), "from": a, "to": b}) for at, a, b in ROWS]
    assert_all_there(read(write("\n".join(lines), "log.ndjson")))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name in ("log.csv", "log.ndjson", "log.parquet", "log.csv.gz"):
        path = folder / name
        path.write_bytes(content if name == "log.parquet" else b"time,sender\n" + content)
        with suppress(UsageError):
            log = read(path, "UTC")
            assert log.reading.used == log.events.height


@pytest.mark.parametrize("slips", [[7], [7, 23], [38], [7, 8, 9]])
def test_a_quote_that_is_never_closed_costs_no_row_but_its_own(
    write: Write, slips: list[int]
) -> None:
    lines = csv_text().splitlines()
    for line in slips:
        lines[line] = lines[line].replace(",u", ',"u', 1)
    reading = read(write("\n".join(lines) + "\n")).reading
    assert (reading.rows, reading.used) == (len(ROWS), len(ROWS) - len(slips))
    assert {row.line for row in reading.examples} == {line + 1 for line in slips}


def test_a_text_of_several_lines_in_quotes_is_one_field(write: Write) -> None:
    rows = [f'{at.isoformat()},{a},{b},"one, ""two""\nthree"' for at, a, b in ROWS]
    bad = [f"soon,a,b,{n}" for n in range(2)]
    log = read(write(HEAD + ",text\n" + "\n".join([*rows, *bad]) + "\n"))
    assert (log.reading.rows, log.reading.used) == (42, 40)
    assert [row.line for row in log.reading.examples] == [82, 83]


def test_a_packed_file_that_is_damaged_inside_is_refused(write: Write) -> None:
    packed = bytearray(gzip.compress(csv_text(ROWS * 50).encode()))
    for place in range(20, len(packed) - 10, 5):
        broken = packed[:place] + b"\xff" * 6 + packed[place + 6 :]
        with pytest.raises(UsageError, match=r"cannot be read|not text in UTF-8"):
            read(write(bytes(broken), "log.csv.gz"))


def test_a_key_that_the_first_json_object_lacks_is_found(write: Write) -> None:
    lines = [json.dumps({"time": at.isoformat(), "from": a, "to": b}) for at, a, b in ROWS]
    lines[0] = json.dumps({"time": ROWS[0][0].isoformat(), "from": "u0"})
    reading = read(write("\n".join(lines), "log.ndjson")).reading
    assert reading.columns == {"time": "time", "sender": "from", "recipient": "to"}
    assert reading.skipped == {"no sender or no recipient": 1}


def test_messages_to_oneself_are_counted(write: Write) -> None:
    log = read(write(csv_text([*ROWS, (ROWS[-1][0], "u1", "u1")])))
    assert log.reading.used == len(ROWS) + 1
    assert log.reading.to_oneself == 1
    assert "1 to their senders; no part of rows and answers" in list(lines_of(log.reading))
