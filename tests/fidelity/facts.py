"""Facts made by hand: few persons with two brands, and what they write."""

from typing import Any

import numpy as np
import polars as pl

from dmsim.fidelity.facts import Facts
from dmsim.scenario import Scenario, load_scenario
from dmsim.scenario.units import HOUR_US
from dmsim.trace.manifest import Manifest
from dmsim.trace.schema import ACCOUNTS, ACTIONS, FOLLOWS, SETTINGS
from tests.samples import text_bank

Event = tuple[float, int]


def scenario(*overrides: str) -> Scenario:
    """The panel, changed."""
    return load_scenario("panel", None, overrides)


def facts(
    told: Scenario | None = None,
    *,
    persons: int = 200,
    hours: tuple[float, float] = (0, 168),
    offsets: list[float] | None = None,
    messages: list[dict[str, Any]] | None = None,
    comments: list[Event] | None = None,
    opens: list[Event] | None = None,
    traits: dict[str, list[Any]] | None = None,
    texts: list[dict[str, Any]] | None = None,
    follows: tuple[list[int], list[int]] = ([], []),
) -> Facts:
    """Facts of a window.

    Args:
        told: the scenario.
        persons: how many; they have ids from 0, two brands follow.
        hours: the window, from Monday 00:00.
        offsets: of each person's clock, in hours.
        messages: ``at`` (seconds), ``actor``, ``target`` and more; all are delivered texts.
        comments: hour and actor.
        opens: hour and actor.
        traits: columns of persons.
        texts: ``text``, ``locale`` and more; all are lawful, with ids from 0.
        follows: followers, and whom they follow.
    """
    told = told or scenario()
    clocks = np.zeros(persons + 2, dtype=np.int64)
    clocks[:persons] = np.array(offsets or [0.0] * persons) * HOUR_US
    columns: dict[str, pl.DataType] = {**ACCOUNTS.columns, **SETTINGS.columns}
    columns |= {"brands": pl.UInt32(), "guarded": pl.Boolean(), "sticker_sets": pl.UInt32()}
    columns |= {"punished": pl.Boolean()}
    columns.pop("account")
    values: dict[str, list[Any]] = {
        "id": list(range(persons)),
        "kind": ["person"] * persons,
        "age": [30] * persons,
        "registered": [True] * persons,
        "archetype": [next(iter(told.archetypes))] * persons,
        "brands": [2] * persons,
        "sticker_sets": [1] * persons,
        "guarded": [False] * persons,
        "punished": [False] * persons,
    }
    values |= traits or {}
    frame = pl.DataFrame(
        values | {c: [None] * persons for c in columns if c not in values}, columns
    )
    return Facts(
        manifest=_manifest(told, hours),
        scenario=told,
        persons=frame,
        offset=clocks,
        brands=np.arange(persons + 2) >= persons,
        comments=_events(comments or []),
        opens=_events(opens or []),
        messages=_messages(messages or [], persons),
        follows=pl.DataFrame(list(follows), FOLLOWS.schema),
        texts=text_bank(texts or []),
    )


def _manifest(told: Scenario, hours: tuple[float, float]) -> Manifest:
    start, until = (round(hour * HOUR_US) for hour in hours)
    return Manifest(
        dmsim_version="0.1.0",
        scenario=told.to_dict(),
        policy={},
        seed=1,
        cells=1,
        from_us=start,
        until_us=until,
        actions=0,
        counts={},
        by_action={},
        digest="",
    )


def _events(events: list[Event]) -> pl.DataFrame:
    rows = {
        "at": [round(hour * HOUR_US) for hour, _ in events],
        "actor": [actor for _, actor in events],
    }
    return pl.DataFrame(rows, {"at": pl.Int64, "actor": pl.Int32})


def _messages(messages: list[dict[str, Any]], persons: int) -> pl.DataFrame:
    usual = {"action": "send_message", "text": 0, "content": "text", "delivered": True}
    names = ("action", "at", "actor", "target", "text", "content")
    schema = {name: ACTIONS.columns[name] for name in names}
    schema |= {"delivered": pl.Boolean(), "to_brand": pl.Boolean()}
    rows = [
        usual
        | message
        | {"at": round(message["at"] * 1e6), "to_brand": message["target"] >= persons}
        for message in messages
    ]
    return pl.DataFrame(rows, schema).sort("at")
