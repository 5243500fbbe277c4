"""``dmsim fit``: what is written, what is said, what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from dmsim.population.curves import load_curve
from dmsim.scenario import load_scenario, read_curve
from tests.cli.test_ends import dmsim
from tests.fit.made_up import squared_error

DATA = Path(__file__).parents[1] / "data"
SAMPLE = DATA / "messages.csv.gz"
#: What ``tests/data/make_log.py`` made the sample with.
ZONE, BURST, REPLY, GAP_S, DELAY_S = "+03:00", 1.5, 0.4, 10, 120


def test_a_log_of_the_usual_form_becomes_a_scenario_that_runs(tmp_path: Path) -> None:
    done = dmsim("fit", str(SAMPLE), "--time-zone", ZONE, "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    folder = tmp_path / "reports" / "messages-fit"
    assert {file.name for file in folder.iterdir()} == {
        *("messages.csv", "messages-bands.csv", "scenario.toml", "summary.json", "fit.html")
    }
    assert json.loads((folder / "summary.json").read_text()).items() <= told.items()
    assert "15,799 rows, 15,799 used" in done.stderr
    week = told["curves"]["messages"]
    true = load_curve("messages") * np.sum(week["rate"]) / 168
    assert squared_error(np.array(week["rate"]), true) <= 0.01
    assert squared_error(np.array(week["raw"]), true) > 0.01
    assert read_curve(folder / "messages.csv") == pytest.approx(week["rate"], rel=1e-5)
    for name, value, rel in (
        ("burst", BURST, 0.05),
        ("replies", REPLY, 0.05),
    ):
        assert told["turns"][name]["value"] == pytest.approx(value, rel=rel)
    assert told["turns"]["burst_gaps"]["median_s"]["value"] == pytest.approx(GAP_S, rel=0.05)
    assert told["turns"]["delays"]["median_s"]["value"] == pytest.approx(DELAY_S, rel=0.05)
    scenario = load_scenario(str(folder / "scenario.toml"))
    assert scenario.behaviour.burst == pytest.approx(told["turns"]["burst"]["value"], rel=1e-3)
    short = ("--set", "time.record=1h", "--set", "population.persons=100")
    ran = dmsim("simulate", str(folder / "scenario.toml"), *short, "--out", "t", folder=tmp_path)
    assert ran.returncode == 0, ran.stderr


def test_bad_rows_are_told_on_the_screen_in_json_and_on_the_page(tmp_path: Path) -> None:
    rows = [f"{1_600_000_000 + 1800 * n},a{n % 50},b{n % 7}" for n in range(1500)]
    rows[100:100] = ["never,<b>,c", "1600000000,a", ",a,b"]
    log = tmp_path / "log.csv"
    log.write_text("time,sender,recipient\n" + "\n".join(rows) + "\n")
    done = dmsim("fit", "log.csv", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    reading = json.loads(done.stdout)["reading"]
    assert (reading["rows"], reading["used"]) == (1503, 1500)
    assert reading["skipped"] == {
        "no time stamp that can be read": 2,
        "2 fields where the head has 3": 1,
    }
    page = (tmp_path / "reports" / "log-fit" / "fit.html").read_text()
    for text in (done.stderr, page):
        assert "1,503 rows, 1,500 used" in text
        assert "skipped 2: no time stamp that can be read" in text
        assert "line 102" in text
    assert "<b>," not in page


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere.csv"], "nowhere.csv: no such file; give a log, or the folder of a trace"),
        ([str(SAMPLE), "--time", "when"], "no column when; it has source, target, time"),
        ([str(SAMPLE), "--time-zone", "Nowhere"], "--time-zone Nowhere: no such time zone"),
        ([str(SAMPLE), "--gap", "30"], "--gap 30: not a duration"),
        ([str(SAMPLE), "--reply-within", "0s"], "--reply-within 0s: must be longer than 0"),
        ([str(DATA)], "a folder, but no trace"),
    ],
)
def test_what_cannot_be_used_ends_in_one_line(words: list[str], told: str, tmp_path: Path) -> None:
    done = dmsim("fit", *words, folder=tmp_path)
    assert done.returncode == 5
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert told in done.stderr
    assert not (tmp_path / "reports").exists()


def test_an_earlier_fit_is_only_replaced_with_force(tmp_path: Path) -> None:
    words = ("fit", str(SAMPLE), "--out", "mine")
    assert dmsim(*words, folder=tmp_path).returncode == 0
    again = dmsim(*words, folder=tmp_path)
    assert again.returncode == 5
    assert "is not empty; choose another --out or overwrite with --force" in again.stderr
    assert dmsim(*words, "--force", folder=tmp_path).returncode == 0


def test_force_spares_what_is_no_fit(tmp_path: Path) -> None:
    own = tmp_path / "mine" / "scenario.toml"
    own.parent.mkdir()
    own.write_text("# written by hand\n")
    done = dmsim("fit", str(SAMPLE), "--out", "mine", "--force", folder=tmp_path)
    assert done.returncode == 5
    assert "not a fit of dmsim (no summary.json), so --force does not write there" in done.stderr
    assert own.read_text() == "# written by hand\n"


def test_a_log_of_office_hours_becomes_a_scenario_whatever_its_name(tmp_path: Path) -> None:
    """Nothing happens at night; and the name of the log has two lines."""
    start = 1_614_556_800  # Monday 2021-03-01
    days = [168 * week + 24 * day for week in range(4) for day in range(5)]
    hours = [day + hour for day in days for hour in range(9, 17)]
    rows = [f"{start + 3600 * hour + 450 * n},{n},{n + 1}" for hour in hours for n in range(8)]
    log = tmp_path / "of\nfice.csv"
    log.write_text("time,source,target\n" + "\n".join(rows) + "\n")
    done = dmsim("fit", str(log), "--out", "office", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    week = json.loads(done.stdout)["curves"]["messages"]
    assert max(week["high"]) < 20
    assert max(week["rate"][5 * 24 + 6 :]) < 1
    load_scenario(str(tmp_path / "office" / "scenario.toml"))
