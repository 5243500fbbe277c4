"""The world as a database file holds it."""

import sqlite3

import msgspec

from dmsim.server.changes import ACCOUNT_COLUMNS
from dmsim.server.cipher import Cipher
from dmsim.server.state.accounts import Access, Account, Report, Video
from dmsim.server.state.comments import CaseEnd, Comment, Reply, Sent
from dmsim.server.state.conversation import Conversation, Message, View
from dmsim.server.state.world import World
from dmsim.vocabulary import Action, Thread

_FLAGS = (
    *("registered", "everyone_offered", "read_status", "filter_requests", "allow_business"),
    *("notifications", "family_restricted"),
)
_RELATIONS = ("guardians", "acquaintances", "follows", "contacts", "blocks")


def load_world(connection: sqlite3.Connection, cipher: Cipher) -> World:
    """Read everything; texts are decrypted.

    Raises:
        WrongKey: a text is not what was written.
    """
    world = World()
    read = connection.execute
    _load_accounts(world, connection)
    world.pages = dict(read("SELECT id, page FROM posts"))
    for name in _RELATIONS:
        setattr(world, name, {pair for (pair,) in read(f"SELECT pair FROM {name}")})
    _load_conversations(world, connection)
    _load_messages(world, connection, cipher)
    _load_comments(world, connection, cipher)
    for page, fields in read("SELECT page, fields FROM subscriptions WHERE fields != ''"):
        world.subscriptions[page] = tuple(fields.split(","))
    for id_, author, private in read("SELECT id, author, private FROM videos ORDER BY id"):
        world.add_video(Video(id_, author, bool(private)))
    for account, sticker_set, place in read("SELECT account, sticker_set, place FROM sticker_sets"):
        world.sticker_sets.setdefault(account, {})[sticker_set] = place
    _load_staff(world, connection)
    return world


def _load_accounts(world: World, connection: sqlite3.Connection) -> None:
    columns = ", ".join(ACCOUNT_COLUMNS)
    # SQLite knows no booleans: they come back as 0 and 1.
    flags = [ACCOUNT_COLUMNS.index(name) for name in _FLAGS]
    for row in connection.execute(f"SELECT {columns} FROM accounts ORDER BY id"):
        values = list(row)
        for column in flags:
            values[column] = bool(values[column])
        world.add_account(Account(*values))
    for account, active in connection.execute("SELECT account, active FROM presence"):
        world.accounts[account].active = active
    devices = connection.execute("SELECT device FROM banned_devices")
    world.banned_devices = {device for (device,) in devices}


def _load_conversations(world: World, connection: sqlite3.Connection) -> None:
    for pair, requester, thread, filtered, count, moved, *rest in connection.execute(
        "SELECT * FROM conversations ORDER BY moved"
    ):
        *views, by_private_reply, answered = rest
        world.add_conversation(
            Conversation(
                pair >> 32,
                pair & 0xFFFF_FFFF,
                Thread(thread),
                requester,
                bool(filtered),
                count,
                moved,
                (_view(*views[:5]), _view(*views[5:])),
                by_private_reply=bool(by_private_reply),
                answered=answered,
            )
        )


def _view(unread: int, visible: int, muted: int, since: int, hidden: str | None) -> View:
    ids = frozenset[int]() if hidden is None else frozenset(msgspec.json.decode(hidden))
    return View(unread, visible, bool(muted), since, ids)


def _load_messages(world: World, connection: sqlite3.Connection, cipher: Cipher) -> None:
    for id_, pair, author, at, text, content, uses in connection.execute(
        "SELECT id, pair, author, at, text, content, uses FROM messages ORDER BY id"
    ):
        message = Message(id_, author, at, cipher.open(text, f"message {id_}"), content, uses)
        world.conversations[pair].append(message)
        world.next_message = id_ + 1


def _load_comments(world: World, connection: sqlite3.Connection, cipher: Cipher) -> None:
    for id_, post, author, at, text, publicly, privately, personal in connection.execute(
        "SELECT id, post, author, at, text, publicly_replied, privately_replied, personal"
        " FROM comments ORDER BY id"
    ):
        opened = None if text is None else cipher.open(text, f"comment {id_}")
        comment = Comment(id_, post, author, at, opened)
        comment.publicly_replied, comment.privately_replied = bool(publicly), bool(privately)
        comment.personal = bool(personal)
        world.add_comment(comment)
    for id_, commented, page, at, text, announces in connection.execute(
        "SELECT id, comment, page, at, text, announces FROM replies ORDER BY id"
    ):
        opened = cipher.open(text, f"reply {id_}")
        world.add_reply(Reply(id_, commented, page, at, opened, bool(announces)))
    for page, *counts in connection.execute(
        "SELECT page, hour, private_replies, second, mailed FROM sent"
    ):
        world.sent[page] = Sent(*counts)
    for id_, action, *rest in connection.execute(
        "SELECT id, action, page, person, comment, at FROM cases ORDER BY id"
    ):
        world.cases.append(CaseEnd(id_, Action(action), *rest))


def _load_staff(world: World, connection: sqlite3.Connection) -> None:
    for id_, reporter, accused, action, about, at, is_open in connection.execute(
        "SELECT id, reporter, accused, action, about, at, open FROM reports ORDER BY id"
    ):
        world.add_report(Report(id_, reporter, accused, Action(action), about, at, bool(is_open)))
    for id_, staff, account, at, reports in connection.execute(
        "SELECT id, staff, account, at, reports FROM audit ORDER BY id"
    ):
        world.audit.append(Access(id_, staff, account, at, msgspec.json.decode(reports)))
