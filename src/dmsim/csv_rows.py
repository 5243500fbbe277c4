"""The rows of a CSV file with the numbers of their lines."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from dmsim.csv_columns import Columns
from dmsim.errors import UsageError

Row = dict[str, str]

_SEPARATORS = {";": "semicolons", "\t": "tabs"}


def read_rows(path: Path, columns: Columns) -> Iterator[tuple[int, Row]]:
    """Read a file with the names of its columns in the first line; empty lines do not count.

    Args:
        path: the file.
        columns: those it has to have and may have.

    Yields:
        The number of a line, and its cells by column, without spaces around them.

    Raises:
        UsageError: in one line, what cannot be read, where it stands and what to do.
    """
    text = _read(path)
    _check_separator(path, text)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
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
            yield reader.line_num, dict(zip(head, map(str.strip, cells), strict=True))
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


def _check_separator(path: Path, text: str) -> None:
    """No name of a column has such a sign, in quotes or without."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            for sign, word in _SEPARATORS.items():
                if sign in line:
                    raise UsageError(f"{path}:{number}: {word} between the columns; use commas")
            return
