"""Where the files that travel with dmsim are found, and where results may go."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from dmsim.errors import UsageError

Room = Literal["seeds", "scenarios", "locustfiles"]

_PACKAGE = Path(__file__).resolve().parent


def data_path(room: Room) -> Path:
    """The folder of packaged data: inside an installed wheel, else in the repository.

    An editable install runs from ``src/dmsim``, which holds no ``data`` folder, so it always reads
    the repository's own files and never a stale copy.
    """
    packaged = _PACKAGE / "data" / room
    return packaged if packaged.is_dir() else _PACKAGE.parents[1] / room


def check_writable(folder: Path) -> None:
    """Refuse a folder for results that could not be made or filled, before any work is done.

    Raises:
        UsageError: what it would lie in is no folder, or may not be written to.
    """
    try:
        there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}; choose another --out") from None
    if not there.is_dir():
        raise UsageError(f"{folder}: {there} is a file, not a folder; choose another --out")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{folder}: {there} may not be written to; choose another --out")


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        OSError: it cannot be written; what was there stays as it was.
    """
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def remove_partial(folder: Path) -> None:
    """Remove what :func:`write_whole` leaves behind where the process is killed meanwhile.

    Only for who writes to the folder alone.
    """
    for partial in folder.glob(".*.partial-*"):
        partial.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path, check: Callable[[], None]) -> Iterator[Path]:
    """A temporary folder to fill, which becomes ``path`` when the block ends well.

    On any error or interruption nothing is left behind and what was there stays as it was.

    Args:
        path: the folder to write.
        check: raises where ``path`` must not be written to; asked before and after the block.
    """
    check()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        check()  # Somebody else may have been as quick.
        _replace(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _replace(partial: Path, path: Path) -> None:
    if not path.exists():
        partial.rename(path)
        return
    old = path.with_name(f".{path.name}.old-{os.getpid()}")
    path.rename(old)
    try:
        partial.rename(path)
    except BaseException:
        old.rename(path)
        raise
    shutil.rmtree(old)
