"""A CSV file is read by the names of its columns; all that is wrong with them is told at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.csv_columns import Columns
from dmsim.csv_rows import read_rows
from dmsim.errors import UsageError

COLUMNS = Columns(
    required=("start", "who"),
    one_of=("hours", "people"),
    optional=("skill",),
    meant={"day": "start"},
)
OPEN = Columns(required=("start", "who"), others_ignored=True)


@pytest.mark.parametrize(
    ("columns", "head", "told"),
    [
        (
            COLUMNS,
            ["Start", "day", "x", "skill", "skill"],
            "f.csv:1: unknown columns: Start (did you mean start?), day (did you mean start?), x; "
            "missing columns: start, who, hours or people; repeated column: skill "
            "(required: start, who, hours or people; optional: skill)",
        ),
        (
            COLUMNS,
            ["start", "who", "people", ""],
            "f.csv:1: unknown column: an empty name "
            "(required: start, who, hours or people; optional: skill)",
        ),
        (
            OPEN,
            ["start", "start", "Who"],
            "f.csv:1: missing column: who (not Who); repeated column: start "
            "(required: start, who; others are ignored)",
        ),
    ],
)
def test_all_that_is_wrong_with_the_columns_is_told_at_once(
    columns: Columns, head: list[str], told: str
) -> None:
    with pytest.raises(UsageError) as caught:
        columns.check("f.csv:1", head)
    assert str(caught.value) == told


def complaint(head: list[str]) -> str:
    try:
        COLUMNS.check("1", head)
    except UsageError as error:
        return str(error)
    return ""


@given(st.lists(st.sampled_from([*"xyz", "start", "who", "hours", "people", "skill"])))
def test_a_head_is_right_or_every_wrong_name_is_told(head: list[str]) -> None:
    known = {"start", "who", "hours", "people", "skill"}
    right = (
        len(set(head)) == len(head)
        and set(head) <= known
        and {"start", "who"} <= set(head)
        and bool({"hours", "people"} & set(head))
    )
    found = complaint(head)
    assert right == (found == "")
    assert all(name in found.split(" (required")[0] for name in set(head) - known)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('\n"start";"who";"x"\n', "f.csv:2: unknown column: x; missing column: hours or people "),
        ("start;who;people\nmon;ann;1;2\n", "f.csv:2: 4 values for 3 columns; write one for each"),
        ("", "f.csv: is empty; write columns such as start,who,hours and their rows"),
        ('start,who,people\n"mon,ann,1\n', "f.csv:2: not a CSV file"),
        ("start,who,people\nmon,ann\n", "f.csv:2: 2 values for 3 columns; write one for each"),
    ],
)
def test_what_is_no_such_file_is_told_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        list(read_rows(file, COLUMNS))
    assert told in str(caught.value)


@pytest.mark.parametrize("sign", [";", "\t"])
def test_columns_of_other_spreadsheets_and_their_decimal_commas_are_read(
    sign: str, tmp_path: Path
) -> None:
    lines = ["start,who,people", "mon,ann,1.5", "tue,a-b,-2"]
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_text("\n".join(lines), encoding="utf-8")
    text = "\n".join(lines).replace(",", sign).replace(".", ",")
    other.write_text(text, encoding="utf-8-sig")
    assert list(read_rows(other, COLUMNS)) == list(read_rows(plain, COLUMNS))


def test_rows_are_read_with_the_numbers_of_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes('\ufeffstart, who,people\r\n\r\nmon,"a;b\nc",1\r\ntue,,2'.encode())
    assert list(read_rows(file, COLUMNS)) == [
        (4, {"start": "mon", "who": "a;b\nc", "people": "1"}),
        (5, {"start": "tue", "who": "", "people": "2"}),
    ]
