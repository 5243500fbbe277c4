"""The state of the reference backend as the initial tables of a trace."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

import polars as pl

from dmsim.server.state.accounts import Account
from dmsim.server.state.world import World
from dmsim.trace.reader import Trace
from dmsim.trace.schema import (
    ACCOUNTS,
    BLOCKS,
    COMMENTS,
    FOLLOWS,
    INITIAL,
    PAGES,
    PRESENCE,
    SETTINGS,
    STANDINGS,
    STICKER_SETS,
    THREADS,
    VIDEOS,
    Table,
)
from dmsim.vocabulary import Setting, Standing, Thread, Violation, names

_LOW = 0xFFFF_FFFF


def state_tables(world: World, trace: Trace) -> dict[Table, pl.DataFrame]:
    """Every table of :data:`dmsim.trace.schema.INITIAL`.

    Messages have none: that there were some stands in the counts of their conversation.

    Args:
        world: the state.
        trace: that it came from, which tells what no action changes.
    """
    registered = pl.Series("registered", [account.registered for account in world.accounts])
    changed = {
        ACCOUNTS: trace.table(ACCOUNTS).with_columns(registered),
        SETTINGS: _frame(SETTINGS, map(_settings, world.accounts)),
        STANDINGS: _frame(STANDINGS, _standings(world)),
        PRESENCE: _frame(
            PRESENCE, ((a.id, a.active) for a in world.accounts if a.active is not None)
        ),
        FOLLOWS: _frame(FOLLOWS, _pairs(world.follows)),
        BLOCKS: _frame(BLOCKS, _pairs(world.blocks)),
        THREADS: _frame(THREADS, _threads(world)),
        COMMENTS: _frame(COMMENTS, _comments(world)),
        PAGES: _frame(PAGES, _pages(world)),
        VIDEOS: _frame(
            VIDEOS, ((v.id, v.author, v.private) for _, v in sorted(world.videos.items()))
        ),
        STICKER_SETS: _frame(STICKER_SETS, _sticker_sets(world)),
    }
    return {table: changed[table] if table in changed else trace.table(table) for table in INITIAL}


def _frame(table: Table, rows: Iterable[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=table.schema, orient="row")


def _pairs(pairs: set[int]) -> Iterable[tuple[int, int]]:
    return ((pair >> 32, pair & _LOW) for pair in sorted(pairs))


def _settings(account: Account) -> tuple[Any, ...]:
    return (
        account.id,
        _word(Setting, account.setting),
        account.read_status,
        account.filter_requests,
        account.allow_business,
        account.notifications,
        account.family_restricted,
    )


def _standings(world: World) -> Iterable[tuple[Any, ...]]:
    for account in world.accounts:
        is_banned = account.device in world.banned_devices and _tells_of_device(world, account)
        if account.standing != Standing.GOOD or account.violations or account.reports or is_banned:
            yield (
                account.id,
                _word(Standing, account.standing),
                account.until,
                account.violations,
                _word(Violation, account.worst),
                account.reports,
                account.last_report,
                account.open_reports,
                is_banned,
            )


def _tells_of_device(world: World, account: Account) -> bool:
    """Whether it is this account's row that says of a device that it is banned: its owner's.

    An owner who uses somebody else's has no row that could; then those do who use his.
    """
    owner = account.device
    return account.id == owner or world.accounts[owner].device != owner


def _threads(world: World) -> Iterable[tuple[Any, ...]]:
    """The conversations, those that were active last at the end as in their lists."""
    for conversation in sorted(world.conversations.values(), key=lambda one: one.moved):
        requester = conversation.requester
        other = conversation.peer(requester)
        own, others = conversation.view(requester), conversation.view(other)
        if conversation.thread != Thread.NONE:
            yield (
                requester,
                other,
                _word(Thread, conversation.thread),
                conversation.requested_count,
                conversation.filtered,
                own.unread,
                others.unread,
                own.visible,
                others.visible,
                own.muted,
                others.muted,
                conversation.by_private_reply,
                conversation.answered,
            )


def _comments(world: World) -> Iterable[tuple[Any, ...]]:
    for _, comment in sorted(world.comments.items()):
        yield (
            comment.id,
            comment.post,
            comment.author,
            comment.at,
            comment.publicly_replied,
            comment.privately_replied,
        )


def _pages(world: World) -> Iterable[tuple[int, ...]]:
    for page, sent in sorted(world.sent.items()):
        yield page, sent.hour, sent.private_replies, sent.second, sent.mailed


def _sticker_sets(world: World) -> Iterable[tuple[int, int, int]]:
    for account in sorted(world.sticker_sets):
        # Places of a panel that was changed may have gaps; only their order counts.
        for place, sticker_set in enumerate(world.panel(account)):
            yield account, sticker_set, place


def _word(enumeration: type[IntEnum], code: int) -> str:
    return names(enumeration)[code]
