"""A state of three persons and an action of every kind, to try an adapter on without a trace."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from dmsim.adapters.base import ActionRow, LabelledText
from dmsim.trace.schema import (
    ACCOUNTS,
    FOLLOWS,
    OF_COMMENTS,
    POSTS,
    SETTINGS,
    STICKER_SETS,
    VIDEOS,
    Table,
)
from dmsim.vocabulary import Action, ContentKind, Setting, Via, Violation

#: Who acts, towards whom, and the page whose post is commented on.
ACTOR, TARGET, PAGE = 0, 1, 2

TEXTS = {0: LabelledText('Hello "you" \N{WAVING HAND SIGN}')}

_OBJECT = 1

_SETTINGS = {
    "setting": "everyone",
    "read_status": True,
    "filter_requests": True,
    "allow_business": True,
    "notifications": True,
    "family_restricted": False,
}


def _account(id_: int, name: str, kind: str) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": kind,
        "name": name,
        "age": 30,
        "registered": True,
        "locale": "en",
        "platform": "ios",
        "archetype": "reader",
        "region": "with_stickers",
        "device": id_,
        "joined": 0,
        "everyone_offered": True,
        "utc_offset": 0,
    }


_ROWS: dict[Table, list[dict[str, Any]]] = {
    ACCOUNTS: [
        _account(ACTOR, "Kim", "person"),
        _account(TARGET, "Lee", "person"),
        _account(PAGE, "Shop", "brand"),
    ],
    POSTS: [{"id": _OBJECT, "page": PAGE}],
    SETTINGS: [{"account": n, **_SETTINGS} for n in (ACTOR, TARGET, PAGE)],
    FOLLOWS: [
        {"follower": ACTOR, "followed": TARGET},
        {"follower": TARGET, "followed": ACTOR},
    ],
    VIDEOS: [{"id": _OBJECT, "author": ACTOR, "private": False}],
    STICKER_SETS: [{"account": ACTOR, "sticker_set": _OBJECT, "place": 0}],
}


class SampleState:
    """An initial state as a trace holds it."""

    digest = "sample"
    now = 0

    def __init__(self, policy: dict[str, Any]) -> None:
        self.policy = policy

    def table(self, table: Table) -> pl.DataFrame:
        """The rows of a table."""
        return pl.DataFrame(_ROWS.get(table, []), schema=table.schema)


def sample_actions() -> Iterator[ActionRow]:
    """One of every kind; replies name a comment that was written just before."""
    for action in Action:
        video = action == Action.SHARE_CONTENT
        target = PAGE if action in (Action.COMMENT, *OF_COMMENTS) else TARGET
        yield ActionRow(
            action=action,
            actor=ACTOR,
            at=int(action) + 1,
            via=Via.INBOX,
            target=target,
            uses=_OBJECT,
            text=0,
            setting=Setting.FRIENDS,
            content=ContentKind.VIDEO if video else ContentKind.TEXT,
            switch=1,
            violation=Violation.MINOR,
        )
