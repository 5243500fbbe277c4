"""The rows of a file, part by part, so that a large log needs no more memory than what is kept."""

import csv
import gzip
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

import msgspec
import polars as pl

from dmsim.errors import UsageError

#: Rows of a part.
_ROWS = 200_000
_FORMATS = ".csv, .ndjson, .jsonl (each also with .gz) or .parquet"
_SEPARATORS = (",", ";", "\t")
#: A field may hold so many lines; a quote that opens a longer one is taken for a slip.
_MOST_LINES = 1000
#: The keys of so many JSON objects are looked at: not every one has to hold all of them.
_FIRST_OBJECTS = 100
_DAMAGE = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)

#: What is wrong with a line that holds nothing.
EMPTY = "an empty line"

#: From the names of all columns to those of time, sender and recipient.
Choose = Callable[[list[str]], dict[str, str]]


@dataclass
class Part:
    """Some rows: ``line`` and, as text, what was chosen; and those that are no rows at all.

    ``broken`` holds (line, its text, what is wrong).
    """

    frame: pl.DataFrame
    broken: list[tuple[int, str, str]] = field(default_factory=list)


def read_parts(path: Path, choose: Choose) -> tuple[dict[str, str], Iterator[Part]]:
    """The chosen columns of a file, and its rows.

    Raises:
        UsageError: it is no such file, or ``choose`` finds no column; also while rows are read.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = suffixes[-1:] == [".gz"]
    kind = (suffixes[:-1] if packed else suffixes)[-1:]
    if kind == [".parquet"] and not packed:
        return _parquet(path, choose)
    if kind == [".csv"]:
        return _csv(_lines(path, packed=packed), path, choose)
    if kind in ([".ndjson"], [".jsonl"]):
        return _ndjson(_lines(path, packed=packed), path, choose)
    raise UsageError(f"{path}: not a log that can be read; give a {_FORMATS} file")


def _lines(path: Path, *, packed: bool) -> Iterator[str]:
    """The lines of a text; whatever is wrong with the file is told in one."""
    try:
        with _open(path, packed=packed) as file:
            yield from file
    except UnicodeDecodeError as error:
        told = f"not text in UTF-8 ({error.reason})"
        raise UsageError(f"{path}: {told}; save it as UTF-8") from None
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{path}: cannot be read ({reason}); check the file") from None


def _open(path: Path, *, packed: bool) -> TextIO:
    if packed:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _csv(lines: Iterator[str], path: Path, choose: Choose) -> tuple[dict[str, str], Iterator[Part]]:
    head = next(lines, "")
    separator = max(_SEPARATORS, key=head.count)
    names = [name.strip() for name in next(csv.reader([head], delimiter=separator), [])]
    if not head.strip():
        raise UsageError(f"{path}: empty; its first line must name the columns")
    chosen = choose(names)
    return chosen, _csv_parts(lines, separator, names, chosen)


def _csv_parts(
    lines: Iterator[str], separator: str, names: list[str], chosen: dict[str, str]
) -> Iterator[Part]:
    places = [names.index(name) for name in chosen.values()]
    taken = _Taken(lines)
    block = _Block(list(chosen))
    for row, wrong in _csv_rows(taken, separator, len(names)):
        if wrong:
            block.broken.append((taken.line, taken.text, wrong))
            taken.give_back()
        else:
            block.add(taken.line, [row[place] or None for place in places])
        taken.clear()
        if block.size >= _ROWS:
            yield block.part()
            block = _Block(list(chosen))
    yield block.part()


def _csv_rows(lines: Iterator[str], separator: str, width: int) -> Iterator[tuple[list[str], str]]:
    """The fields of each row, and what is wrong with it if anything is."""
    rows = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield [], f"no row of a CSV file ({error})"
            continue
        if row is None:
            return
        wrong = f"{len(row)} fields where the head has {width}" if row else EMPTY
        yield row, "" if len(row) == width else wrong


class _Taken:
    """The lines of one row for a reader of CSV; all but the first can be given back.

    A quote that is never closed would else swallow whatever follows it.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = enumerate(lines, 2)
        self._returned: deque[tuple[int, str]] = deque()
        self._taken: list[tuple[int, str]] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._taken) >= _MOST_LINES:
            raise StopIteration
        self._taken.append(self._returned.popleft() if self._returned else next(self._lines))
        return self._taken[-1][1]

    @property
    def line(self) -> int:
        """The number of the row's first line."""
        return self._taken[0][0]

    @property
    def text(self) -> str:
        """The row's first line."""
        return self._taken[0][1].rstrip("\r\n")

    def give_back(self) -> None:
        """Let the lines after the first be rows of their own."""
        self._returned.extendleft(reversed(self._taken[1:]))

    def clear(self) -> None:
        """Go on to the next row."""
        self._taken.clear()


def _ndjson(
    lines: Iterator[str], path: Path, choose: Choose
) -> tuple[dict[str, str], Iterator[Part]]:
    objects = _objects(lines)
    first = list(islice(objects, _FIRST_OBJECTS))
    names = list(dict.fromkeys(name for _, _, found in first for name in found or ()))
    if not names:
        raise UsageError(f"{path}: holds no JSON object on a line; give one message on each")
    chosen = choose(names)

    def parts() -> Iterator[Part]:
        block = _Block(list(chosen))
        for source in (first, objects):
            for line, text, found in source:
                if found is None:
                    why = "no JSON object" if text.strip() else EMPTY
                    block.broken.append((line, text.strip(), why))
                else:
                    block.add(line, [_text(found.get(name)) for name in chosen.values()])
                if block.size >= _ROWS:
                    yield block.part()
                    block = _Block(list(chosen))
        yield block.part()

    return chosen, parts()


def _objects(lines: Iterator[str]) -> Iterator[tuple[int, str, dict[str, object] | None]]:
    decoder = msgspec.json.Decoder()
    for number, text in enumerate(lines, 1):
        try:
            found = decoder.decode(text)
        except (msgspec.DecodeError, RecursionError):
            found = None
        yield number, text, found if isinstance(found, dict) else None


def _text(value: object) -> str | None:
    """A value of JSON as a CSV file would hold it; what is no text and no number is nothing."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _parquet(path: Path, choose: Choose) -> tuple[dict[str, str], Iterator[Part]]:
    try:
        names = list(pl.read_parquet_schema(path))
    except _DAMAGE as error:
        raise UsageError(_not_parquet(path, error)) from None
    chosen = choose(names)

    def parts() -> Iterator[Part]:
        try:
            frame = pl.read_parquet(path, columns=list(dict.fromkeys(chosen.values())))
        except _DAMAGE as error:
            raise UsageError(_not_parquet(path, error)) from None
        columns = [_as_text(path, frame[name]).rename(role) for role, name in chosen.items()]
        lines = pl.Series("line", range(1, frame.height + 1), pl.Int64)
        yield Part(pl.DataFrame([lines, *columns]))

    return chosen, parts()


def _not_parquet(path: Path, error: BaseException) -> str:
    reason = str(error).splitlines()[0] if str(error) else "damaged"
    return f"{path}: not a Parquet file ({reason}); check the file"


def _as_text(path: Path, column: pl.Series) -> pl.Series:
    """A column as a CSV file would hold it."""
    kind = column.dtype
    if isinstance(kind, pl.Datetime):
        if kind.time_zone is None:
            return column.dt.strftime("%Y-%m-%d %H:%M:%S%.6f")
        return column.dt.strftime("%Y-%m-%d %H:%M:%S%.6f%z")
    if kind.is_numeric() or kind in (pl.String, pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    raise UsageError(f"{path}: column {column.name} holds {kind}; choose one of text or numbers")


class _Block:
    """Rows that become a part."""

    def __init__(self, roles: list[str]) -> None:
        self._roles = roles
        self._lines: list[int] = []
        self._rows: list[list[str | None]] = []
        self.broken: list[tuple[int, str, str]] = []

    @property
    def size(self) -> int:
        return len(self._rows) + len(self.broken)

    def add(self, line: int, values: list[str | None]) -> None:
        self._lines.append(line)
        self._rows.append(values)

    def part(self) -> Part:
        schema = dict.fromkeys(self._roles, pl.String())
        frame = pl.DataFrame(self._rows, schema=schema, orient="row")
        return Part(frame.with_columns(line=pl.Series(self._lines, dtype=pl.Int64)), self.broken)
