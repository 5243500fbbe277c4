"""Reading a trace back: checked on opening, whole or refused."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dmsim.errors import UsageError
from dmsim.progress import Progress, Silent
from dmsim.trace.digest import TableDigest, combine, digest_of
from dmsim.trace.manifest import Manifest, decode_manifest
from dmsim.trace.schema import ACTIONS, INITIAL, RESULTS, SCHEMA_VERSION, TEXTS, Table

MANIFEST = "manifest.json"

#: All tables but the actions, in the order in which they are digested.
_TABLES = (*INITIAL, *RESULTS, TEXTS)

#: What Polars raises over a file that is not as it was written; some damage makes it panic.
_DAMAGE = (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException)


@dataclass(frozen=True)
class Trace:
    """A trace on disk: its manifest, its initial state, its actions."""

    path: Path
    manifest: Manifest

    @classmethod
    def open(cls, path: Path | str) -> "Trace":
        """Open a trace folder and check that every file is there with the right columns.

        Raises:
            UsageError: the folder is no trace, is not whole, or has another schema version.
        """
        path = Path(path)
        trace = cls(path, _read_manifest(path))
        for table in _TABLES:
            rows = _checked_rows(path / table.path, table)
            _expect(path / table.path, rows, trace.manifest.counts.get(table.path, 0))
        total = 0
        for file in trace.action_files():
            total += _checked_rows(file, ACTIONS)
        _expect(path / ACTIONS.path, total, trace.manifest.actions)
        return trace

    def action_files(self) -> list[Path]:
        """The Parquet files of the actions, by cell and part."""
        return [file for cell in self._cells() for file in sorted(cell.glob("*.parquet"))]

    def table(self, table: Table) -> pl.DataFrame:
        """Any table but the actions: of the initial state, of the results, or the texts."""
        return _read(self.path / table.path, table)

    def actions(self, columns: list[str] | None = None) -> pl.DataFrame:
        """The actions of all cells, ordered by ``at`` and ``seq``; all columns by default."""
        wanted = columns or list(ACTIONS.columns)
        read = list(dict.fromkeys([*wanted, "at", "seq"]))
        parts = [_read(file, ACTIONS, read) for file in self.action_files()]
        if not parts:
            return pl.DataFrame(schema=ACTIONS.schema).select(wanted)
        frame = pl.concat(parts)
        return frame.sort("at", "seq").select(wanted)

    def verify(self, progress: Progress | None = None) -> str:
        """Digest every row anew and hold it against the manifest; returns the digest.

        Raises:
            UsageError: the rows are not those that the manifest was written for.
        """
        digests = [digest_of(self.table(table)) for table in _TABLES]
        with (progress or Silent()).stage("verify", self.manifest.actions, "actions") as stage:
            for cell in self._cells():
                digest = TableDigest(ACTIONS.schema)
                for file in sorted(cell.glob("*.parquet")):
                    frame = _read(file, ACTIONS)
                    self._expect_in_window(file, frame["at"])
                    digest.update(frame)
                    stage.advance(frame.height)
                digests.append(digest.digest())
        found = combine(digests)
        if found != self.manifest.digest:
            raise UsageError(
                f"{self.path}: its rows do not match its manifest (digest {found}, expected "
                f"{self.manifest.digest}); the trace was altered or damaged, simulate it again"
            )
        return found

    def _cells(self) -> list[Path]:
        """The folders of the cells, in their order; one without actions may not be there."""
        return [self.path / ACTIONS.path / f"cell={n}" for n in range(self.manifest.cells)]

    def _expect_in_window(self, file: Path, at: pl.Series) -> None:
        window = self.manifest.from_us, self.manifest.until_us
        if not at.is_between(*window, closed="left").all():
            raise UsageError(
                f"{file}: holds actions outside the window that the manifest gives ({window[0]} "
                f"to {window[1]} µs); the trace was altered or damaged, simulate it again"
            )


def is_trace(path: Path) -> bool:
    """Whether a folder is a trace that dmsim wrote, of whatever version, whole or damaged."""
    try:
        decode_manifest((path / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return True


def _read_manifest(path: Path) -> Manifest:
    if not path.is_dir():
        raise UsageError(
            f"{path}: no such trace folder; make one with: dmsim simulate quickstart --out {path}"
        )
    file = path / MANIFEST
    try:
        manifest = decode_manifest(file.read_bytes())
    except FileNotFoundError:
        raise UsageError(
            f"{path}: not a trace, it has no {MANIFEST}; make one with: dmsim simulate quickstart"
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: not a trace manifest ({error}); simulate it again") from None
    if manifest.schema_version != SCHEMA_VERSION:
        raise UsageError(
            f"{file}: schema_version {manifest.schema_version}, this dmsim reads "
            f"{SCHEMA_VERSION}; simulate it again with this version"
        )
    return manifest


def _checked_rows(file: Path, table: Table) -> int:
    try:
        found = pl.read_parquet_schema(file)
        rows = int(pl.scan_parquet(file).select(pl.len()).collect().item())
    except _DAMAGE as error:
        raise _damaged(file, error) from None
    if found != dict(table.schema):
        wrong = sorted(set(found.items()) ^ set(table.schema.items()), key=str)
        columns = ", ".join(dict.fromkeys(name for name, _ in wrong)) or "order"
        raise UsageError(
            f"{file}: not the columns of a dmsim trace (differs in: {columns}); simulate it again"
        )
    return rows


def _expect(file: Path, rows: int, expected: int) -> None:
    if rows != expected:
        raise UsageError(
            f"{file}: {rows} rows, the manifest says {expected}; the trace is not whole, "
            "simulate it again"
        )


def _read(file: Path, table: Table, columns: list[str] | None = None) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(file, columns=columns, hive_partitioning=False)
    except _DAMAGE as error:
        raise _damaged(file, error) from None
    for column in frame.iter_columns():
        if column.name not in table.optional and column.null_count():
            raise UsageError(f"{file}: {column.name} has rows without a value; simulate it again")
    return frame


def _damaged(file: Path, error: BaseException) -> UsageError:
    reason = (str(error) or type(error).__name__).splitlines()[0]
    return UsageError(
        f"{file}: missing or damaged ({reason}); the trace is not whole, simulate it again"
    )
