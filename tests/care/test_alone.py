import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from dmsim.care.alone import run_alone, served_brands
from dmsim.errors import UsageError
from dmsim.scenario import Scenario, load_scenario
from dmsim.scenario.units import DAY_US, HOUR_US
from dmsim.trace.schema import CASES, STAFF
from tests.care.queues import queue

#: A team that is seldom late.
EASY = [
    "care.volumes.beauty.comments_per_week=1200",
    "care.volumes.beauty.messages_per_week=300",
    "care.volumes.bank.comments_per_week=500",
    "time.start=mon 00:00",
    "time.warm_up=12h",
    "time.record=7d",
]
#: A team that is always late.
LATE = ["care.teams.beauty.agents=1", "care.volumes.beauty.comments_per_week=6000"]


def told(*changes: str) -> Scenario:
    return load_scenario("quickstart", None, [*EASY, *changes])


def cases(*changes: str, replication: int = 0) -> pl.DataFrame:
    return run_alone(told(*changes), replication=replication)[0]


def test_the_same_scenario_gives_the_same_tables_and_each_replication_others() -> None:
    first, again = run_alone(told()), run_alone(told())
    assert all(one.equals(other) for one, other in zip(first, again, strict=True))
    assert [frame.schema for frame in first] == [CASES.schema, STAFF.schema]
    assert not cases(replication=1).equals(first[0])


def test_a_team_alone_has_the_cases_that_it_has_beside_others() -> None:
    together, staff = run_alone(told())
    services, hours = run_alone(told(), teams=["services"])
    assert services.height > 100
    assert services.equals(together.filter(team="services"))
    assert hours.equals(staff.filter(team="services"))


def test_the_staff_does_not_change_what_customers_ask() -> None:
    asked = ["case", "page", "person", "topic", "locale", "complex", "personal", "written"]
    few, many = (cases(f"care.teams.beauty.agents={agents}") for agents in (4, 8))
    for topic in ("question", "complaint"):
        one, other = (frame.filter(topic=topic).select(asked).sort("case") for frame in (few, many))
        assert one.equals(other)


def test_every_private_reply_follows_a_public_one_and_none_comes_too_late() -> None:
    for found in (cases(), cases(*LATE)):
        private = found.filter(pl.col("private").is_not_null())
        assert private.height > 100
        assert (private["public"] < private["private"]).all()
        assert (private["private"] - private["written"] < 7 * DAY_US).all()
        assert (private["returned"].is_null() | (private["returned"] > private["private"])).all()


def test_comments_for_which_nobody_had_time_expire() -> None:
    found = cases(*LATE, "policy.private_reply_days=1")
    expired = found.filter(pl.col("returned").is_null(), ending="expired")
    assert expired.height > 100
    assert expired["private"].null_count() == expired.height
    assert (expired["ended"] - expired["written"] >= DAY_US).all()


def test_an_hour_sees_no_more_private_replies_of_a_page_than_the_policy_lets() -> None:
    found = cases("policy.private_replies_per_hour=3")
    hours = found.drop_nulls("private").group_by("page", pl.col("private") // HOUR_US).len()
    assert hours["len"].max() == 3


def test_who_was_told_looks_sooner_and_more_often() -> None:
    """R168."""
    told_of, untold = (cases(f"care.teams.beauty.announces={share}") for share in (1, 0))
    came, stayed = (
        frame.filter(team="beauty").drop_nulls("private") for frame in (told_of, untold)
    )
    assert came["returned"].count() > 1.5 * stayed["returned"].count()
    delay = (pl.col("returned") - pl.col("private")).median()
    soon, late = (float(frame.select(delay).item()) for frame in (came, stayed))
    assert 3 * soon < late


def test_who_was_not_told_forgets() -> None:
    """R163: an answer that takes long finds fewer who remember, unless they were mentioned."""
    quick = "care.customers.forgets=1m"
    base = [
        "care.customers.answers=1",
        "care.customers.opens_untold=1",
        "care.teams.beauty.agents=9",
    ]
    forgot = cases(*base, quick, "care.teams.beauty.announces=0").filter(team="beauty")
    never = cases(*base, "care.customers.forgets=3650d", "care.teams.beauty.announces=0")
    mentioned = [cases(*base, forgets).filter(team="beauty") for forgets in (quick, base[0])]
    assert forgot["returned"].count() < 0.5 * never.filter(team="beauty")["returned"].count()
    assert mentioned[0].equals(mentioned[1])


def test_who_never_answers_stays_silent() -> None:
    found = cases("care.customers.answers=0", "care.volumes.beauty.messages_per_week=0")
    talked = found.drop_nulls("private")
    assert talked["returned"].null_count() == talked.height
    assert set(talked["ending"]) == {"silent", "open"}


def test_who_loses_patience_turns_to_the_public_and_is_answered() -> None:
    """R151."""
    found = cases(*LATE, "care.customers.patience=1h", "care.customers.escalates=1")
    beauty = found.filter(team="beauty")
    assert beauty["escalated"].sum() > 0.3 * beauty.height
    assert beauty["case"].is_unique().all()


def test_a_slip_is_refused_and_changes_no_case() -> None:
    clean, slips = cases("care.teams.beauty.slips=0"), cases("care.teams.beauty.slips=0.5")
    assert clean.equals(slips)


def test_only_what_was_open_in_the_window_is_told() -> None:
    scenario = told()
    found, staff = run_alone(scenario)
    window = scenario.time.from_us, scenario.time.until_us
    assert (found["written"] < window[1]).all()
    assert (found["ended"].fill_null(window[1]) >= window[0]).all()
    assert (found["written"] < window[0]).any()
    assert staff["at"].min() == window[0]
    assert staff.filter(team="beauty").height == 7 * 24


def test_progress_reaches_the_end() -> None:
    passed: list[int] = []
    scenario = told("time.warm_up=30m", "time.record=45m")
    run_alone(scenario, report=passed.append)
    assert sum(passed) == len(scenario.care.teams) * 75 * 60 * 1_000_000


def test_brands_without_a_volume_get_nothing(tmp_path: Path) -> None:
    found, staff = run_alone(queue(tmp_path))
    assert (found.height, staff["busy"].sum()) == (0, 0)


def test_brands_are_those_of_the_teams_that_are_run() -> None:
    assert served_brands(told()) == ["beauty", "bank", "eyewear"]
    assert served_brands(told(), ["services"]) == ["bank", "eyewear"]
    assert served_brands(told(), ["services", "beauty"]) == ["beauty", "bank", "eyewear"]
    with pytest.raises(UsageError, match="--team sales: no such team; known: beauty, services"):
        served_brands(told(), ["beauty", "sales"])


#: An incident that strikes on the first Wednesday.
INCIDENT = [
    'campaigns.outage.kind="incident"',
    'campaigns.outage.brand="beauty"',
    'campaigns.outage.at="wed 10:00"',
    'campaigns.outage.lasts="3h"',
    "campaigns.outage.comments=400",
    "campaigns.outage.topics={question=0.0,complaint=1.0,praise=0.0,spam=0.0}",
]
ASKED = ["case", "page", "person", "topic", "locale", "complex", "personal", "written"]


def brought(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(pl.col("person") >= 1 << 30)


def test_an_incident_brings_its_comments_and_leaves_the_other_customers_alone() -> None:
    # Praise and spam may be over before the window, as soon as somebody had time for them.
    real = pl.col("topic").is_in(["question", "complaint"])
    quiet, struck = cases().filter(real), cases(*INCIDENT).filter(real)
    extra = brought(struck)
    assert extra.height == pytest.approx(400, abs=80)
    assert (set(extra["page"]), set(extra["topic"])) == ({0}, {"complaint"})
    begin = 2 * DAY_US + 10 * HOUR_US
    assert extra["written"].is_between(begin, begin + 3 * HOUR_US).all()
    others = struck.filter(pl.col("person") < 1 << 30, pl.col("written") >= told().time.from_us)
    before = quiet.filter(pl.col("written") >= told().time.from_us)
    assert others.select(ASKED).sort("case").equals(before.select(ASKED).sort("case"))
    again = brought(cases(*INCIDENT, replication=1))
    assert again.height != extra.height


def test_a_campaign_comes_again_each_week_and_talks_of_what_the_brand_is_told() -> None:
    contest = [*INCIDENT[:-1], 'campaigns.outage.kind="engagement"', "time.record=14d"]
    extra = brought(cases(*contest))
    weeks = extra.group_by(pl.col("written") // (7 * DAY_US)).len().sort("written")
    assert weeks["written"].to_list() == [0, 1]
    assert weeks["len"][0] != weeks["len"][1]
    assert {"question", "complaint"} < set(extra["topic"])


def test_a_mailing_brings_nothing_without_a_population() -> None:
    mailing = [*INCIDENT[:5], 'campaigns.outage.kind="mailing"', "campaigns.outage.recipients=1"]
    assert cases(*mailing).equals(cases())


def test_no_template_fits_at_the_beginning_of_an_incident() -> None:
    """R176: answers take longer then."""
    staff = ["care.teams.beauty.agents=60", "care.teams.beauty.templates=true"]
    known, new = (
        run_alone(told(*INCIDENT, *staff, f'campaigns.outage.untemplated="{span}"'))[1]
        for span in ("0s", "3h")
    )
    then = pl.col("at").is_between(2 * DAY_US + 10 * HOUR_US, 2 * DAY_US + 12 * HOUR_US)
    busy = [
        int(frame.filter(then, team="beauty").select(pl.col("busy").sum()).item())
        for frame in (known, new)
    ]
    assert busy[1] > 1.1 * busy[0]


def test_a_run_loads_nothing_heavy() -> None:
    code = (
        "import sys; from dmsim.care.alone import run_alone; import dmsim.report.replications;"
        "print(*sorted({'numba', 'scipy', 'faker', 'dmsim.engine'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "\n"
