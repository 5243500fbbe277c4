"""The state at the first recorded instant, as the tables a backend is filled with."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dmsim.engine.messages import STICKER_SETS
from dmsim.engine.pairs import BLOCKS, BY_PRIVATE_REPLY, FILTERED, FOLLOWS, HIGH_REQUESTED, MUTED
from dmsim.engine.state import Records, State
from dmsim.population.model import Adjacency, Population
from dmsim.population.texts import LOCALES, TextBank
from dmsim.scenario import Scenario
from dmsim.trace import schema
from dmsim.vocabulary import (
    Kind,
    Platform,
    Region,
    Setting,
    Standing,
    Thread,
    Violation,
    names,
)

Ints = NDArray[np.int64]


def text_table(bank: TextBank) -> pl.DataFrame:
    """The bank of texts as a table."""
    return pl.DataFrame(
        {
            "id": range(len(bank.texts)),
            "locale": bank.locales,
            "text": bank.texts,
            "violation": _words(np.array(bank.violations), names(Violation)),
            "detected": bank.detected,
            "topic": bank.topics,
            "personal": bank.personal,
        },
        schema=schema.TEXTS.schema,
    )


def initial_tables(
    scenario: Scenario, population: Population, state: State
) -> dict[schema.Table, pl.DataFrame]:
    """All tables of a cell, with ids of the whole population."""
    pairs = state.pairs[: int(state.control[0]["pairs"])]
    frames = {
        schema.ACCOUNTS: _accounts(scenario, population, state),
        schema.POSTS: _posts(population),
        schema.GUARDIANS: _guardians(population),
        schema.ACQUAINTANCES: _symmetric(population.acquaintances, population),
        schema.SETTINGS: _settings(population, state),
        schema.STANDINGS: _standings(population, state),
        schema.PRESENCE: _presence(population, state),
        schema.FOLLOWS: _follows(population, pairs),
        schema.CONTACTS: _symmetric(population.contacts, population),
        schema.BLOCKS: _directed(population, pairs, BLOCKS, ("blocker", "blocked")),
        schema.THREADS: _threads(population, pairs),
        schema.COMMENTS: _comments(population, state),
        schema.PAGES: _pages(population, state),
        schema.VIDEOS: _videos(population, state),
        schema.STICKER_SETS: _sticker_sets(population, state),
    }
    return {table: pl.DataFrame(data, schema=table.schema) for table, data in frames.items()}


def _ids(local: NDArray[np.integer], population: Population) -> pl.Series:
    return pl.Series((local + population.first_account).astype(np.int32))


def _words(codes: NDArray[np.integer], vocabulary: list[str]) -> list[str]:
    return [vocabulary[code] for code in codes.tolist()]


def _accounts(scenario: Scenario, population: Population, state: State) -> dict[str, object]:
    archetypes = [*scenario.archetypes, "brand"]
    return {
        "id": _ids(np.arange(population.accounts), population),
        "kind": _words(population.kind, names(Kind)),
        "name": population.names,
        "age": pl.Series(population.age.astype(np.uint8)),
        "registered": state.accounts["registered"] != 0,
        "locale": _words(population.locale, list(LOCALES)),
        "platform": _words(population.platform, names(Platform)),
        "archetype": _words(population.archetype, archetypes),
        "region": _words(population.region, names(Region)),
        "device": _ids(population.device, population),
        "joined": population.joined,
        "everyone_offered": population.everyone_offered,
        "utc_offset": population.utc_offset,
    }


def _guardians(population: Population) -> dict[str, object]:
    guardians = np.flatnonzero(population.ward >= 0)
    return {
        "guardian": _ids(guardians, population),
        "teen": _ids(population.ward[guardians], population),
    }


def _settings(population: Population, state: State) -> dict[str, object]:
    accounts = state.accounts
    return {
        "account": _ids(np.arange(population.accounts), population),
        "setting": _words(accounts["setting"], names(Setting)),
        "read_status": accounts["read_status"] != 0,
        "filter_requests": accounts["filter_requests"] != 0,
        "allow_business": accounts["allow_business"] != 0,
        "notifications": state.profiles["notifications"] != 0,
        "family_restricted": accounts["restricted"] != 0,
    }


def _standings(population: Population, state: State) -> dict[str, object]:
    standing, profiles = state.accounts["standing"], state.profiles
    recorded = (
        (standing != Standing.GOOD.value)
        | (profiles["violations"] > 0)
        | (profiles["reports"] > 0)
        | (profiles["device_banned"] != 0)
    )
    rows = np.flatnonzero(recorded)
    return {
        "account": _ids(rows, population),
        "standing": _words(standing[rows], names(Standing)),
        "until": profiles["until"][rows],
        "violations": profiles["violations"][rows],
        "worst": _words(profiles["worst"][rows], names(Violation)),
        "reports": profiles["reports"][rows],
        "last_report": profiles["last_report"][rows],
        "open_reports": profiles["open_reports"][rows],
        "device_banned": profiles["device_banned"][rows] != 0,
    }


def _presence(population: Population, state: State) -> dict[str, object]:
    rows = np.flatnonzero(state.profiles["active"] >= 0)
    return {"account": _ids(rows, population), "active": state.profiles["active"][rows]}


def _posts(population: Population) -> dict[str, object]:
    pages = population.persons + np.arange(population.pages)
    posts = population.posts_per_page
    return {
        "id": pl.Series((np.arange(posts.sum()) + population.first_post).astype(np.int32)),
        "page": _ids(np.repeat(pages, posts), population),
    }


def _edges(graph: Adjacency) -> tuple[Ints, Ints]:
    sources = np.repeat(np.arange(len(graph.start) - 1), np.diff(graph.start))
    return sources, graph.targets.astype(np.int64)


def _directed(
    population: Population, pairs: Records, bit: int, columns: tuple[str, str]
) -> dict[str, object]:
    """The edges that a pair of flags says, low account's first."""
    low, high = pairs["key"] >> 32, pairs["key"] & 0xFFFFFFFF
    up = (pairs["flags"] & bit) != 0
    down = (pairs["flags"] & (bit << 1)) != 0
    return {
        columns[0]: _ids(np.concatenate([low[up], high[down]]), population),
        columns[1]: _ids(np.concatenate([high[up], low[down]]), population),
    }


def _follows(population: Population, pairs: Records) -> dict[str, object]:
    """The graph's edges, but for pairs that were touched: those are as the pair says."""
    sources, targets = _edges(population.follows)
    keys = (np.minimum(sources, targets) << 32) | np.maximum(sources, targets)
    untouched = ~np.isin(keys, pairs["key"])
    said = _directed(population, pairs, FOLLOWS, ("follower", "followed"))
    frame = pl.DataFrame(
        {
            "follower": _ids(sources[untouched], population),
            "followed": _ids(targets[untouched], population),
        }
    ).vstack(pl.DataFrame(said))
    return dict(frame.sort("follower", "followed").to_dict(as_series=True))


def _symmetric(graph: Adjacency, population: Population) -> dict[str, object]:
    sources, targets = _edges(graph)
    once = sources < targets
    return {
        "account": _ids(sources[once], population),
        "other": _ids(targets[once], population),
    }


def _threads(population: Population, pairs: Records) -> dict[str, object]:
    pairs = pairs[pairs["thread"] != Thread.NONE.value]
    by_high = (pairs["flags"] & HIGH_REQUESTED) != 0
    low, high = pairs["key"] >> 32, pairs["key"] & 0xFFFFFFFF

    def sides(of_low: Ints, of_high: Ints) -> tuple[Ints, Ints]:
        """Of the requester and of the other one."""
        return np.where(by_high, of_high, of_low), np.where(by_high, of_low, of_high)

    requester, other = sides(low, high)
    unread = sides(pairs["unread_low"], pairs["unread_high"])
    visible = sides(pairs["visible_low"], pairs["visible_high"])
    muted = sides(pairs["flags"] & MUTED, pairs["flags"] & (MUTED << 1))
    return {
        "requester": _ids(requester, population),
        "other": _ids(other, population),
        "thread": _words(pairs["thread"], names(Thread)),
        "requested_count": pairs["requested"].astype(np.int32),
        "filtered": (pairs["flags"] & FILTERED) != 0,
        "requester_unread": unread[0].astype(np.int32),
        "other_unread": unread[1].astype(np.int32),
        "requester_visible": visible[0].astype(np.int32),
        "other_visible": visible[1].astype(np.int32),
        "requester_muted": muted[0] != 0,
        "other_muted": muted[1] != 0,
        "by_private_reply": (pairs["flags"] & BY_PRIVATE_REPLY) != 0,
        "answered": pairs["answered"],
    }


def _pages(population: Population, state: State) -> dict[str, object]:
    pages = state.pages[: population.pages]
    counts = {name: pages[name] for name in ("hour", "private_replies", "second", "mailed")}
    return {"page": _ids(population.persons + np.arange(len(pages)), population), **counts}


def _videos(population: Population, state: State) -> dict[str, object]:
    count = len(population.video_author)
    cell = population.cell << schema.CELL_SHIFT
    return {
        "id": np.arange(count, dtype=np.int64) + cell,
        "author": _ids(population.video_author, population),
        "private": state.videos["private"][:count] != 0,
    }


def _sticker_sets(population: Population, state: State) -> dict[str, object]:
    panels = state.profiles["sticker_sets"].astype(np.int64)
    account, number = np.nonzero((panels[:, None] >> np.arange(STICKER_SETS)) & 1)
    place = np.arange(len(account)) - np.searchsorted(account, account)
    return {
        "account": _ids(account, population),
        "sticker_set": number.astype(np.int32),
        "place": place.astype(np.int32),
    }


def _comments(population: Population, state: State) -> dict[str, object]:
    comments = state.comments[: int(state.control[0]["comments"])]
    cell = population.cell << schema.CELL_SHIFT
    return {
        "id": np.arange(len(comments), dtype=np.int64) + cell,
        "post": pl.Series((comments["post"] + population.first_post).astype(np.int32)),
        "author": _ids(comments["author"], population),
        "at": comments["at"],
        "publicly_replied": comments["publicly_replied"] != 0,
        "privately_replied": comments["privately_replied"] != 0,
    }
