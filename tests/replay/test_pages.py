"""What a trace says of its pages, as far as the actions need it."""

import pytest

from dmsim.adapters.base import Pages
from dmsim.errors import UsageError
from dmsim.replay.pages import pages_of
from dmsim.replay.schedule import COLUMNS, make_schedule
from dmsim.trace.manifest import decode_manifest, encode_manifest
from dmsim.trace.reader import MANIFEST, Trace
from dmsim.trace.schema import ACCOUNTS, COMMENTS, POSTS
from tests.replay.conftest import PERSON, MakeTrace, Row

ROWS: list[Row] = [
    {"action": "comment", "target": 1, "uses": 30, "binds": 72, "verdict": "done"},
    {"action": "public_reply", "actor": 1, "target": 0, "uses": 72, "verdict": "done"},
    {"action": "private_reply", "actor": 1, "target": 0, "uses": 70},
    {"action": "hand_off", "actor": 1, "target": 0, "uses": None, "verdict": "done"},
    {"action": "watch_video", "target": 0, "uses": 71, "verdict": "done"},
]


def pages(make_trace: MakeTrace, **scenario: object) -> Pages:
    """Account 1 is a page with post 30, under which there are comments 70 and 71."""
    comment = {"post": 30, "author": 0, "at": 0, "publicly_replied": 0, "privately_replied": 0}
    kinds = ("person", "brand", "person", "staff")
    path = make_trace(
        ROWS,
        state={
            ACCOUNTS: [
                {**PERSON, "id": n, "device": n, "kind": kind} for n, kind in enumerate(kinds)
            ],
            POSTS: [{"id": 30, "page": 1}],
            COMMENTS: [{**comment, "id": 70}, {**comment, "id": 71}],
        },
    )
    file = path / MANIFEST
    manifest = decode_manifest(file.read_bytes())
    manifest.scenario.update(scenario)
    file.write_bytes(encode_manifest(manifest))
    trace = Trace.open(path)
    return pages_of(trace, make_schedule(trace.actions(COLUMNS), 0, 1.0))


def test_of_older_comments_only_those_are_known_that_actions_name(make_trace: MakeTrace) -> None:
    assert pages(make_trace) == Pages(
        brands=frozenset({1}), posts={30: 1}, comments={70: 30}, profile="current"
    )


@pytest.mark.parametrize("profile", ["2016", "current"])
def test_the_scenario_chooses_the_interface(make_trace: MakeTrace, profile: str) -> None:
    assert pages(make_trace, profile=profile).profile == profile


def test_an_interface_that_there_is_not_is_refused(make_trace: MakeTrace) -> None:
    with pytest.raises(UsageError, match="scenario, profile: '2031' is none; simulate"):
        pages(make_trace, profile="2031")
