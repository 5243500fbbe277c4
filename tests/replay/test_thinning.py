"""A trace thinned to fewer persons: whole conversations, and all that their verdicts rest on."""

from contextlib import suppress
from itertools import permutations

import polars as pl
import pytest

from dmsim.errors import UsageError
from dmsim.replay.backend import reference_backend
from dmsim.replay.judge import Judgement
from dmsim.replay.schedule import COLUMNS, make_schedule
from dmsim.replay.thinning import Thinned, thin
from dmsim.scenario import Scenario, load_scenario
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from tests.replay.conftest import MakeTrace, Row
from tests.replay.plays import TOKEN, careless_teams, play_of_trace
from tests.worlds import small


def abuse_wave() -> Scenario:
    return load_scenario("abuse-wave", None, ["population.persons=300", "time.record=2h"])


SCENARIOS = {"abuse-wave": abuse_wave, "quickstart": small, "careless": careless_teams}


@pytest.fixture(scope="module", params=list(SCENARIOS))
def trace(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trace:
    folder = tmp_path_factory.mktemp(request.param)
    return Trace.open(simulate(SCENARIOS[request.param](), folder / "trace").path)


def thinned(trace: Trace, users: int) -> tuple[pl.DataFrame, Thinned]:
    actions = trace.actions(COLUMNS)
    schedule = make_schedule(actions, trace.manifest.from_us, speed=1e9)
    return thin(trace, actions, schedule, users)


def acting(trace: Trace) -> int:
    """How many persons act."""
    accounts = trace.actions(["actor"])["actor"].unique()
    kinds = pl.read_parquet(trace.path / "population/accounts.parquet")["kind"]
    return int((kinds.gather(accounts) == "person").sum())


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_what_is_kept_of_a_trace_has_the_verdicts_it_had(trace: Trace, share: float) -> None:
    persons = int(share * acting(trace))
    kept, found = thinned(trace, persons)
    assert 0 < found.persons <= persons
    assert found.actions == len(kept) < trace.manifest.actions
    with reference_backend(TOKEN) as url:
        record = play_of_trace(trace, kept).against(url, to_the_end=True)
    assert record.stopped == ""
    assert set(record.judgements.tolist()) == {Judgement.MATCH}


def test_a_conversation_is_kept_whole_or_not_at_all(trace: Trace) -> None:
    kept, found = thinned(trace, acting(trace) // 2)
    pairs = trace.actions(["seq", "actor", "target"]).filter(pl.col("target").is_not_null())
    one, other = pl.min_horizontal("actor", "target"), pl.max_horizontal("actor", "target")
    written = trace.actions(["seq", "action"]).filter(
        pl.col("action").is_in(["send_message", "read_thread"])
    )
    shares = (
        pairs.join(written, on="seq")
        .with_columns(one.alias("one"), other.alias("other"))
        .with_columns(pl.col("seq").is_in(kept["seq"].to_list()).alias("kept"))
        .group_by("one", "other")
        .agg(pl.col("kept").mean())
    )
    assert set(shares["kept"].to_list()) <= {0.0, 1.0}
    assert found.conversations > 0


def test_the_same_persons_are_kept_every_time(trace: Trace) -> None:
    few, more = (thinned(trace, int(share * acting(trace)))[0] for share in (0.4, 0.8))
    assert few.equals(thinned(trace, int(0.4 * acting(trace)))[0])
    assert set(few["seq"].to_list()) <= set(more["seq"].to_list())


def test_with_enough_persons_nothing_is_left_out(trace: Trace) -> None:
    kept, found = thinned(trace, acting(trace))
    assert kept["seq"].equals(trace.actions(["seq"])["seq"])
    assert found.persons == acting(trace)


def test_too_few_persons_for_a_conversation_are_refused(make_trace: MakeTrace) -> None:
    rows: list[Row] = [{"actor": 0, "target": 1}, {"actor": 1, "target": 0, "after": [0]}]
    with pytest.raises(UsageError, match="--users 1: one person's conversations rest on what 2"):
        thinned(Trace.open(make_trace(rows)), 1)


def test_what_is_kept_keeps_its_order_where_what_stood_between_is_gone(
    make_trace: MakeTrace,
) -> None:
    orders = []
    for asker, changer, writer in permutations(range(4), 3):
        setting: Row = {"actor": changer, "action": "change_setting", "target": None}
        rows: list[Row] = [
            setting,
            {"actor": asker, "target": changer, "after": [0]},
            {**setting, "after": [1]},
            {"actor": writer, "target": changer, "after": [2]},
        ]
        with suppress(UsageError):  # the asker may be whom all begins with
            kept, _ = thinned(Trace.open(make_trace(rows)), 2)
            if kept["seq"].to_list() == [0, 2, 3]:
                orders.append(kept["after"].to_list()[1])
    assert orders
    assert all(0 in after for after in orders)
