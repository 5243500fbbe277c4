"""The durable half of the backend: SQLite with group commit.

Changes gather in memory while a commit is under way and go to disk together in the next one; an
answer waits for the commit of whatever it tells. The loop's thread writes the rows (memory
only) and a second thread commits (the disk's part), so neither ever waits for the other's lock.
"""

import asyncio
import queue
import re
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from dmsim.errors import InvalidRunError, UsageError
from dmsim.server.changes import Changes
from dmsim.server.state import Comment, Conversation, Message, World
from dmsim.vocabulary import Thread

#: "dmsm": marks a file as a backend's own.
_APPLICATION_ID = 0x646D736D
_LAYOUT = 1

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY, kind INTEGER, age INTEGER, registered INTEGER, setting INTEGER);
CREATE TABLE posts (id INTEGER PRIMARY KEY, page INTEGER);
CREATE TABLE follows (pair INTEGER PRIMARY KEY);
CREATE TABLE contacts (pair INTEGER PRIMARY KEY);
CREATE TABLE blocks (pair INTEGER PRIMARY KEY);
CREATE TABLE conversations (
    pair INTEGER PRIMARY KEY, requester INTEGER, thread INTEGER, moved INTEGER,
    unread_low INTEGER, unread_high INTEGER);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, pair INTEGER, author INTEGER, at INTEGER, text TEXT);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY, post INTEGER, author INTEGER, at INTEGER, text TEXT,
    publicly_replied INTEGER, privately_replied INTEGER);
CREATE TABLE replies (
    id INTEGER PRIMARY KEY, comment INTEGER, author INTEGER, at INTEGER, text TEXT);
"""

_NAMES = re.findall(r"CREATE TABLE (\w+)", _TABLES)


class Store:
    """One SQLite file, held exclusively, and the commit groups that go to it.

    Args:
        path: the database file; made when missing.

    Raises:
        UsageError: the file cannot be opened, is no backend's, or another process holds it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.changes = Changes()
        self.failure: sqlite3.Error | None = None
        self.on_failure: Callable[[], None] = lambda: None
        self.connection = _open(path)
        self._next: asyncio.Future[bool] | None = None
        self._under_way: asyncio.Future[bool] | None = None
        self._requested: queue.SimpleQueue[asyncio.AbstractEventLoop | None] = queue.SimpleQueue()
        self._committer = threading.Thread(target=self._commit_on_request, daemon=True)
        self._committer.start()

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

    def _begin(self) -> None:
        changes, self.changes = self.changes, Changes()
        self._under_way, self._next = self._next, None
        try:
            self.connection.execute("BEGIN")
            if changes.emptied:
                for table in _NAMES:
                    self.connection.execute(f"DELETE FROM {table}")
            for statement, rows in changes.statements():
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
        elif self._next is not None:
            self._begin()
        if ended is not None and not ended.done():
            ended.set_result(error is None)

    def _fail(self, error: sqlite3.Error) -> None:
        self.failure = error
        if self._next is not None and not self._next.done():
            self._next.set_result(False)
        self._next = None
        self.on_failure()

    def load(self) -> tuple[World, dict[str, str]]:
        """The world and the notes (``digest``, ``policy``) that the file holds."""
        world = World()
        read = self.connection.execute
        for name, column in (
            ("kind", world.kinds),
            ("age", world.ages),
            ("registered", world.registered),
            ("setting", world.settings),
        ):
            column.extend(value for (value,) in read(f"SELECT {name} FROM accounts ORDER BY id"))
        world.pages = dict(read("SELECT id, page FROM posts"))
        world.follows = {pair for (pair,) in read("SELECT pair FROM follows")}
        world.contacts = {pair for (pair,) in read("SELECT pair FROM contacts")}
        world.blocks = {pair for (pair,) in read("SELECT pair FROM blocks")}
        self._load_conversations(world)
        for id_, post, author, publicly, privately in read(
            "SELECT id, post, author, publicly_replied, privately_replied FROM comments"
        ):
            world.add_comment(Comment(id_, post, author, bool(publicly), bool(privately)))
        (world.next_reply,) = read("SELECT ifnull(max(id) + 1, 0) FROM replies").fetchone()
        return world, dict(read("SELECT key, value FROM meta"))

    def _load_conversations(self, world: World) -> None:
        read = self.connection.execute
        for pair, requester, thread, *counters in read(
            "SELECT pair, requester, thread, moved, unread_low, unread_high"
            " FROM conversations ORDER BY moved"
        ):
            low, high = pair >> 32, pair & 0xFFFF_FFFF
            world.add_conversation(Conversation(low, high, Thread(thread), requester, *counters))
        for id_, pair, author, at, text in read(
            "SELECT id, pair, author, at, text FROM messages ORDER BY id"
        ):
            world.conversations[pair].append(Message(id_, author, at, text))
            world.next_message = id_ + 1


def _open(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            path, timeout=1.0, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise UsageError(f"{path}: {error}; choose another --db") from None
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        if "locked" in str(error):
            raise UsageError(
                f"{path}: another process holds this database; stop it or choose another --db"
            ) from None
        raise UsageError(f"{path}: {error}; choose another --db") from None
    except UsageError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if (tables or application) and (application, layout) != (_APPLICATION_ID, _LAYOUT):
        raise UsageError(f"{path}: is not a database of this backend; choose another --db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    connection.execute("PRAGMA cache_size = -65536")
    # The first write takes the lock that every other process then meets.
    connection.execute("BEGIN IMMEDIATE")
    if not tables:
        for statement in _TABLES.split(";")[:-1]:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")
    connection.execute("COMMIT")
