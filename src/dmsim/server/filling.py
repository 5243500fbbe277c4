"""Putting the checked columns of each table into the world, and noting them for the file."""

from collections.abc import Callable, Container, Iterable, Mapping
from enum import IntEnum
from typing import Any

from dmsim.server import tables
from dmsim.server.bodies import STICKER_SETS
from dmsim.server.http import HttpError
from dmsim.server.service import Service
from dmsim.server.state.accounts import Account, Video
from dmsim.server.state.comments import Comment, Sent
from dmsim.server.state.conversation import Conversation, View
from dmsim.server.state.world import directed, undirected
from dmsim.vocabulary import Kind, Region, Setting, Standing, Thread, Violation, names


def _accounts(service: Service, columns: tables.Accounts) -> None:
    world = service.world
    first = len(world.accounts)
    if columns.id != list(range(first, first + len(columns.id))):
        raise HttpError(400, f"accounts.id must go on from {first} without gaps")
    kinds = _codes("accounts.kind", columns.kind, Kind)
    regions = _codes("accounts.region", columns.region, Region)
    for row in zip(
        columns.id,
        kinds,
        columns.age,
        columns.registered,
        regions,
        columns.device,
        columns.joined,
        columns.everyone_offered,
        columns.name,
        strict=True,
    ):
        account = Account(*row)
        world.add_account(account)
        service.changes.accounts[account.id] = account


def _posts(service: Service, columns: tables.Posts) -> None:
    pages = service.world.pages
    _check_accounts(service, "posts.page", columns.page)
    _check_new("posts.id", columns.id, pages)
    rows = tables.rows(columns)
    pages.update(rows)
    service.changes.posts += rows


def _guardians(service: Service, columns: tables.Guardians) -> None:
    pairs = _pairs(service, "guardians", columns, directed)
    service.world.guardians.update(pairs)
    service.changes.guardians.update(dict.fromkeys(pairs, True))


def _acquaintances(service: Service, columns: tables.Acquaintances) -> None:
    pairs = _pairs(service, "acquaintances", columns, undirected)
    service.world.acquaintances.update(pairs)
    service.changes.acquaintances.update(dict.fromkeys(pairs, True))


def _settings(service: Service, columns: tables.Settings) -> None:
    _check_accounts(service, "settings.account", columns.account)
    settings = _codes("settings.setting", columns.setting, Setting)
    flags = tables.rows(
        columns,
        *("read_status", "filter_requests", "allow_business", "notifications"),
        "family_restricted",
    )
    for id_, setting, chosen in zip(columns.account, settings, flags, strict=True):
        account = service.world.accounts[id_]
        account.setting = setting
        account.read_status, account.filter_requests, account.allow_business = chosen[:3]
        account.notifications, account.family_restricted = chosen[3:]
        service.changes.accounts[id_] = account


def _standings(service: Service, columns: tables.Standings) -> None:
    _check_accounts(service, "standings.account", columns.account)
    standings = _codes("standings.standing", columns.standing, Standing)
    worst = _codes("standings.worst", columns.worst, Violation)
    rest = tables.rows(
        columns, "until", "violations", "reports", "last_report", "open_reports", "device_banned"
    )
    for id_, standing, gravest, row in zip(columns.account, standings, worst, rest, strict=True):
        account = service.world.accounts[id_]
        account.standing, account.worst = standing, gravest
        account.until, account.violations, account.reports = row[:3]
        account.last_report, account.open_reports, is_banned = row[3:]
        service.changes.accounts[id_] = account
        if is_banned:
            service.world.banned_devices.add(account.device)
            service.changes.banned_devices[account.device] = True


def _presence(service: Service, columns: tables.Presence) -> None:
    _check_accounts(service, "presence.account", columns.account)
    for id_, active in tables.rows(columns):
        service.world.accounts[id_].active = active
        service.changes.presence[id_] = active


def _follows(service: Service, columns: tables.Follows) -> None:
    pairs = _pairs(service, "follows", columns, directed)
    service.world.follows.update(pairs)
    service.changes.follows.update(dict.fromkeys(pairs, True))


def _contacts(service: Service, columns: tables.Contacts) -> None:
    pairs = _pairs(service, "contacts", columns, undirected)
    service.world.contacts.update(pairs)
    service.changes.contacts.update(dict.fromkeys(pairs, True))


def _blocks(service: Service, columns: tables.Blocks) -> None:
    pairs = _pairs(service, "blocks", columns, directed)
    service.world.blocks.update(pairs)
    service.changes.blocks.update(dict.fromkeys(pairs, True))


def _threads(service: Service, columns: tables.Threads) -> None:
    world = service.world
    pairs = _pairs(service, "threads", columns, undirected)
    _check_new("threads: the pair", pairs, world.conversations)
    threads = _codes("threads.thread", columns.thread, Thread)
    if Thread.NONE in threads:
        raise HttpError(400, "threads.thread: a pair without a conversation has no row")
    rows = tables.rows(
        columns, "requester", "filtered", "requested_count", "by_private_reply", "answered"
    )
    asking = tables.rows(columns, "requester_unread", "requester_visible", "requester_muted")
    asked = tables.rows(columns, "other_unread", "other_visible", "other_muted")
    for pair, thread, row, *views in zip(pairs, threads, rows, asking, asked, strict=True):
        requester, filtered, count, by_private_reply, answered = row
        low, high = pair >> 32, pair & 0xFFFF_FFFF
        one, other = (View(*view) for view in views)
        both = (one, other) if requester == low else (other, one)
        conversation = Conversation(
            low,
            high,
            Thread(thread),
            requester,
            filtered,
            count,
            world.moves + 1,
            both,
            by_private_reply=by_private_reply,
            answered=answered,
        )
        world.add_conversation(conversation)
        service.changes.conversations[pair] = conversation


def _comments(service: Service, columns: tables.Comments) -> None:
    world = service.world
    _check_accounts(service, "comments.author", columns.author)
    _check_new("comments.id", columns.id, world.comments)
    if not world.pages.keys() >= set(columns.post):
        raise HttpError(400, "comments.post names a post that is not loaded")
    for id_, post, author, at, publicly, privately in tables.rows(columns):
        comment = Comment(id_, post, author, at, None, publicly, privately)
        world.add_comment(comment)
        service.changes.comments.append(comment)


def _pages(service: Service, columns: tables.Pages) -> None:
    sent = service.world.sent
    _check_accounts(service, "pages.page", columns.page)
    _check_new("pages.page", columns.page, sent)
    for page, *counts in tables.rows(columns):
        sent[page] = Sent(*counts)
        service.changes.sent[page] = sent[page]


def _videos(service: Service, columns: tables.Videos) -> None:
    world = service.world
    _check_accounts(service, "videos.author", columns.author)
    _check_new("videos.id", columns.id, world.videos)
    for row in tables.rows(columns):
        video = Video(*row)
        world.add_video(video)
        service.changes.videos[video.id] = video


def _sticker_sets(service: Service, columns: tables.StickerSets) -> None:
    panels = service.world.sticker_sets
    _check_accounts(service, "sticker_sets.account", columns.account)
    if columns.sticker_set and max(columns.sticker_set) >= STICKER_SETS:
        raise HttpError(400, f"sticker_sets.sticker_set must be less than {STICKER_SETS}")
    rows = tables.rows(columns)
    _check_panels("sticker_set", [row[:2] for row in rows], panels)
    places = {account: set(panels.get(account, {}).values()) for account in columns.account}
    _check_panels("place", [row[::2] for row in rows], places)
    for account, sticker_set, place in rows:
        panels.setdefault(account, {})[sticker_set] = place
        service.changes.stickers[account, sticker_set] = place


def _check_panels(
    column: str, keys: list[tuple[Any, ...]], known: Mapping[int, Container[int]]
) -> None:
    """Neither a set nor a place comes twice in one panel."""
    is_known = any(value in known.get(account, ()) for account, value in keys)
    if is_known or len(set(keys)) < len(keys):
        raise HttpError(400, f"sticker_sets.{column} comes twice in a panel")


def _codes(name: str, words: list[str], enumeration: type[IntEnum]) -> list[int]:
    codes = {word: code for code, word in enumerate(names(enumeration))}
    try:
        return [codes[word] for word in words]
    except KeyError:
        raise HttpError(400, f"{name}: unknown word; one of {', '.join(codes)}") from None


def _check_accounts(service: Service, name: str, ids: list[int]) -> None:
    if ids and max(ids) >= len(service.world.accounts):
        raise HttpError(400, f"{name} names account {max(ids)}, which is not loaded")


def _check_new(name: str, ids: list[int], known: Iterable[int]) -> None:
    chunk = set(ids)
    if len(chunk) < len(ids) or not chunk.isdisjoint(known):
        raise HttpError(400, f"{name} comes twice")


def _pairs(
    service: Service, table: str, columns: Any, pair: Callable[[int, int], int]
) -> list[int]:
    """The pairs that a table's first two columns name."""
    one, other = columns.__struct_fields__[:2]
    left, right = getattr(columns, one), getattr(columns, other)
    _check_accounts(service, f"{table}.{one}", left)
    _check_accounts(service, f"{table}.{other}", right)
    if any(map(int.__eq__, left, right)):
        raise HttpError(400, f"{table}.{other}: an account is paired with itself")
    return list(map(pair, left, right))


#: How the columns of each table are put in.
PUT: dict[str, Callable[[Service, Any], None]] = {
    "accounts": _accounts,
    "posts": _posts,
    "guardians": _guardians,
    "acquaintances": _acquaintances,
    "settings": _settings,
    "standings": _standings,
    "presence": _presence,
    "follows": _follows,
    "contacts": _contacts,
    "blocks": _blocks,
    "threads": _threads,
    "comments": _comments,
    "pages": _pages,
    "videos": _videos,
    "sticker_sets": _sticker_sets,
}
