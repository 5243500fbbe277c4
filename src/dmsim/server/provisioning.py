"""Filling the backend with a trace's initial state: columns in, checked, then put in whole.

The tables and columns are those of ``dmsim.trace.schema.INITIAL``; columns that no answer rests on
may be sent and are not kept. A chunk is checked entirely before any of it counts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from dmsim.rules.facts import Policy
from dmsim.server.http import HttpError, decode
from dmsim.server.service import Service
from dmsim.server.state import Comment, Conversation, directed, undirected
from dmsim.vocabulary import Kind, Setting, Thread, names

Id32 = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Id64 = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Age = Annotated[int, msgspec.Meta(ge=0, le=255)]


class Load(msgspec.Struct):
    """The body of ``/v1/admin/load``."""

    table: str
    columns: msgspec.Raw


class Accounts(msgspec.Struct, forbid_unknown_fields=True):
    """Persons and brands, ids from 0 without gaps over all chunks."""

    id: list[Id32]
    kind: list[str]
    age: list[Age]
    registered: list[bool]
    name: list[str] | None = None
    locale: list[str] | None = None
    platform: list[str] | None = None
    archetype: list[str] | None = None


class Posts(msgspec.Struct, forbid_unknown_fields=True):
    """The brands' posts."""

    id: list[Id32]
    page: list[Id32]


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Who may send messages to an account."""

    account: list[Id32]
    setting: list[str]


class Follows(msgspec.Struct, forbid_unknown_fields=True):
    """Who follows whom."""

    follower: list[Id32]
    followed: list[Id32]


class Contacts(msgspec.Struct, forbid_unknown_fields=True):
    """Who has whom among the synchronised contacts; a row holds for both."""

    account: list[Id32]
    other: list[Id32]


class Blocks(msgspec.Struct, forbid_unknown_fields=True):
    """Who has blocked whom."""

    blocker: list[Id32]
    blocked: list[Id32]


class Threads(msgspec.Struct, forbid_unknown_fields=True):
    """The conversations, one row per pair."""

    requester: list[Id32]
    other: list[Id32]
    thread: list[str]


class Comments(msgspec.Struct, forbid_unknown_fields=True):
    """The comments and whether they are answered."""

    id: list[Id64]
    post: list[Id32]
    author: list[Id32]
    publicly_replied: list[bool]
    privately_replied: list[bool]


class Ready(msgspec.Struct):
    """The body of ``/v1/admin/ready``."""

    digest: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    policy: msgspec.Raw


_POLICY = msgspec.json.Decoder(
    msgspec.defstruct(
        "Policy",
        [(name, Age if kind is int else kind) for name, kind in Policy.__annotations__.items()],
        forbid_unknown_fields=True,
    )
)
_LOAD = msgspec.json.Decoder(Load)
_READY = msgspec.json.Decoder(Ready)


def reset(service: Service, _: bytes) -> dict[str, object]:
    """Throw away everything, in memory and in the file."""
    service.empty()
    return {"status": "empty"}


def ready(service: Service, body: bytes) -> dict[str, object]:
    """End provisioning: keep the trace's digest and the policy to judge by."""
    _check_open(service)
    told = decode(_READY, body)
    policy = Policy(**msgspec.structs.asdict(decode(_POLICY, told.policy)))
    service.make_ready(told.digest, policy)
    return {"status": "ready", "digest": told.digest, "accounts": service.world.accounts}


def load(service: Service, body: bytes) -> dict[str, object]:
    """Put a chunk of one table in."""
    _check_open(service)
    told = decode(_LOAD, body)
    table = _TABLES.get(told.table)
    if table is None:
        raise HttpError(400, f"unknown table; one of {', '.join(_TABLES)}")
    columns = decode(table.decoder, told.columns)
    rows = _equally_long(columns)
    table.put(service, columns)
    return {"status": "loaded", "table": told.table, "rows": rows}


def _check_open(service: Service) -> None:
    if service.is_ready:
        raise HttpError(409, "provisioning has ended; POST /v1/admin/reset to begin anew")


def _equally_long(columns: msgspec.Struct) -> int:
    lengths = {
        name: len(values)
        for name in columns.__struct_fields__
        if isinstance(values := getattr(columns, name), list)
    }
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise HttpError(400, f"columns of unequal length: {told}")
    return next(iter(lengths.values()))


def _put_accounts(service: Service, columns: Accounts) -> None:
    world = service.world
    first = world.accounts
    if columns.id != list(range(first, first + len(columns.id))):
        raise HttpError(400, f"accounts.id must go on from {first} without gaps")
    kinds = _codes("accounts.kind", columns.kind, Kind)
    world.add_accounts(kinds, columns.age, columns.registered)
    everyone = [int(Setting.EVERYONE)] * len(kinds)
    service.changes.accounts += zip(
        columns.id, kinds, columns.age, map(int, columns.registered), everyone, strict=True
    )


def _put_posts(service: Service, columns: Posts) -> None:
    world = service.world
    _check_accounts(service, "posts.page", columns.page)
    _check_new("posts.id", columns.id, world.pages)
    world.pages.update(zip(columns.id, columns.page, strict=True))
    service.changes.posts += zip(columns.id, columns.page, strict=True)


def _put_settings(service: Service, columns: Settings) -> None:
    _check_accounts(service, "settings.account", columns.account)
    settings = _codes("settings.setting", columns.setting, Setting)
    for account, setting in zip(columns.account, settings, strict=True):
        service.world.settings[account] = setting
    service.changes.settings.update(zip(columns.account, settings, strict=True))


def _put_follows(service: Service, columns: Follows) -> None:
    pairs = _pairs(service, "follows", columns.follower, columns.followed, directed)
    service.world.follows.update(pairs)
    service.changes.follows.update(dict.fromkeys(pairs, True))


def _put_contacts(service: Service, columns: Contacts) -> None:
    pairs = _pairs(service, "contacts", columns.account, columns.other, undirected)
    service.world.contacts.update(pairs)
    service.changes.contacts.update(dict.fromkeys(pairs, True))


def _put_blocks(service: Service, columns: Blocks) -> None:
    pairs = _pairs(service, "blocks", columns.blocker, columns.blocked, directed)
    service.world.blocks.update(pairs)
    service.changes.blocks.update(dict.fromkeys(pairs, True))


def _put_threads(service: Service, columns: Threads) -> None:
    world = service.world
    pairs = _pairs(service, "threads", columns.requester, columns.other, undirected)
    _check_new("threads: the pair", pairs, world.conversations)
    threads = _codes("threads.thread", columns.thread, Thread)
    if Thread.NONE in threads:
        raise HttpError(400, "threads.thread: a pair without a conversation has no row")
    for pair, requester, thread in zip(pairs, columns.requester, threads, strict=True):
        conversation = Conversation(
            pair >> 32, pair & 0xFFFF_FFFF, Thread(thread), requester, world.moves + 1
        )
        world.add_conversation(conversation)
        service.changes.conversations[pair] = conversation


def _put_comments(service: Service, columns: Comments) -> None:
    world = service.world
    _check_accounts(service, "comments.author", columns.author)
    _check_new("comments.id", columns.id, world.comments)
    if not world.pages.keys() >= set(columns.post):
        raise HttpError(400, "comments.post names a post that is not loaded")
    for comment in zip(
        columns.id,
        columns.post,
        columns.author,
        columns.publicly_replied,
        columns.privately_replied,
        strict=True,
    ):
        world.add_comment(Comment(*comment))
        id_, post, author, publicly, privately = comment
        row = (id_, post, author, None, None, int(publicly), int(privately))
        service.changes.comments.append(row)


def _codes(name: str, words: list[str], enumeration: Any) -> list[int]:
    codes = {word: code for code, word in enumerate(names(enumeration))}
    try:
        return [codes[word] for word in words]
    except KeyError:
        raise HttpError(400, f"{name}: unknown word; one of {', '.join(codes)}") from None


def _check_accounts(service: Service, name: str, ids: list[int]) -> None:
    if ids and max(ids) >= service.world.accounts:
        raise HttpError(400, f"{name} names account {max(ids)}, which is not loaded")


def _check_new(name: str, ids: list[int], known: Iterable[int]) -> None:
    chunk = set(ids)
    if len(chunk) < len(ids) or not chunk.isdisjoint(known):
        raise HttpError(400, f"{name} comes twice")


def _pairs(
    service: Service,
    table: str,
    one: list[int],
    other: list[int],
    pair: Callable[[int, int], int],
) -> list[int]:
    for ids in (one, other):
        _check_accounts(service, table, ids)
    if any(map(int.__eq__, one, other)):
        raise HttpError(400, f"{table}: an account is paired with itself")
    return list(map(pair, one, other))


@dataclass(frozen=True)
class _Table:
    decoder: msgspec.json.Decoder[Any]
    put: Callable[[Service, Any], None]


def _table(columns: type[msgspec.Struct], put: Callable[[Service, Any], None]) -> _Table:
    return _Table(msgspec.json.Decoder(columns), put)


_TABLES = {
    "accounts": _table(Accounts, _put_accounts),
    "posts": _table(Posts, _put_posts),
    "settings": _table(Settings, _put_settings),
    "follows": _table(Follows, _put_follows),
    "contacts": _table(Contacts, _put_contacts),
    "blocks": _table(Blocks, _put_blocks),
    "threads": _table(Threads, _put_threads),
    "comments": _table(Comments, _put_comments),
}
