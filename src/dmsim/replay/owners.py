"""Whose video and whose device an action touches: what the judge needs beside the actions."""

from typing import NamedTuple

import numpy as np
import polars as pl

from dmsim.replay.schedule import Ints, Schedule
from dmsim.rules.resources import Resource, touching
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS, VIDEOS, Table
from dmsim.vocabulary import ContentKind


class Owners(NamedTuple):
    """Of what the actions name.

    Attributes:
        authors: who made a video, by its id.
        devices: the device that an account uses, by the account's id.
    """

    authors: dict[int, int]
    devices: dict[int, int]


def owners_of(trace: Trace, schedule: Schedule) -> Owners:
    """The owners of the videos that are shared, and of the devices that decisions ask for."""
    shares = _touching(schedule, Resource.AUTHOR) & (schedule.content == ContentKind.VIDEO)
    accounts = (
        schedule.actor[_touching(schedule, Resource.DEVICE_OF_ACTOR)],
        schedule.target[_touching(schedule, Resource.DEVICE_OF_TARGET)],
    )
    return Owners(
        authors=_column(trace, VIDEOS, "author", schedule.uses[shares]),
        devices=_column(trace, ACCOUNTS, "device", np.concatenate(accounts)),
    )


def _touching(schedule: Schedule, resource: Resource) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array(touching(resource))[schedule.action]


def _column(trace: Trace, table: Table, name: str, ids: Ints) -> dict[int, int]:
    """One column of a table by id; whole rows, with their names, would be slow to read."""
    if not len(ids):
        return {}
    frame = pl.read_parquet(trace.path / table.path, columns=["id", name])
    found = frame.filter(pl.col("id").cast(pl.Int64).is_in(np.unique(ids).tolist()))
    return dict(zip(found["id"].to_list(), found[name].to_list(), strict=True))
