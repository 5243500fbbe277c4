"""The rows of a CSV file with the numbers of their lines."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from dmsim.csv_columns import Columns
from dmsim.errors import UsageError

Row = dict[str, str]

#: Between columns, the likelier first.
_SEPARATORS = (",", ";", "\t")
#: A number with a decimal comma, as spreadsheets write it where semicolons separate columns.
_COMMA_NUMBER = re.compile(r"(-?[0-9]+),([0-9]+)")


def read_rows(path: Path, columns: Columns) -> Iterator[tuple[int, Row]]:
    """Read a file with the names of its columns in the first line; empty lines do not count.

    Columns stand between commas. Where the first line has none but semicolons or tabs, these are
    taken, and numbers may have decimal commas.

    Args:
        path: the file.
        columns: those it has to have and may have.

    Yields:
        The number of a line, and its cells by column, without spaces around them.

    Raises:
        UsageError: in one line, what cannot be read, where it stands and what to do.
    """
    text = _read(path)
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    try:
        lines = filter(None, reader)
        head = [name.strip() for name in next(lines, [])]
        if not head:
            told = f"is empty; write columns such as {columns.example()} and their rows"
            raise UsageError(f"{path}: {told}")
        columns.check(f"{path}:{reader.line_num}", head)
        for cells in lines:
            if len(cells) != len(head):
                told = f"{len(cells)} values for {len(head)} columns; write one for each"
                raise UsageError(f"{path}:{reader.line_num}: {told}")
            row = [cell.strip() for cell in cells]
            if separator != ",":
                row = [_with_point(cell) for cell in row]
            yield reader.line_num, dict(zip(head, row, strict=True))
    except csv.Error as error:
        told = f"not a CSV file ({error}); save it as CSV"
        raise UsageError(f"{path}:{reader.line_num}: {told}") from None


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; check the path") from None


def _separator(text: str) -> str:
    """What stands between the columns of the first line that is not empty."""
    first = next(filter(str.strip, text.splitlines()), "")
    return next((sign for sign in _SEPARATORS if sign in first), ",")


def _with_point(cell: str) -> str:
    number = _COMMA_NUMBER.fullmatch(cell)
    return f"{number[1]}.{number[2]}" if number else cell
