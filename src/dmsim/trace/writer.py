"""Writing a trace: into a temporary folder, the manifest last, then one rename."""

from contextlib import AbstractContextManager
from pathlib import Path

import polars as pl

from dmsim.errors import UsageError
from dmsim.paths import check_writable, new_folder
from dmsim.trace.digest import TableDigest
from dmsim.trace.manifest import Manifest, encode_manifest
from dmsim.trace.reader import MANIFEST, is_trace
from dmsim.trace.schema import ACTIONS, Table


def write_table(folder: Path, table: Table, frame: pl.DataFrame) -> None:
    """Write one table of a trace with exactly its columns."""
    file = folder / table.path
    file.parent.mkdir(parents=True, exist_ok=True)
    _write(frame.select(pl.col(name).cast(dtype) for name, dtype in table.columns.items()), file)


class ActionWriter:
    """Writes one cell's actions, part by part, and keeps their digest and counts."""

    def __init__(self, folder: Path, cell: int) -> None:
        self._folder = folder / ACTIONS.path / f"cell={cell}"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._digest = TableDigest(ACTIONS.schema)
        self._parts = 0
        self.by_action: dict[str, int] = {}

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows that come after all earlier ones in time."""
        if frame.is_empty():
            return
        _write(frame, self._folder / f"part-{self._parts:05}.parquet")
        self._parts += 1
        self._digest.update(frame)
        for action, count in frame.group_by("action").len().iter_rows():
            self.by_action[action] = self.by_action.get(action, 0) + count

    def digest(self) -> bytes:
        """The digest of all rows written."""
        return self._digest.digest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make the folder a trace."""
    (folder / MANIFEST).write_bytes(encode_manifest(manifest))


def new_trace(path: Path, *, force: bool = False) -> AbstractContextManager[Path]:
    """A temporary folder to fill, which becomes ``path`` when the block ends well.

    On any error or interruption nothing is left behind and an earlier trace stays as it was.

    Raises:
        UsageError: ``path`` exists and ``force`` is not given, or it holds something else than a
            trace.
    """
    return new_folder(path, lambda: check_free(path, force=force))


def check_free(path: Path, *, force: bool) -> None:
    """Refuse a path that must not be written to, before any work is done."""
    check_writable(path)
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    if not is_trace(path):
        raise UsageError(f"{path}: exists and is not a dmsim trace; choose another --out")
    if not force:
        raise UsageError(f"{path}: a trace is already there; add --force or choose another --out")


def _write(frame: pl.DataFrame, file: Path) -> None:
    try:
        frame.write_parquet(file, compression="zstd", compression_level=1, statistics=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UsageError(
            f"{file}: cannot be written ({error}); make room or choose another --out"
        ) from None
