"""Whose videos and devices the actions name, as the trace's tables have it."""

from dmsim.replay.owners import Owners, owners_of
from dmsim.replay.schedule import COLUMNS, make_schedule
from dmsim.trace.reader import Trace
from dmsim.trace.schema import VIDEOS
from tests.replay.conftest import MakeTrace, Row

DONE: Row = {"verdict": "done"}
VIDEO = {"private": False}


def owners(make_trace: MakeTrace, rows: list[Row]) -> Owners:
    videos = [{**VIDEO, "id": 1 << 40, "author": 3}, {**VIDEO, "id": (1 << 40) + 1, "author": 5}]
    trace = Trace.open(make_trace(rows, state={VIDEOS: videos}))
    return owners_of(trace, make_schedule(trace.actions(COLUMNS), 0, 1.0))


def test_of_the_videos_that_are_shared_the_authors_are_known(make_trace: MakeTrace) -> None:
    rows: list[Row] = [
        {"action": "share_content", "content": "video", "uses": (1 << 40) + 1},
        {"action": "share_content", "content": "video", "uses": 77},
        {"action": "share_content", "content": "sound", "uses": 1 << 40},
        {**DONE, "action": "watch_video", "target": 3, "uses": 1 << 40},
    ]
    assert owners(make_trace, rows) == Owners(authors={(1 << 40) + 1: 5}, devices={})


def test_of_those_who_register_or_are_judged_the_devices_are_known(make_trace: MakeTrace) -> None:
    rows: list[Row] = [
        {**DONE, "action": "register", "actor": 4, "target": None},
        {**DONE, "action": "moderate", "actor": 7, "target": 2, "violation": "minor"},
        {"actor": 1},
    ]
    assert owners(make_trace, rows) == Owners(authors={}, devices={4: 4, 2: 2})


def test_without_such_actions_nothing_is_read(make_trace: MakeTrace) -> None:
    trace = Trace.open(make_trace([{}]))
    schedule = make_schedule(trace.actions(COLUMNS), 0, 1.0)
    (trace.path / VIDEOS.path).unlink()
    assert owners_of(trace, schedule) == Owners(authors={}, devices={})
