"""What has been filled into a backend so far, in a file that survives whoever was filling.

A line for each request that was answered: its number among all of them, and what the adapter
learnt from the answer (ids, credentials). The first line says which trace, adapter and backend it
is about, the last that nothing is missing. Whoever is killed leaves a file from which to go on.

The file holds credentials: only its owner may read it.
"""

import fcntl
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Self

import msgspec

from dmsim.adapters import declared_path, is_declared
from dmsim.adapters.base import Adapter
from dmsim.errors import UsageError

#: What the first line says the file is.
_KIND = "dmsim filling 1"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a filling is of.

    Attributes:
        trace: the digest of the trace.
        adapter: its name, and the digest of its file if it is one.
        host: the backend's URL.
    """

    kind: str = _KIND
    trace: str
    adapter: str
    host: str


class _Done(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request that was answered, or the end of them all."""

    n: int = -1
    learnt: list[Any] = []
    complete: bool = False


def about(digest: str, adapter: str, host: str) -> About:
    """What the filling of a trace into a backend is of.

    Args:
        digest: of the trace.
        adapter: as in ``--adapter``.
        host: the backend's URL.
    """
    name = adapter
    if is_declared(adapter):
        name = hashlib.sha256(declared_path(adapter).read_bytes()).hexdigest()
    return About(trace=digest, adapter=name, host=host.rstrip("/"))


class Filling:
    """A file that tells how far a backend is filled.

    Attributes:
        complete: whether nothing is missing.
    """

    def __init__(self, path: Path, file: IO[bytes], done: Sequence[_Done]) -> None:
        self.path = path
        self.complete = any(one.complete for one in done)
        self._file = file
        self._done = {one.n for one in done if one.n >= 0}
        self._learnt = [one for told in done for one in told.learnt]

    @classmethod
    def open(cls, path: Path, of: About, *, shared: bool = False) -> Self:
        """Go on with a file, or begin one.

        Args:
            path: the file.
            of: what it is to be about.
            shared: whether others may read it at the same time, as long as nobody writes.

        Raises:
            UsageError: it cannot be used, is in use, or is of another trace, adapter or backend.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            os.fchmod(descriptor, 0o600)
            file = os.fdopen(descriptor, "r+b")
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; choose another file") from None
        try:
            _lock(file, path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
            lines = file.read().splitlines(keepends=True)
            done = _read(path, lines, of)
            whole = sum(len(line) for line in lines if line.endswith(b"\n"))
            # Whoever was killed while writing left half a line.
            file.truncate(whole)
            file.seek(whole)
            if not whole:
                file.write(msgspec.json.encode(of) + b"\n")
                file.flush()
        except BaseException:
            file.close()
            raise
        return cls(path, file, done)

    def has(self, n: int) -> bool:
        """Whether the request of that number was answered."""
        return n in self._done

    def recall(self, adapter: Adapter) -> None:
        """Tell an adapter all that was learnt."""
        try:
            adapter.recall(self._learnt)
        except (TypeError, ValueError):
            raise UsageError(f"{self.path}: is damaged; remove it and fill anew") from None

    def note(self, n: int, learnt: Sequence[object]) -> None:
        """Note that a request was answered, and what was learnt."""
        self._write(_Done(n=n, learnt=list(learnt)))

    def finish(self) -> None:
        """Note that nothing is missing."""
        self.complete = True
        self._write(_Done(complete=True))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, done: _Done) -> None:
        try:
            self._file.write(msgspec.json.encode(done) + b"\n")
            self._file.flush()
        except OSError as error:
            raise UsageError(f"{self.path}: {error.strerror}; make room, then --resume") from None


def _lock(file: IO[bytes], path: Path, how: int) -> None:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except OSError:
        raise UsageError(f"{path}: is in use; wait for the other filling to end") from None


def recall_filling(path: Path, of: About, adapter: Adapter) -> None:
    """Tell an adapter what was learnt while a backend was filled.

    Raises:
        UsageError: there is no such file, it is of something else, or the filling is not complete.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file; make it with dmsim provision --state {path}")
    with Filling.open(path, of, shared=True) as filling:
        if not filling.complete:
            raise UsageError(
                f"{path}: the backend is not filled to the end; go on with dmsim provision "
                f"--state {path}"
            )
        filling.recall(adapter)


def _read(path: Path, lines: Sequence[bytes], of: About) -> list[_Done]:
    whole = [line for line in lines if line.endswith(b"\n")]
    if not whole:
        if lines and not msgspec.json.encode(of).startswith(lines[0]):
            raise UsageError(f"{path}: is no filling; choose another file")
        return []
    try:
        found = msgspec.json.decode(whole[0], type=About)
        done = [msgspec.json.decode(line, type=_Done) for line in whole[1:]]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UsageError(f"{path}: is no filling; choose another file") from None
    for name in About.__struct_fields__:
        if getattr(found, name) != getattr(of, name):
            raise UsageError(
                f"{path}: is about {name} {getattr(found, name)}, not {getattr(of, name)}; choose "
                "another file, or remove it to fill anew"
            )
    return done
