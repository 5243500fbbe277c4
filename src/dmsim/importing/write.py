"""``import_log``: from a log to a trace that can be replayed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import dmsim
from dmsim.errors import UsageError
from dmsim.fit.log import Reading, check_enough, read_log
from dmsim.fit.zones import Zone
from dmsim.importing.actions import Imported, imported, usable
from dmsim.progress import Progress, Silent
from dmsim.scenario import Scenario
from dmsim.scenario.persons import MOST_ACCOUNTS_PER_CELL
from dmsim.scenario.units import LONGEST_US, SECOND_US, WEEK_US, format_week_time
from dmsim.trace.digest import combine, digest_of
from dmsim.trace.manifest import Manifest
from dmsim.trace.schema import ACCOUNTS, INITIAL, RESULTS, SETTINGS, TEXTS, Table
from dmsim.trace.writer import ActionWriter, new_trace, write_manifest, write_table

#: Beside the tables: which account is who in the log.
MAPPING = "mapping.csv"

#: So long ago everybody joined: nobody is new.
_JOINED_US = -52 * WEEK_US
_ADULT = 30


@dataclass(frozen=True)
class Import:
    """What became of a log.

    Attributes:
        manifest: of the trace.
        reading: what was read, and what was not.
        accounts: how many people there are.
        judged: how many actions have a recorded outcome to be judged by.
    """

    manifest: Manifest
    reading: Reading
    accounts: int
    judged: int


def import_log(
    path: Path,
    out: Path,
    columns: Mapping[str, str | None],
    zone: Zone | None = None,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Import:
    """Write a log as a trace.

    Everybody is an adult whom everybody may write to, and nobody has a past. A recorded outcome
    becomes the action's verdict; without one it has none and is unjudged in every replay.

    Args:
        path: as for :func:`dmsim.fit.log.read_log`.
        out: the trace's folder; it also holds the ids of accounts, :data:`MAPPING`.
        columns: the names of columns by role: time, sender, recipient, text, action, outcome.
        zone: whose wall clock tells the day of the week; needed where times have no zone.
        force: whether an earlier trace at ``out`` may be overwritten.
        progress: told of the rows.

    Raises:
        UsageError: the log cannot be used, or ``out`` cannot be written to.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file; give a log")
    with (progress or Silent()).stage("read", None, "rows") as stage:
        log = read_log(path, columns, zone, stage)
    needed = ("sender",) if columns.get("action") else ("sender", "recipient")
    for role in needed:
        if role not in log.events.columns:
            who = "who acted" if role == "sender" else "to whom"
            raise UsageError(f"{path}: which column holds {who}? say --{role} NAME")
    events = usable(log)
    check_enough(path, log.reading)
    found = imported(events)
    with new_trace(out, force=force) as folder:
        manifest = _write(folder, path, found)
    return Import(manifest, log.reading, len(found.people), found.actions["verdict"].count())


def _write(folder: Path, path: Path, found: Imported) -> Manifest:
    state = {ACCOUNTS: _accounts(found), SETTINGS: _settings(found), TEXTS: _texts(found)}
    tables: dict[Table, pl.DataFrame] = {
        table: state[table] if table in state else table.schema.to_frame()
        for table in (*INITIAL, *RESULTS, TEXTS)
    }
    for table, frame in tables.items():
        write_table(folder, table, frame)
    writer = ActionWriter(folder, 0)
    writer.write(found.actions)
    mapping = pl.DataFrame({"account": range(len(found.people)), "id": found.people})
    mapping.write_csv(folder / MAPPING, quote_style="non_numeric")
    scenario = _scenario(path, found)
    manifest = Manifest(
        dmsim_version=dmsim.__version__,
        scenario=scenario.to_dict(),
        policy=scenario.rule_policy()._asdict(),
        seed=scenario.seed,
        cells=1,
        from_us=scenario.time.from_us,
        until_us=scenario.time.until_us,
        actions=found.actions.height,
        counts={table.path: frame.height for table, frame in tables.items()},
        by_action=dict(sorted(writer.by_action.items())),
        digest=combine([*map(digest_of, tables.values()), writer.digest()]),
    )
    write_manifest(folder, manifest)
    return manifest


def _scenario(path: Path, found: Imported) -> Scenario:
    """What can be said of the log in a scenario's words: its window and how many people it has."""
    at = found.actions["at"]
    from_us = int(at[0]) // SECOND_US * SECOND_US
    until_us = (int(at[-1]) // SECOND_US + 1) * SECOND_US
    if until_us - from_us > LONGEST_US:
        raise UsageError(
            f"{path}: from its first row to its last are more than ten years; check the column of "
            "times (--time)"
        )
    nobody_knows = found.actions["verdict"].null_count() > 0
    persons = max(len(found.people), 2)
    return Scenario.model_validate(
        {
            "schema": 1,
            "name": _name(path),
            "description": "Imported from a log",
            "time": {
                "start": format_week_time(from_us),
                "record": f"{until_us - from_us}us",
            },
            "population": {
                "persons": persons,
                "cells": -(-persons // (MOST_ACCOUNTS_PER_CELL - 1)),
                "ages": {"under_16": 0.0, "teens": 0.0, "adults": 1.0},
                "graph": {"follows_mean": 0, "contacts_mean": 0, "acquaintances_mean": 0},
            },
            # The least that a scenario has to say; a log does not tell what people are like.
            "archetypes": {
                "imported": {"share": 1.0, "sessions_per_week": 1, "actions_per_session": 1}
            },
            # What has no verdict can never be judged: that is no fault of a replay.
            "replay": {"unjudged_budget": 1.0} if nobody_knows else {},
        }
    )


def _name(path: Path) -> str:
    """The log's name as a scenario's."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", path.name.lower().split(".")[0]).strip("-_")
    return plain[:64] or "log"


def _accounts(found: Imported) -> pl.DataFrame:
    ids = pl.DataFrame({"id": range(len(found.people))})
    usual = {
        "kind": "person",
        "age": _ADULT,
        "registered": True,
        "locale": "en",
        "platform": "web",
        "archetype": "imported",
        "region": "with_stickers",
        "joined": _JOINED_US,
        "everyone_offered": True,
        "utc_offset": 0,
    }
    # Who they are stands in the mapping alone, so that no backend is told of it.
    own = {"name": pl.format("Account {}", "id"), "device": pl.col("id")}
    return _typed(ACCOUNTS, ids.with_columns(**{k: pl.lit(v) for k, v in usual.items()}, **own))


def _settings(found: Imported) -> pl.DataFrame:
    ids = pl.DataFrame({"account": range(len(found.people))})
    open_to_everybody = {
        "setting": "everyone",
        "read_status": True,
        "filter_requests": False,
        "allow_business": True,
        "notifications": True,
        "family_restricted": False,
    }
    return _typed(
        SETTINGS, ids.with_columns(**{k: pl.lit(v) for k, v in open_to_everybody.items()})
    )


def _texts(found: Imported) -> pl.DataFrame:
    texts = pl.DataFrame({"id": range(len(found.texts)), "text": found.texts})
    usual = {"locale": "en", "violation": "none", "detected": False, "personal": False}
    frame = texts.with_columns(**{k: pl.lit(v) for k, v in usual.items()}, topic=pl.lit(None))
    return _typed(TEXTS, frame)


def _typed(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(kind) for name, kind in table.columns.items())
