"""What became of every action, in memory that outlives the process which writes it.

The columns of a running replay lie in a file that is mapped into memory: writing an element costs
what it costs in an array, and whatever was written is in the file from that moment on, even if the
process is killed in the next one. Whoever is left then reads it. What does not fit into a column of
fixed width (an outcome that differs, what kept an action from being answered) is a *note*, appended
to a second file as it comes.
"""

import mmap
import os
import struct
from array import array
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from dmsim.adapters.base import Outcome
from dmsim.errors import UsageError
from dmsim.replay.heard import Heard, Held

#: Eight bytes each for three times, two for a status, one each for fate and judgement.
_WIDTH = 3 * 8 + 2 + 1 + 1
_MAGIC = b"dmsimrow"
#: Magic, number of actions, T0.
_HEAD = struct.Struct("=8sqq")
_T0 = struct.Struct("=q")
_T0_AT = 16
_LENGTH = struct.Struct("=I")

Ints = npt.NDArray[np.int64]

#: One finished action.
ROW = np.dtype(
    [
        ("row", np.int64),
        ("ready", np.int64),
        ("start", np.int64),
        ("done", np.int64),
        ("status", np.int16),
        ("fate", np.uint8),
        ("judgement", np.uint8),
    ]
)


class Notes(msgspec.Struct, array_like=True):
    """What is known of some actions beside their columns, by row.

    Attributes:
        outcomes: of answered actions that did not match.
        signs: how the backend would have written what was demanded of them, if it has such signs.
        errors: what kept actions from being answered.
        causes: of skipped actions: the row that failed and so began the chain.
        deliveries: of probed messages: nanoseconds until they were seen to have arrived, or one of
            the codes of :mod:`dmsim.replay.delivery`.
        ids: of messages, where somebody listens: what the backend calls them.
        heard: messages that arrived at held connections; these and ``held`` belong to no row.
        held: connections that were to be held, each when it is no more.
    """

    outcomes: dict[int, Outcome] = {}
    signs: dict[int, str] = {}
    errors: dict[int, str] = {}
    causes: dict[int, int] = {}
    deliveries: dict[int, int] = {}
    ids: dict[int, bytes] = {}
    heard: list[Heard] = []
    held: list[Held] = []

    def add(self, other: "Notes") -> None:
        """Know what the other knows, too."""
        self.outcomes.update(other.outcomes)
        self.signs.update(other.signs)
        self.errors.update(other.errors)
        self.causes.update(other.causes)
        self.deliveries.update(other.deliveries)
        self.ids.update(other.ids)
        self.heard += other.heard
        self.held += other.held

    def of(self, rows: list[int]) -> "Notes":
        """What is known of some rows."""
        return Notes(
            {row: self.outcomes[row] for row in rows if row in self.outcomes},
            {row: self.signs[row] for row in rows if row in self.signs},
            {row: self.errors[row] for row in rows if row in self.errors},
            {row: self.causes[row] for row in rows if row in self.causes},
            {row: self.deliveries[row] for row in rows if row in self.deliveries},
            {row: self.ids[row] for row in rows if row in self.ids},
        )


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Notes).decode


class Rows:
    """The columns of one replaying process, as long as the schedule; others' rows stay empty.

    Attributes:
        ready: when the action could begin at the earliest.
        start: when it was sent, -1 where it was not.
        done: when it was answered or failed, -1 where it did not.
        statuses: of HTTP, 0 without an answer.
        fates: codes of :class:`dmsim.replay.dispatcher.Fate`.
        judgements: codes of :class:`dmsim.replay.judge.Judgement`.
        order: the rows in the order in which they met their fate; of this process alone.
        notes: what else is known.
    """

    def __init__(self, size: int, file: Path | None = None) -> None:
        """Lay out the columns, in a new file or in memory alone.

        Raises:
            UsageError: there is no room for the file.
        """
        self.size = size
        self.order = array("q")
        self.notes = Notes()
        self._untold = Notes()
        self._notes_file = -1
        memory = self._in_file(size, file) if file else mmap.mmap(-1, _HEAD.size + size * _WIDTH)
        self._lay_out(memory)
        self._memory[: _HEAD.size] = _HEAD.pack(_MAGIC, size, 0)
        empty = array("q", [-1]) * size
        self.start[:] = memoryview(empty)
        self.done[:] = memoryview(empty)

    def _in_file(self, size: int, file: Path) -> mmap.mmap:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
            try:
                # Reserved now: a full disk would otherwise kill the process in the middle.
                os.posix_fallocate(handle, 0, _HEAD.size + size * _WIDTH)
                memory = mmap.mmap(handle, _HEAD.size + size * _WIDTH)
            finally:
                os.close(handle)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
            self._notes_file = os.open(_notes_beside(file), flags, 0o644)
        except OSError as error:
            raise UsageError(
                f"{file.parent}: the results cannot be written ({error.strerror}); make room or "
                "choose another --out"
            ) from None
        return memory

    def _lay_out(self, memory: mmap.mmap) -> None:
        self._memory = memory
        size, body = self.size, memoryview(memory)[_HEAD.size :]
        times = body[: 24 * size].cast("q")
        self.ready, self.start, self.done = (times[n * size : (n + 1) * size] for n in range(3))
        self.statuses = body[24 * size : 26 * size].cast("h")
        self.fates = body[26 * size : 27 * size]
        self.judgements = body[27 * size :]

    @property
    def t0(self) -> int:
        """The beginning on this process's clock; 0 until it is set."""
        value: int = _T0.unpack_from(self._memory, _T0_AT)[0]
        return value

    @t0.setter
    def t0(self, instant: int) -> None:
        _T0.pack_into(self._memory, _T0_AT, instant)

    def note_outcome(self, row: int, outcome: Outcome, sign: str) -> None:
        """Keep an outcome that did not match, and the sign of what was demanded."""
        self._note(Notes(outcomes={row: outcome}, signs={row: sign} if sign else {}))

    def note_error(self, row: int, kind: str) -> None:
        """Keep what kept an action from being answered."""
        self._note(Notes(errors={row: kind}))

    def note_cause(self, row: int, cause: int) -> None:
        """Keep why an action is skipped."""
        self._note(Notes(causes={row: cause}))

    def note_delivery(self, row: int, delivery: int) -> None:
        """Keep what a probe found, which may be long after the action met its fate."""
        self._note_later(Notes(deliveries={row: delivery}))

    def note_id(self, row: int, id_: bytes) -> None:
        """Keep what the backend calls a message."""
        self._note(Notes(ids={row: id_}))

    def note_heard(self, heard: Heard) -> None:
        """Keep that a message arrived."""
        self._note_later(Notes(heard=[heard]))

    def note_held(self, held: Held) -> None:
        """Keep what became of a connection that was to be held."""
        self._note_later(Notes(held=[held]))

    def _note_later(self, notes: Notes) -> None:
        """Keep what is known at another time than when an action meets its fate."""
        self._untold.add(notes)
        self._note(notes)

    def _note(self, notes: Notes) -> None:
        self.notes.add(notes)
        if self._notes_file >= 0:
            data = _encode(notes)
            os.write(self._notes_file, _LENGTH.pack(len(data)) + data)

    def since(self, cursor: int) -> "Block":
        """What the rows say that met their fate after the first ``cursor`` ones did.

        And what probes have found and who listens has heard since this was asked last.
        """
        block = self.block(np.array(self.order[cursor:], dtype=np.int64))
        block.notes.add(self._untold)
        self._untold = Notes()
        return block

    def finished(self) -> "Block":
        """All that is known by now."""
        block = self.block(np.flatnonzero(np.asarray(self.fates)))
        block.notes.add(Notes(heard=self.notes.heard, held=self.notes.held))
        return block

    def block(self, rows: Ints) -> "Block":
        """What some rows say, with the times counted from T0."""
        table = np.empty(len(rows), dtype=ROW)
        table["row"] = rows
        for name in ("ready", "start", "done"):
            times = np.asarray(getattr(self, name))[rows]
            table[name] = np.where(times < 0, -1, times - self.t0)
        table["status"] = np.asarray(self.statuses)[rows]
        table["fate"] = np.asarray(self.fates)[rows]
        table["judgement"] = np.asarray(self.judgements)[rows]
        return Block(table, self.notes.of(rows.tolist()))

    def close(self) -> None:
        """Give the notes' file back; the columns stay readable."""
        if self._notes_file >= 0:
            os.close(self._notes_file)
            self._notes_file = -1


class Block(NamedTuple):
    """Some rows of a replay.

    Attributes:
        table: of the type :data:`ROW`; times are nanoseconds from T0, -1 where something did not
            happen.
        notes: what is known of them beside.
    """

    table: np.ndarray
    notes: Notes

    def encode(self) -> bytes:
        """The block as bytes, for a message."""
        return msgspec.msgpack.encode((self.table.tobytes(), self.notes))

    @classmethod
    def decode(cls, data: bytes) -> "Block":
        """Read back what :meth:`encode` wrote.

        Raises:
            msgspec.MsgspecError: it is none of ours.
        """
        table, notes = msgspec.msgpack.decode(data, type=tuple[bytes, Notes])
        return cls(np.frombuffer(table, dtype=ROW), notes)


def recover(file: Path) -> Block | None:
    """The finished rows in the file of a process that is gone; None where it never began.

    Raises:
        UsageError: the file is not one of ours.
    """
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    try:
        magic, size, t0 = _HEAD.unpack_from(data)
    except struct.error:
        return None
    if magic != _MAGIC or len(data) != _HEAD.size + size * _WIDTH:
        raise UsageError(f"{file}: not the rows of a replay; remove it and replay again")
    if not t0:
        return None
    rows = Rows(size)
    rows._memory[:] = data
    rows.notes = _read_notes(_notes_beside(file))
    return rows.finished()


def _read_notes(file: Path) -> Notes:
    notes = Notes()
    with suppress(FileNotFoundError):
        for data in _frames(file.read_bytes()):
            notes.add(_decode(data))
    return notes


def _frames(data: bytes) -> Iterator[bytes]:
    """Every whole frame; the last may have been cut off."""
    at = 0
    while at + _LENGTH.size <= len(data):
        (length,) = _LENGTH.unpack_from(data, at)
        at += _LENGTH.size
        if at + length > len(data):
            return
        yield data[at : at + length]
        at += length


def discard(file: Path) -> None:
    """Remove the files of rows, if there are any."""
    for path in (file, _notes_beside(file)):
        path.unlink(missing_ok=True)


def _notes_beside(file: Path) -> Path:
    return file.with_suffix(".notes")
