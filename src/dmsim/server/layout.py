"""The tables of the database file, and how it is opened."""

import re
import sqlite3
from pathlib import Path

from dmsim.errors import UsageError

#: "dmsm": marks a file as a backend's own.
_APPLICATION_ID = 0x646D736D
_LAYOUT = 3

_TABLES = """
CREATE TABLE cipher (proof BLOB NOT NULL);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY, kind INTEGER, age INTEGER, registered INTEGER, region INTEGER,
    device INTEGER, joined INTEGER, everyone_offered INTEGER, name TEXT, setting INTEGER,
    read_status INTEGER, filter_requests INTEGER, allow_business INTEGER, notifications INTEGER,
    family_restricted INTEGER, standing INTEGER, until INTEGER, violations INTEGER, worst INTEGER,
    reports INTEGER, last_report INTEGER, open_reports INTEGER);
CREATE TABLE presence (account INTEGER PRIMARY KEY, active INTEGER);
CREATE TABLE banned_devices (device INTEGER PRIMARY KEY);
CREATE TABLE posts (id INTEGER PRIMARY KEY, page INTEGER);
CREATE TABLE guardians (pair INTEGER PRIMARY KEY);
CREATE TABLE acquaintances (pair INTEGER PRIMARY KEY);
CREATE TABLE follows (pair INTEGER PRIMARY KEY);
CREATE TABLE contacts (pair INTEGER PRIMARY KEY);
CREATE TABLE blocks (pair INTEGER PRIMARY KEY);
CREATE TABLE conversations (
    pair INTEGER PRIMARY KEY, requester INTEGER, thread INTEGER, filtered INTEGER,
    requested_count INTEGER, moved INTEGER,
    low_unread INTEGER, low_visible INTEGER, low_muted INTEGER, low_since INTEGER, low_hidden TEXT,
    high_unread INTEGER, high_visible INTEGER, high_muted INTEGER, high_since INTEGER,
    high_hidden TEXT, by_private_reply INTEGER, answered INTEGER);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, pair INTEGER, author INTEGER, at INTEGER, text BLOB, content INTEGER,
    uses INTEGER);
CREATE TABLE comments (
    id INTEGER PRIMARY KEY, post INTEGER, author INTEGER, at INTEGER, text BLOB,
    publicly_replied INTEGER, privately_replied INTEGER, personal INTEGER);
CREATE TABLE replies (
    id INTEGER PRIMARY KEY, comment INTEGER, page INTEGER, at INTEGER, text BLOB,
    announces INTEGER);
CREATE TABLE sent (
    page INTEGER PRIMARY KEY, hour INTEGER, private_replies INTEGER, second INTEGER,
    mailed INTEGER);
CREATE TABLE cases (
    id INTEGER PRIMARY KEY, action INTEGER, page INTEGER, person INTEGER, comment INTEGER,
    at INTEGER);
CREATE TABLE subscriptions (page INTEGER PRIMARY KEY, fields TEXT);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, entry BLOB);
CREATE TABLE videos (id INTEGER PRIMARY KEY, author INTEGER, private INTEGER);
CREATE TABLE sticker_sets (
    account INTEGER, sticker_set INTEGER, place INTEGER, PRIMARY KEY (account, sticker_set)
    ) WITHOUT ROWID;
CREATE TABLE reports (
    id INTEGER PRIMARY KEY, reporter INTEGER, accused INTEGER, action INTEGER, about INTEGER,
    at INTEGER, open INTEGER);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY, staff INTEGER, account INTEGER, at INTEGER, reports TEXT);
"""

#: What a reset empties: everything but the proof of the key.
EMPTIED = tuple(name for name in re.findall(r"CREATE TABLE (\w+)", _TABLES) if name != "cipher")


def open_database(path: Path) -> sqlite3.Connection:
    """Open a database file, made when missing, and hold it exclusively.

    Raises:
        UsageError: the file cannot be opened, is no backend's, or another process holds it.
    """
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
    if tables or application:
        _check(path, application, layout)
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


def _check(path: Path, application: int, layout: int) -> None:
    if application != _APPLICATION_ID:
        raise UsageError(f"{path}: is not a database of this backend; choose another --db")
    if layout != _LAYOUT:
        raise UsageError(
            f"{path}: was written by another version of dmsim (layout {layout}, not {_LAYOUT});"
            " choose another --db and provision anew"
        )
