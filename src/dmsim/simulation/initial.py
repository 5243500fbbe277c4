"""The state at the first recorded instant, as the tables a backend is filled with."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dmsim.engine.pairs import BLOCKS, FOLLOWS, HIGH_REQUESTED
from dmsim.engine.state import Records, State
from dmsim.population.model import Adjacency, Population
from dmsim.population.texts import LOCALES, TextBank
from dmsim.scenario import Scenario
from dmsim.trace import schema
from dmsim.vocabulary import Kind, Platform, Setting, Thread, names

Ints = NDArray[np.int64]


def text_table(bank: TextBank) -> pl.DataFrame:
    """The bank of texts as a table."""
    return pl.DataFrame(
        {"id": range(len(bank.texts)), "locale": bank.locales, "text": bank.texts},
        schema=schema.TEXTS.schema,
    )


def initial_tables(
    scenario: Scenario, population: Population, state: State
) -> dict[schema.Table, pl.DataFrame]:
    """All tables of a cell, with ids of the whole population."""
    pairs = state.pairs[: int(state.control[0]["pairs"])]
    low, high = pairs["key"] >> 32, pairs["key"] & 0xFFFFFFFF
    frames = {
        schema.ACCOUNTS: _accounts(scenario, population),
        schema.POSTS: _posts(population),
        schema.SETTINGS: {
            "account": _ids(np.arange(population.accounts), population),
            "setting": _words(state.accounts["setting"], names(Setting)),
        },
        schema.FOLLOWS: _follows(population, pairs),
        schema.CONTACTS: _contacts(population),
        schema.BLOCKS: _directed(population, pairs, BLOCKS, ("blocker", "blocked")),
        schema.THREADS: _threads(population, pairs, low, high),
        schema.COMMENTS: _comments(population, state),
    }
    return {table: pl.DataFrame(data, schema=table.schema) for table, data in frames.items()}


def _ids(local: NDArray[np.integer], population: Population) -> pl.Series:
    return pl.Series((local + population.first_account).astype(np.int32))


def _words(codes: NDArray[np.integer], vocabulary: list[str]) -> list[str]:
    return [vocabulary[code] for code in codes.tolist()]


def _accounts(scenario: Scenario, population: Population) -> dict[str, object]:
    pages = population.pages
    archetypes = [*scenario.archetypes, "brand"]
    kinds = [names(Kind)[Kind.PERSON]] * population.persons + [names(Kind)[Kind.BRAND]] * pages
    return {
        "id": _ids(np.arange(population.accounts), population),
        "kind": kinds,
        "name": population.names,
        "age": pl.Series(population.age.astype(np.uint8)),
        "registered": population.registered,
        "locale": _words(population.locale, list(LOCALES)),
        "platform": _words(population.platform, names(Platform)),
        "archetype": _words(population.archetype, archetypes),
    }


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


def _contacts(population: Population) -> dict[str, object]:
    sources, targets = _edges(population.contacts)
    once = sources < targets
    return {
        "account": _ids(sources[once], population),
        "other": _ids(targets[once], population),
    }


def _threads(population: Population, pairs: Records, low: Ints, high: Ints) -> dict[str, object]:
    open_ = pairs["thread"] != Thread.NONE.value
    by_high = (pairs["flags"][open_] & HIGH_REQUESTED) != 0
    return {
        "requester": _ids(np.where(by_high, high[open_], low[open_]), population),
        "other": _ids(np.where(by_high, low[open_], high[open_]), population),
        "thread": _words(pairs["thread"][open_], names(Thread)),
    }


def _comments(population: Population, state: State) -> dict[str, object]:
    comments = state.comments[: int(state.control[0]["comments"])]
    cell = population.cell << schema.CELL_SHIFT
    return {
        "id": np.arange(len(comments), dtype=np.int64) + cell,
        "post": pl.Series((comments["post"] + population.first_post).astype(np.int32)),
        "author": _ids(comments["author"], population),
        "publicly_replied": comments["publicly_replied"] != 0,
        "privately_replied": comments["privately_replied"] != 0,
    }
