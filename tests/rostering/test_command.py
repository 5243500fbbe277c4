"""``dmsim roster``: plan, check, simulate, from files to files."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from dmsim.cli.app import app
from dmsim.errors import UsageError
from dmsim.paths import data_path
from tests.cli.test_ends import dmsim

SHIFTS = """\
schema = 1
[prices]
missing = 60.0
[people.all]
available = 2
[shifts.early]
starts = ["06:00"]
lasts = "8h"
breaks = [{ after = "4h", lasts = "30m" }]
cost_per_hour = 10.0
[shifts.night]
starts = ["22:00"]
lasts = "8h"
cost_per_hour = 12.0
"""


class Done(NamedTuple):
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


def run(*words: str) -> Done:
    """The command in this process, which has imported everything already."""
    found = CliRunner().invoke(app, ["roster", *words])
    if isinstance(found.exception, UsageError):
        return Done(found.exception.exit_code, found.stdout, str(found.exception))
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return Done(found.exit_code, found.stdout, found.stderr)


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def files(tmp_path: Path, people: int = 1) -> tuple[str, str]:
    rows = [
        f"{day} {hour:02}:00,{people if 6 <= hour < 14 and day in ('tue', 'wed') else 0}"
        for day in DAYS
        for hour in range(24)
    ]
    (tmp_path / "demand.csv").write_text("\n".join(("start,required", *rows)))
    (tmp_path / "shifts.toml").write_text(SHIFTS)
    return str(tmp_path / "demand.csv"), f"--shifts={tmp_path / 'shifts.toml'}"


def test_a_demand_becomes_a_roster_and_a_page(tmp_path: Path) -> None:
    told = files(tmp_path)
    out, page = tmp_path / "roster.csv", tmp_path / "roster.html"
    done = run(*told, "--out", str(out), "--html", str(page), "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    week = found["weeks"][0]
    assert (week["status"], week["gap"], week["missing_hours"]) == ("optimal", 0, 1.0)
    assert week["cost"] == pytest.approx(2 * 75 + 60)
    assert (week["lack"]["no_shift_hours"], week["lack"]["fewest_more_people"]) == (1, 0)
    assert [len(week[name]) for name in ("required", "working", "missing")] == [336] * 3
    assert [duty["start"] for duty in found["duties"]] == ["tue 06:00", "wed 06:00"]
    assert len(out.read_text().splitlines()) == 3
    text = page.read_text()
    assert all(
        word in text for word in ("Who works when", "Missing in the week", "no shift: 1.0 h")
    )
    again = run(*told, "--out", str(out))
    assert again.returncode == 5
    assert "exists already" in again.stderr


def test_what_is_missing_is_told_with_its_hours(tmp_path: Path) -> None:
    done = run("plan", *files(tmp_path, people=5))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1].split() == ["1", "80.0", "30.0", "37.5%", "50.0", "0.0"]
    assert lines[4].split()[1:5] == ["300.00", "3,000.00", "0.00", "3,300.00"]
    assert lines[4].endswith("cheapest")
    assert lines[6] == "missing in week 1: 50.0 of 80.0 required person-hours"
    assert lines[7:] == [
        "  no shift: 5.0 h when there is none that anybody may work, or all have a break",
        "    tue 10:00 to tue 10:30, wed 10:00 to wed 10:30",
        "  too few people: 45.0 h; 2 people may work 80.0 h a week at most, 30.0 h are worked",
        "    no roster of these people covers them; 3 more (3 all) would be enough, fewer would "
        "not",
        "  tue 06:00 to tue 14:00: up to 5 at once, 25 person-hours",
        "  wed 06:00 to wed 14:00: up to 5 at once, 25 person-hours",
    ]


def test_a_roster_is_checked(tmp_path: Path) -> None:
    demand, shifts = files(tmp_path)
    roster = tmp_path / "roster.csv"
    words = ("check", str(roster), "--demand", demand, shifts)
    roster.write_text("who,day,start,end\nann,tue,06:00,14:00\nbob,wed,06:00,14:00\n")
    fine = run(*words)
    assert (fine.returncode, fine.stdout.splitlines()[-1]) == (0, "0 violations")
    roster.write_text("who,day,start,end\nann,mon,22:00,06:00\nann,tue,06:00,14:00\n")
    broken = run(*words, "--json")
    assert broken.returncode == 1
    told = json.loads(broken.stdout)
    assert [(each["rule"], each["who"]) for each in told["violations"]] == [("rest", "ann")]
    assert told["weeks"][0]["missing_hours"] == 8.5
    stays = dmsim("roster", demand, shifts, "--existing", str(roster), "--json")
    assert stays.returncode == 0, stays.stderr
    assert "ann: rest: 0s of rest" in stays.stderr
    duties = [(duty["who"], duty["start"]) for duty in json.loads(stays.stdout)["duties"]]
    assert duties == [("all-1", "wed 06:00"), ("ann", "mon 22:00"), ("ann", "tue 06:00")]


def test_a_roster_is_simulated(tmp_path: Path) -> None:
    _, shifts = files(tmp_path)
    roster, page = tmp_path / "roster.csv", tmp_path / "service.html"
    rows = [f"{who},{day},06:00,14:00" for who in ("ann", "bob") for day in DAYS[:5]]
    roster.write_text("\n".join(("who,day,start,end", *rows)))
    short = ("--set=time.warm_up=0s", "--set=time.record=1d", "--replications=2")
    words = ("simulate", str(roster), shifts, "--scenario=staffing-247", *short)
    few = ("--set=care.volumes.shop.comments_per_week=4000", f"--html={page}")
    done = run(*words, *few, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    hours = told["by_hour"]
    assert [hour["hour"] for hour in hours] == list(range(24))
    assert [hour["present"] for hour in hours[6:11]] == pytest.approx([2, 2, 2, 2, 1], abs=0.1)
    by_night, by_day = (hours[n]["in_time"]["mean"] for n in (2, 8))
    assert by_night < 0.5 < by_day
    assert 0 < told["intervals"]["in_time_share"]["half_width"] < 1
    assert "Cases not answered in 5 min" in page.read_text()
    text = run(*words, *few[:1])
    assert text.stdout.splitlines()[-1].startswith("Mon ")
    assert "not simulated" not in text.stderr
    (tmp_path / "shifts.toml").write_text(f"{SHIFTS}[holidays]\nsun = 0\n")
    told_ = "(sun x 0); what comes is an ordinary week of the scenario"
    assert told_ in run(*words, *few[:1]).stderr


WRONG = {
    "has 2 care teams; name one": ("--scenario=quickstart",),
    "--team sales: no such team": ("--scenario=staffing-247", "--team=sales"),
    "nobody works in that week": ("--scenario=staffing-247", "--week=2"),
}


@pytest.mark.parametrize(("told", "words"), WRONG.items())
def test_what_cannot_be_simulated_is_told(
    told: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    _, shifts = files(tmp_path)
    roster = tmp_path / "roster.csv"
    roster.write_text("who,day,start,end\nann,tue,06:00,14:00\n")
    done = run("simulate", str(roster), shifts, *words)
    assert done.returncode == 5
    assert told in done.stderr.splitlines()[-1]


def test_options_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    told = files(tmp_path)
    for words, text in (
        (("--time-limit", "30"), "--time-limit 30: not a duration"),
        (("--out", str(tmp_path)), "no file can be written there; choose another --out"),
        (("--html", str(tmp_path / "no" / "x.html")), "choose another --html"),
    ):
        done = run(*told, *words)
        assert done.returncode == 5
        assert text in done.stderr


def test_the_files_that_come_along_are_planned(tmp_path: Path) -> None:
    seeds = data_path("seeds")
    words = (str(seeds / "demand-247.csv"), f"--shifts={seeds / 'shifts-247.toml'}")
    done = run(*words, "--time-limit", "2s", "--json")
    assert done.returncode == 0, done.stderr
    week = json.loads(done.stdout)["weeks"][0]
    assert 0 <= week["bound"] <= week["cost"]


def test_the_schema_is_one_object() -> None:
    done = run("schema")
    assert json.loads(done.stdout)["title"] == "ShiftsFile"
