"""The rows of a CSV file with their lines."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dmsim.errors import UsageError

Row = dict[str, str]


def read_rows(
    path: Path, check_head: Callable[[str, Sequence[str]], None]
) -> Iterator[tuple[int, Row]]:
    """Read a file with the names of its columns in the first line.

    Args:
        path: the file.
        check_head: raises where the columns, given after the file's name, are not the right ones.

    Yields:
        The number of a line, and its cells by column, without spaces around them.

    Raises:
        UsageError: in one line, what cannot be read, where it stands and what to do.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, strict=True)
            names = [name.strip() for name in table.fieldnames or ()]
            table.fieldnames = names
            check_head(str(path), names)
            for row in table:
                if None in row or None in row.values():
                    told = f"not as many values as columns; write {len(names)}"
                    raise UsageError(f"{path}:{table.line_num}: {told}")
                yield table.line_num, {name: value.strip() for name, value in row.items()}
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; check the path") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: not a CSV file in UTF-8 ({error}); save it as one") from None
