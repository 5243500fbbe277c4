"""A part of a trace with the state at its begin: as if all that came earlier had been sent."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.progress import Silent
from dmsim.replay.backend import reference_backend
from dmsim.replay.judge import Judgement
from dmsim.simulation import simulate
from dmsim.slicing.reenact import world_at
from dmsim.slicing.tables import state_tables
from dmsim.slicing.write import slice_trace
from dmsim.trace.manifest import decode_manifest, encode_manifest
from dmsim.trace.reader import MANIFEST, Trace
from dmsim.trace.schema import CASES, COMMENTS, INITIAL, STAFF, STICKER_SETS, Table
from tests.replay.plays import TOKEN, careless_teams, play_of_trace
from tests.worlds import everything, small

HOUR_US = 3_600_000_000

SCENARIOS = {"everything": everything, "quickstart": small, "careless": careless_teams}

Tables = dict[Table, pl.DataFrame]


@pytest.fixture(scope="module", params=list(SCENARIOS))
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trace:
    folder = tmp_path_factory.mktemp(request.param)
    return Trace.open(simulate(SCENARIOS[request.param](), folder / "trace").path)


def instant(trace: Trace, share: float) -> int:
    window = trace.manifest.until_us - trace.manifest.from_us
    return trace.manifest.from_us + int(share * window)


def sliced(trace: Trace, share: float, until: float = 1.0) -> Trace:
    out = trace.path.parent / "slice"
    begin, end = instant(trace, share), instant(trace, until)
    slice_trace(trace, out, from_us=begin, until_us=end, force=True)
    return Trace.open(out)


def state(trace: Trace, at: int) -> Tables:
    return state_tables(world_at(trace, at, Silent()), trace)


def differing(one: Tables, other: Tables) -> list[str]:
    return [table.path for table in INITIAL if not one[table].equals(other[table])]


@settings(max_examples=4, deadline=None)
@given(share=st.floats(0.0, 0.99))
def test_what_a_slice_leaves_behind_is_what_the_whole_trace_does(
    whole: Trace, share: float
) -> None:
    end = whole.manifest.until_us
    assert differing(state(sliced(whole, share), end), state(whole, end)) == []


def test_at_the_first_instant_the_state_is_the_initial_one(whole: Trace) -> None:
    found = state(whole, whole.manifest.from_us)
    for table in INITIAL:
        # Lists of the backend have no order; those of sticker sets have one in their places.
        keys = [name for name in table.columns if table != STICKER_SETS or name != "place"]
        told = whole.table(table)
        assert found[table].sort(keys).equals(told.sort(keys)), table.path


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_a_slice_replays_without_a_mismatch(whole: Trace, share: float) -> None:
    part = sliced(whole, share)
    with reference_backend(TOKEN) as url:
        record = play_of_trace(part).against(url, to_the_end=True)
    assert record.stopped == ""
    assert set(record.judgements.tolist()) == {Judgement.MATCH}
    assert 0 < len(record.judgements) < whole.manifest.actions


def test_a_slice_is_a_whole_trace_that_names_the_one_it_comes_from(whole: Trace) -> None:
    part = sliced(whole, 0.4, 0.7)
    assert part.verify() == part.manifest.digest
    assert part.manifest.slice_of == whole.manifest.digest
    at = whole.actions(["at"])["at"]
    window = instant(whole, 0.4), instant(whole, 0.7)
    assert part.manifest.actions == int(at.is_between(*window, closed="left").sum())
    again = slice_trace(whole, part.path, from_us=window[0], until_us=window[1], force=True)
    assert again == part.manifest


def test_comments_of_the_part_before_become_initial_ones(whole: Trace) -> None:
    begin = instant(whole, 0.5)
    written = whole.actions(["at", "action", "binds"]).filter(
        pl.col("at") < begin, pl.col("action") == "comment", pl.col("binds").is_not_null()
    )
    known = set(sliced(whole, 0.5).table(COMMENTS)["id"].to_list())
    assert set(written["binds"].to_list()) <= known


def test_what_the_care_teams_did_is_told_as_far_as_the_window_goes(
    tmp_path: Path,
) -> None:
    whole = Trace.open(simulate(careless_teams(), tmp_path / "trace").path)
    part = sliced(whole, 0.25, 0.5)
    begin, end = part.manifest.from_us, part.manifest.until_us
    cases, staff = part.table(CASES), part.table(STAFF)
    assert 0 < len(cases) < len(whole.table(CASES))
    assert (cases["written"] < end).all()
    assert (cases["ended"].drop_nulls().is_between(begin, end, closed="left")).all()
    assert ((cases["ending"] == "open") == cases["ended"].is_null()).all()
    assert len(staff)
    assert ((staff["at"] >= begin) & (staff["at"] + HOUR_US <= end)).all()


def test_a_trace_that_other_rules_made_is_refused(tmp_path: Path) -> None:
    trace = Trace.open(simulate(everything(), tmp_path / "trace").path)
    file = trace.path / MANIFEST
    manifest = decode_manifest(file.read_bytes())
    manifest.policy["strangers_to_requests"] = not manifest.policy["strangers_to_requests"]
    file.write_bytes(encode_manifest(manifest))
    with pytest.raises(UsageError, match=r"seq .* comes out as .* made by other rules"):
        sliced(Trace.open(trace.path), 0.5)
    assert not (tmp_path / "slice").exists()


def test_a_window_outside_the_recorded_one_is_refused(whole: Trace) -> None:
    with pytest.raises(UsageError, match="no slice"):
        sliced(whole, 0.5, 1.5)


def test_in_several_cells_a_comment_keeps_the_id_by_which_later_actions_name_it(
    tmp_path: Path,
) -> None:
    cells = ("population.persons=300", "population.cells=2")
    whole = Trace.open(simulate(careless_teams(*cells), tmp_path / "trace").path)
    assert whole.manifest.cells == 2
    end = whole.manifest.until_us
    assert differing(state(sliced(whole, 0.5), end), state(whole, end)) == []
