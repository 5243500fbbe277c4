"""The tables with which the backend is filled: those of ``dmsim.trace.schema.INITIAL``, as types.

Columns that are None by default are labels on which no answer rests; they may be left out.
"""

from typing import Annotated, Any

import msgspec

Id = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
BigId = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Time = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
#: -1 for what has not been yet.
Past = Annotated[int, msgspec.Meta(ge=-1, le=2**62)]
Age = Annotated[int, msgspec.Meta(ge=0, le=255)]


class Accounts(msgspec.Struct, forbid_unknown_fields=True):
    """Persons, brands and staff, ids from 0 without gaps over all chunks."""

    id: list[Id]
    kind: list[str]
    age: list[Age]
    registered: list[bool]
    region: list[str]
    device: list[Id]
    joined: list[Time]
    everyone_offered: list[bool]
    name: list[str]
    locale: list[str] | None = None
    platform: list[str] | None = None
    archetype: list[str] | None = None
    utc_offset: list[Time] | None = None


class Posts(msgspec.Struct, forbid_unknown_fields=True):
    """The brands' posts."""

    id: list[Id]
    page: list[Id]


class Guardians(msgspec.Struct, forbid_unknown_fields=True):
    """Who is whose guardian."""

    guardian: list[Id]
    teen: list[Id]


class Acquaintances(msgspec.Struct, forbid_unknown_fields=True):
    """Whom the platform suggests to whom; a row holds for both."""

    account: list[Id]
    other: list[Id]


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """What accounts have chosen, and a guardian's restriction."""

    account: list[Id]
    setting: list[str]
    read_status: list[bool]
    filter_requests: list[bool]
    allow_business: list[bool]
    notifications: list[bool]
    family_restricted: list[bool]


class Standings(msgspec.Struct, forbid_unknown_fields=True):
    """The record of accounts that have one."""

    account: list[Id]
    standing: list[str]
    until: list[Time]
    violations: list[Count]
    worst: list[str]
    reports: list[Count]
    last_report: list[Time]
    open_reports: list[Count]
    device_banned: list[bool]


class Presence(msgspec.Struct, forbid_unknown_fields=True):
    """When accounts opened the inbox last."""

    account: list[Id]
    active: list[Time]


class Follows(msgspec.Struct, forbid_unknown_fields=True):
    """Who follows whom."""

    follower: list[Id]
    followed: list[Id]


class Contacts(msgspec.Struct, forbid_unknown_fields=True):
    """Who has whom among the synchronised contacts; a row holds for both."""

    account: list[Id]
    other: list[Id]


class Blocks(msgspec.Struct, forbid_unknown_fields=True):
    """Who has blocked whom."""

    blocker: list[Id]
    blocked: list[Id]


class Threads(msgspec.Struct, forbid_unknown_fields=True):
    """The conversations, one row per pair."""

    requester: list[Id]
    other: list[Id]
    thread: list[str]
    requested_count: list[Count]
    filtered: list[bool]
    requester_unread: list[Count]
    other_unread: list[Count]
    requester_visible: list[Count]
    other_visible: list[Count]
    requester_muted: list[bool]
    other_muted: list[bool]
    by_private_reply: list[bool]
    answered: list[Past]


class Comments(msgspec.Struct, forbid_unknown_fields=True):
    """The comments, when they were written and whether they are answered."""

    id: list[BigId]
    post: list[Id]
    author: list[Id]
    at: list[Time]
    publicly_replied: list[bool]
    privately_replied: list[bool]


class Pages(msgspec.Struct, forbid_unknown_fields=True):
    """What pages have sent of what is limited by the hour or the second."""

    page: list[Id]
    hour: list[Past]
    private_replies: list[Count]
    second: list[Past]
    mailed: list[Count]


class Videos(msgspec.Struct, forbid_unknown_fields=True):
    """The videos."""

    id: list[BigId]
    author: list[Id]
    private: list[bool]


class StickerSets(msgspec.Struct, forbid_unknown_fields=True):
    """The sticker sets in each account's panel, by place."""

    account: list[Id]
    sticker_set: list[Id]
    place: list[Id]


def rows(columns: msgspec.Struct, *names: str) -> list[tuple[Any, ...]]:
    """The rows of a table: the values of some columns together, all of them if none is named."""
    chosen = names or columns.__struct_fields__
    return list(zip(*(getattr(columns, name) for name in chosen), strict=True))


#: By the name under which a table is loaded, in the order it must be loaded.
TABLES: dict[str, type[msgspec.Struct]] = {
    "accounts": Accounts,
    "posts": Posts,
    "guardians": Guardians,
    "acquaintances": Acquaintances,
    "settings": Settings,
    "standings": Standings,
    "presence": Presence,
    "follows": Follows,
    "contacts": Contacts,
    "blocks": Blocks,
    "threads": Threads,
    "comments": Comments,
    "pages": Pages,
    "videos": Videos,
    "sticker_sets": StickerSets,
}
