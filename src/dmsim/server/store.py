"""The durable half of the backend: SQLite with group commit.

Changes gather in memory while a commit is under way and go to disk together in the next one; an
answer waits for the commit of whatever it tells. The loop's thread writes the rows (memory
only) and a second thread commits (the disk's part), so neither ever waits for the other's lock.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from dmsim.errors import InvalidRunError, UsageError
from dmsim.server.changes import Changes
from dmsim.server.cipher import KEY_VARIABLE, Cipher, WrongKey
from dmsim.server.layout import EMPTIED, open_database
from dmsim.server.loading import load_world
from dmsim.server.state.world import World

#: What is encrypted to know the key again.
_PROOF = "this is the key"


class Store:
    """One SQLite file, held exclusively, and the commit groups that go to it.

    It must be unlocked with the key of its texts before anything else.

    Args:
        path: the database file; made when missing.

    Attributes:
        on_failure: called when a commit failed.
        before_group: each is called with the changes of a group before they are written.
        after_group: each is called when a group is durable.

    Raises:
        UsageError: the file cannot be opened, is no backend's, or another process holds it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.changes = Changes()
        self.failure: sqlite3.Error | None = None
        self.on_failure: Callable[[], None] = lambda: None
        self.before_group: list[Callable[[Changes], None]] = []
        self.after_group: list[Callable[[], None]] = []
        self.connection = open_database(path)
        self._cipher: Cipher
        self._next: asyncio.Future[bool] | None = None
        self._under_way: asyncio.Future[bool] | None = None
        self._requested: queue.SimpleQueue[asyncio.AbstractEventLoop | None] = queue.SimpleQueue()
        self._committer = threading.Thread(target=self._commit_on_request, daemon=True)
        self._committer.start()

    @property
    def has_key(self) -> bool:
        """Whether the file was written with a key already."""
        return self._proof() is not None

    def unlock(self, key: bytes) -> None:
        """Use a key for all texts from now on; the first one is the file's key for ever.

        Raises:
            UsageError: the file was written with another one.
        """
        self._cipher = Cipher(key)
        proof = self._proof()
        if proof is None:
            sealed = self._cipher.seal(_PROOF, "proof")
            self.connection.execute("INSERT INTO cipher VALUES (?)", (sealed,))
            return
        try:
            self._cipher.open(proof, "proof")
        except WrongKey:
            raise UsageError(
                f"{self.path}: was written with another key; give that one by --key-file or"
                f" {KEY_VARIABLE}, or choose another --db"
            ) from None

    def load(self) -> tuple[World, dict[str, str]]:
        """The world and the notes (``digest``, ``policy``, ``clock``) that the file holds.

        Raises:
            UsageError: a text in it was tampered with.
        """
        try:
            world = load_world(self.connection, self._cipher)
        except WrongKey:
            raise self._tampered() from None
        return world, dict(self.connection.execute("SELECT key, value FROM meta"))

    def events(self) -> list[tuple[int, str]]:
        """The events that wait for the receiver of webhooks, with their ids, in their order.

        Raises:
            UsageError: one of them was tampered with.
        """
        rows = self.connection.execute("SELECT id, entry FROM outbox ORDER BY id")
        try:
            return [(id_, self._cipher.open(entry, f"event {id_}")) for id_, entry in rows]
        except WrongKey:
            raise self._tampered() from None

    def settled(self) -> asyncio.Future[bool] | None:
        """What to await before telling of the present state; None when all of it is durable.

        The future is shared by everybody who waits for the same group. It gives False when the
        commit failed.
        """
        if self._next is None and self.changes and self.failure is None:
            loop = asyncio.get_running_loop()
            self._next = loop.create_future()
            if self._under_way is None:
                # Not at once: requests that the loop has already read can join the group.
                loop.call_soon(self._begin)
        return self._next or self._under_way

    def empty(self) -> None:
        """Throw everything away, with the next group."""
        self.changes = Changes(emptied=True)

    def close(self) -> None:
        """Let the commit under way end, then close the file."""
        self._requested.put(None)
        self._committer.join()
        self.connection.close()

    def failed(self) -> InvalidRunError:
        """The line with which a backend whose store failed ends."""
        return InvalidRunError(
            f"{self.path}: writing failed ({self.failure}); make room or choose another --db,"
            " then start again: everything that was answered is in the file"
        )

    def _tampered(self) -> UsageError:
        return UsageError(
            f"{self.path}: holds a text that is not what was written; choose another --db"
        )

    def _proof(self) -> bytes | None:
        row = self.connection.execute("SELECT proof FROM cipher").fetchone()
        return None if row is None else row[0]

    def _begin(self) -> None:
        changes, self.changes = self.changes, Changes()
        self._under_way, self._next = self._next, None
        for gather in self.before_group:
            gather(changes)
        try:
            self.connection.execute("BEGIN")
            if changes.emptied:
                for table in EMPTIED:
                    self.connection.execute(f"DELETE FROM {table}")
            for statement, rows in changes.statements(self._cipher):
                self.connection.executemany(statement, rows)
        except sqlite3.Error as error:
            self._end(error)
        else:
            self._requested.put(asyncio.get_running_loop())

    def _commit_on_request(self) -> None:
        while (loop := self._requested.get()) is not None:
            error = None
            try:
                self.connection.execute("COMMIT")
            except sqlite3.Error as raised:
                error = raised
            loop.call_soon_threadsafe(self._end, error)

    def _end(self, error: sqlite3.Error | None) -> None:
        ended, self._under_way = self._under_way, None
        if error is not None:
            self._fail(error)
        else:
            for release in self.after_group:
                release()
            if self._next is not None:
                self._begin()
        if ended is not None and not ended.done():
            ended.set_result(error is None)

    def _fail(self, error: sqlite3.Error) -> None:
        self.failure = error
        if self._next is not None and not self._next.done():
            self._next.set_result(False)
        self._next = None
        self.on_failure()
