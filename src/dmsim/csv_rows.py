"""The rows of a CSV file with the numbers of their lines."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dmsim.errors import UsageError

Row = dict[str, str]

_SEPARATORS = {";": "semicolons", "\t": "tabs"}


def read_rows(
    path: Path, check_head: Callable[[str, Sequence[str]], None], example: str
) -> Iterator[tuple[int, Row]]:
    """Read a file with the names of its columns in the first line; empty lines do not count.

    Args:
        path: the file.
        check_head: raises where the columns, given after file and line, are not the right ones.
        example: columns as such a file may have them, for errors.

    Yields:
        The number of a line, and its cells by column, without spaces around them.

    Raises:
        UsageError: in one line, what cannot be read, where it stands and what to do.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = filter(None, reader)
            head = [name.strip() for name in next(lines, [])]
            if not head:
                raise UsageError(
                    f"{path}: is empty; write columns such as {example} and their rows"
                )
            place = f"{path}:{reader.line_num}"
            _check_separator(place, head)
            check_head(place, head)
            for cells in lines:
                if len(cells) != len(head):
                    told = f"{len(cells)} values for {len(head)} columns; write one for each"
                    raise UsageError(f"{path}:{reader.line_num}: {told}")
                yield reader.line_num, dict(zip(head, map(str.strip, cells), strict=True))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except csv.Error as error:
        raise UsageError(f"{path}: not a CSV file ({error}); save it as CSV") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; check the path") from None


def _check_separator(place: str, head: Sequence[str]) -> None:
    for sign, word in _SEPARATORS.items():
        if any(sign in name for name in head):
            raise UsageError(f"{place}: {word} between the columns; use commas")
