"""Care teams among the persons of a population: what holds for every case of a whole trace."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dmsim.care.case import Case
from dmsim.care.engine_platform import EnginePlatform
from dmsim.population.build import build_population, plan_cells
from dmsim.scenario import Scenario
from dmsim.scenario.units import DAY_US, HOUR_US
from dmsim.simulation import simulate
from dmsim.simulation.world import World
from dmsim.trace.digest import digest_of
from dmsim.trace.reader import Trace
from dmsim.trace.schema import CASES, CELL_SHIFT, RESULTS, STAFF
from dmsim.vocabulary import Reason, Verdict
from tests.worlds import Rows, everything

DELIVERED = ["inbox", "requests", "filtered"]
#: Two cells, teams that are too few for a while, customers who lose patience, slips.
BUSY = [
    "time.warm_up=0s",
    "time.record=5h",
    "population.cells=2",
    "population.persons=300",
    "care.teams.shop.slips=0.3",
    "care.teams.shop.threads=2",
    "care.teams.shop.hand_off=0.3",
    "care.teams.shop.follow_up=10m",
    "care.teams.shop.agents=2",
    "care.teams.shop.announces=0.7",
    "care.customers.patience=10m",
    "care.customers.escalates=0.8",
    "brands.shop.followers=0.9",
]


def scenario() -> Scenario:
    return everything(*BUSY)


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    path = tmp_path_factory.mktemp("care") / "trace"
    simulate(scenario(), path)
    return Trace.open(path)


@pytest.fixture(scope="module")
def actions(trace: Trace) -> pl.DataFrame:
    return pl.read_parquet(trace.path / "actions" / "*" / "*.parquet").sort("at", "seq")


@pytest.fixture(scope="module")
def cases(trace: Trace) -> pl.DataFrame:
    return pl.read_parquet(trace.path / CASES.path)


def by_comment(actions: pl.DataFrame) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    replies = actions.filter(pl.col("action").is_in(["public_reply", "private_reply"]))
    for row in replies.to_dicts():
        found[row["uses"]].append(row)
    return found


def test_the_public_reply_precedes_the_private_one_in_every_case(actions: pl.DataFrame) -> None:
    delivered = 0
    for replies in by_comment(actions).values():
        public = [row["at"] for row in replies if row["action"] == "public_reply"]
        for row in replies:
            if row["action"] == "private_reply" and row["verdict"] in DELIVERED:
                delivered += 1
                assert min(public) < row["at"]
    assert delivered > 50


def test_no_comment_has_two_private_replies(actions: pl.DataFrame) -> None:
    private = actions.filter(
        pl.col("action").eq("private_reply") & pl.col("verdict").is_in(DELIVERED)
    )
    assert private["uses"].is_unique().all()
    refused = actions.filter(pl.col("action").eq("private_reply"))["reason"].cast(pl.String)
    seen = Counter(refused.to_list())
    assert seen["already_replied"] > 2
    assert seen["not_answered_publicly"] > 2


def test_no_comment_is_answered_privately_after_its_days(tmp_path: Path) -> None:
    late = everything(
        *BUSY,
        "time.record=60h",
        "population.cells=1",
        "population.persons=60",
        "policy.private_reply_days=1",
        "care.customers.escalates=0",
        'care.teams.shop.roster={day={days=["fri","sun"], from="13:00", until="14:00", agents=5}}',
    )
    simulate(late, tmp_path / "trace")
    actions = pl.read_parquet(tmp_path / "trace" / "actions" / "*" / "*.parquet")
    written = actions.filter(pl.col("action") == "comment").select(uses="binds", written="at")
    replies = actions.filter(pl.col("action") == "private_reply").join(written, on="uses")
    in_time = pl.col("at") - pl.col("written") < DAY_US
    assert replies.filter(~in_time & pl.col("verdict").is_in(DELIVERED)).is_empty()
    assert replies.filter(in_time & pl.col("verdict").is_in(DELIVERED)).height > 5
    assert "comment_too_old" in replies["reason"].cast(pl.String).to_list()
    ended = pl.read_parquet(tmp_path / "trace" / CASES.path)["ending"].cast(pl.String).to_list()
    assert "expired" in ended


def test_what_the_table_of_cases_says_stands_in_the_actions(
    actions: pl.DataFrame, cases: pl.DataFrame
) -> None:
    replies = by_comment(actions)
    of_comments = cases.filter(pl.col("comment").is_not_null())
    assert of_comments.height > 100
    for case in of_comments.to_dicts():
        found = replies.get(case["comment"], [])
        public = [row["at"] for row in found if row["action"] == "public_reply"]
        private = [
            row["at"]
            for row in found
            if row["action"] == "private_reply" and row["verdict"] in DELIVERED
        ]
        assert public == ([] if case["public"] is None else [case["public"]])
        assert private == ([] if case["private"] is None else [case["private"]])
        assert {row["target"] for row in found} <= {case["person"]}
        assert {row["actor"] for row in found} <= {case["page"]}


def test_personal_data_are_asked_for_in_private_alone(
    actions: pl.DataFrame, cases: pl.DataFrame
) -> None:
    personal = set(cases.filter("personal")["comment"].drop_nulls())
    asked = actions.filter(pl.col("action").eq("private_reply") & pl.col("switch"))
    assert asked.height > 5
    assert set(asked["uses"]) <= personal


def test_cases_end_in_every_usual_way_and_some_escalate(cases: pl.DataFrame) -> None:
    endings = set(cases["ending"].cast(pl.String))
    assert {"open", "resolved", "handed_off", "dismissed"} <= endings
    assert 0 < cases["escalated"].sum() < cases.height
    assert set(cases["topic"].cast(pl.String)) >= {"question", "complaint", "praise", "message"}


def test_every_escalation_is_answered_below_it(actions: pl.DataFrame, trace: Trace) -> None:
    texts = pl.read_parquet(trace.path / "texts.parquet").filter(pl.col("topic") == "escalation")
    calls = actions.filter(
        pl.col("action").eq("comment")
        & pl.col("text").is_in(texts["id"].implode())
        & pl.col("verdict").eq("done")
        & pl.col("at").lt(scenario().time.until_us - HOUR_US)
    )
    assert calls.height > 3
    public = actions.filter(pl.col("action") == "public_reply")
    assert set(calls["binds"]) <= set(public["uses"])


def test_the_results_are_part_of_the_trace(trace: Trace, cases: pl.DataFrame) -> None:
    for table in RESULTS:
        frame = pl.read_parquet(trace.path / table.path)
        assert frame.schema == table.schema
        assert trace.manifest.counts[table.path] == frame.height
    staff = pl.read_parquet(trace.path / STAFF.path)
    assert staff["at"].to_list() == [scenario().time.from_us + n * HOUR_US for n in range(5)]
    assert (staff["busy"] <= staff["present"]).all()
    accounts = pl.read_parquet(trace.path / "population" / "accounts.parquet")
    kinds = dict(accounts.select("id", pl.col("kind").cast(pl.String)).iter_rows())
    assert {kinds[page] for page in cases["page"]} == {"brand"}
    assert {kinds[person] for person in cases["person"]} == {"person"}
    assert set(cases["case"] // (1 << CELL_SHIFT)) <= {0, 1}
    assert cases["case"].is_unique().all()


def test_the_same_seed_gives_the_same_cases(tmp_path: Path, cases: pl.DataFrame) -> None:
    simulate(scenario(), tmp_path / "trace")
    again = pl.read_parquet(tmp_path / "trace" / CASES.path)
    assert digest_of(again) == digest_of(cases)


def test_who_is_on_duty_changes_nothing_of_what_a_customer_needs() -> None:
    def natures(agents: int) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        told = everything("time.warm_up=0s", "time.record=3h", f"care.teams.shop.agents={agents}")
        world = World(told, build_population(told, plan_cells(told)[0]), Rows())
        world.run(told.time.until_us)
        cases = world.results()[CASES].filter(pl.col("comment").is_not_null())
        return {
            (case["page"], case["person"], case["written"], case["topic"]): (
                case["complex"],
                case["personal"],
                case["locale"],
            )
            for case in cases.to_dicts()
        }

    few, many = natures(1), natures(8)
    both = few.keys() & many.keys()
    assert len(both) > 50
    assert {key: few[key] for key in both} == {key: many[key] for key in both}


def test_the_desk_knows_whether_the_platform_lets_its_answer_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = EnginePlatform.answer
    seen: Counter[tuple[bool, bool]] = Counter()

    def noted(platform: EnginePlatform, case: Case) -> tuple[Verdict, Reason]:
        is_open = platform.window_open(case)
        verdict, reason = answer(platform, case)
        assert (verdict == Verdict.REFUSED) == (reason != Reason.NONE)
        if reason in (Reason.NONE, Reason.OUTSIDE_WINDOW):
            seen[is_open, reason == Reason.NONE] += 1
        return verdict, reason

    monkeypatch.setattr(EnginePlatform, "answer", noted)
    late = everything(
        *BUSY, "care.teams.shop.agents=1", "care.teams.shop.answer=20m",
        "care.customers.thread_patience=0s", "policy.messaging_window_hours=1",
        "policy.human_agent_hours=1", "policy.window_everywhere=true",
    )  # fmt: skip
    world = World(late, build_population(late, plan_cells(late)[0]), Rows())
    world.run(late.time.until_us)
    assert set(seen) == {(True, True), (False, False)}
