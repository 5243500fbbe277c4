"""Reading a trace back: checked on opening, whole or refused."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl

from dmsim.errors import UsageError
from dmsim.progress import Progress, Silent
from dmsim.trace.digest import TableDigest, combine
from dmsim.trace.manifest import Manifest, decode_manifest
from dmsim.trace.schema import ACTIONS, INITIAL, SCHEMA_VERSION, TEXTS, Table

MANIFEST = "manifest.json"


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
        for table in (*INITIAL, TEXTS):
            rows = _checked_rows(path / table.path, table)
            _expect(path / table.path, rows, trace.manifest.counts.get(table.path, 0))
        total = 0
        for file in trace.action_files():
            total += _checked_rows(file, ACTIONS)
        _expect(path / ACTIONS.path, total, trace.manifest.actions)
        return trace

    def action_files(self) -> list[Path]:
        """The Parquet files of the actions, by cell and part."""
        return sorted((self.path / ACTIONS.path).glob("cell=*/*.parquet"), key=_cell_and_part)

    def table(self, table: Table) -> pl.DataFrame:
        """One of the tables of the initial state, or the texts."""
        return _read(self.path / table.path)

    def actions(self, columns: list[str] | None = None) -> pl.DataFrame:
        """The actions of all cells, ordered by ``at`` and ``seq``; all columns by default."""
        wanted = columns or list(ACTIONS.columns)
        read = list(dict.fromkeys([*wanted, "at", "seq"]))
        parts = [_read(file, read) for file in self.action_files()]
        if not parts:
            return pl.DataFrame(schema=ACTIONS.schema).select(wanted)
        frame = pl.concat(parts)
        return frame.sort("at", "seq").select(wanted)

    def verify(self, progress: Progress | None = None) -> str:
        """Digest every row anew and hold it against the manifest; returns the digest.

        Raises:
            UsageError: the rows are not those that the manifest was written for.
        """
        digests = [_digest(table, self.table(table)) for table in (*INITIAL, TEXTS)]
        cells: dict[str, list[Path]] = {}
        for file in self.action_files():
            cells.setdefault(file.parent.name, []).append(file)
        with (progress or Silent()).stage("verify", self.manifest.actions, "actions") as stage:
            for files in cells.values():
                digest = TableDigest(ACTIONS.schema)
                for file in files:
                    frame = _read(file)
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


def is_trace(path: Path) -> bool:
    """Whether a folder is a trace that dmsim wrote, of whatever version, whole or damaged."""
    try:
        decode_manifest((path / MANIFEST).read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return True


def _digest(table: Table, frame: pl.DataFrame) -> bytes:
    digest = TableDigest(table.schema)
    digest.update(frame)
    return digest.digest()


def _read_manifest(path: Path) -> Manifest:
    if not path.is_dir():
        raise UsageError(f"{path}: no such trace folder; make one with: dmsim simulate quickstart")
    file = path / MANIFEST
    try:
        manifest = decode_manifest(file.read_bytes())
    except FileNotFoundError:
        raise UsageError(
            f"{path}: not a trace, it has no {MANIFEST}; make one with: dmsim simulate quickstart"
        ) from None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
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
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(
            f"{file}: missing or damaged ({reason}); the trace is not whole, simulate it again"
        ) from None
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


def _read(file: Path, columns: list[str] | None = None) -> pl.DataFrame:
    return pl.read_parquet(file, columns=columns, hive_partitioning=False)


def _cell_and_part(file: Path) -> tuple[int, str]:
    return int(file.parent.name.removeprefix("cell=")), file.name
