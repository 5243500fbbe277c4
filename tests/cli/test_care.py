"""``dmsim care``, and what ``dmsim simulate`` tells of the care teams."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.cli.test_ends import dmsim

VOLUME = "--set=care.volumes.beauty.comments_per_week=3000"
DAY = ("--set=time.warm_up=0s", "--set=time.record=1d", VOLUME)


def test_the_measures_are_told_as_tables() -> None:
    done = dmsim("care", "quickstart", *DAY)
    assert done.returncode == 0, done.stderr
    tables = [table.splitlines() for table in done.stdout.strip().split("\n\n")]
    assert [table[0].split()[0] for table in tables[:4]] == ["brand", "kind", "brand", "team"]
    brands = [line.split()[0] for line in tables[0][1:]]
    assert brands == ["beauty", "bank", "eyewear", "all"]
    assert "cases in" in done.stderr


def test_one_team_can_be_run_for_weeks_and_written(tmp_path: Path) -> None:
    out = tmp_path / "run"
    words = ("--team", "beauty", "--weeks", "2", "--out", str(out), "--json", "--seed", "9")
    done = dmsim("care", "quickstart", VOLUME, *words)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == json.loads((out / "summary.json").read_text())
    assert (told["teams"], told["seed"], told["replications"]) == (["beauty"], 9, 1)
    assert told["until_us"] - told["from_us"] == 14 * 86_400_000_000
    assert list(told["care"]["by_brand"]) == ["beauty"]
    cases = pl.read_parquet(out / "cases.parquet")
    assert cases.height == told["cases"]
    assert set(cases["team"]) == {"beauty"}
    assert pl.read_parquet(out / "staff.parquet").height == 14 * 24
    assert told["intervals"]["occupancy"]["half_width"] is None
    again = dmsim("care", "quickstart", *DAY, "--out", str(out), "--force")
    assert again.returncode == 0, again.stderr
    (out / "staff.parquet").unlink()
    foreign = dmsim("care", "quickstart", *DAY, "--out", str(out), "--force")
    assert foreign.returncode == 5
    assert "not a run of dmsim care (no staff.parquet), so --force does not" in foreign.stderr


def test_several_teams_can_be_chosen() -> None:
    words = ("--team", "services", "--team", "beauty", "--json")
    done = dmsim("care", "quickstart", *DAY, *words)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["teams"] == ["beauty", "services"]


def test_replications_have_intervals(tmp_path: Path) -> None:
    done = dmsim("care", "quickstart", *DAY, "--replications", "3", "--out", str(tmp_path / "run"))
    assert done.returncode == 0, done.stderr
    assert "mean of replications" in done.stdout
    assert "cases are sums over 3 replications, staff figures are means of them" in done.stdout
    cases = pl.read_parquet(tmp_path / "run" / "cases.parquet")
    assert sorted(set(cases["replication"])) == [0, 1, 2]
    told = json.loads((tmp_path / "run" / "summary.json").read_text())
    occupancy = told["intervals"]["occupancy"]
    assert occupancy["count"] == 3
    assert 0 < occupancy["half_width"] < occupancy["mean"] < 1


def test_volumes_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "volumes.csv"
    file.write_text("start,brand,comments\nfri 14:00,beauty,100\nfri 14:00,bank,20\n")
    done = dmsim("care", "quickstart", "--volumes", str(file), "--json")
    assert done.returncode == 0, done.stderr
    brands = json.loads(done.stdout)["care"]["by_brand"]
    assert [brand["cases"] for brand in brands.values()] == [100, 20, 0]


def test_all_that_a_file_of_dates_counts_comes_unless_weeks_cut_it(tmp_path: Path) -> None:
    file = tmp_path / "volumes.csv"
    rows = ("2026-03-03 02:00,beauty,30", "2026-03-20 23:00,beauty,12", "2026-03-20 23:00,bank,9")
    file.write_text("\n".join(("start,brand,comments", *rows)))
    words = ("care", "quickstart", "--volumes", str(file), "--team", "beauty", "--json")
    done, cut = dmsim(*words), dmsim(*words, "--weeks", "2")
    assert (done.returncode, cut.returncode) == (0, 0), cut.stderr
    told = json.loads(done.stdout)
    assert told["cases"] == 42
    assert told["until_us"] - told["from_us"] == (17 * 24 + 22) * 3_600_000_000
    assert "rows left out, of brands whose teams are not run: 1" in done.stderr
    assert json.loads(cut.stdout)["cases"] == 30
    assert "--weeks 2 leaves out 12 of 42 comments and messages" in cut.stderr


def test_campaigns_come_unless_they_need_a_population() -> None:
    done = dmsim("care", "contest", "--json")
    assert done.returncode == 0, done.stderr
    assert "left out" in done.stderr
    assert "news (mailing), quiz (chat_bot)" in done.stderr
    quiet = dmsim("care", "contest", "--json", "--set=campaigns.contest.comments=1")
    more = json.loads(done.stdout)["cases"] - json.loads(quiet.stdout)["cases"]
    assert 750 < more < 1050
    assert "left out" not in dmsim("care", "brand-crisis").stderr


def test_a_file_of_zeros_is_told(tmp_path: Path) -> None:
    file = tmp_path / "volumes.csv"
    file.write_text("start,brand,comments\nmon 08:00,beauty,0\n")
    done = dmsim("care", "quickstart", "--volumes", str(file))
    assert done.returncode == 5
    assert f"error: {file}: holds only zeros; write how many came" in done.stderr


WRONG = {
    "no such team": (VOLUME, "--team", "sales"),
    "nothing reaches its teams": (),
    "comments = many: not a whole number": (VOLUME, "--volumes"),
    "is not empty": (VOLUME, "--out", "."),
}


@pytest.mark.parametrize(("told", "words"), WRONG.items())
def test_what_cannot_be_used_is_told_in_one_line(
    told: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "volumes.csv"
    file.write_text("start,brand,comments\nmon 08:00,beauty,many\n")
    files = (str(file),) if words[-1:] == ("--volumes",) else ()
    done = dmsim("care", "quickstart", *words, *files, folder=tmp_path)
    assert done.returncode == 5
    assert told in done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: ")


def test_a_simulation_tells_the_measures_of_its_trace(tmp_path: Path) -> None:
    quick = ("--set=population.persons=200", "--set=time.record=20m", "--json")
    done = dmsim("simulate", "quickstart", *quick, "--out", str(tmp_path / "trace"))
    assert done.returncode == 0, done.stderr
    care = json.loads(done.stdout)["care"]
    assert list(care["by_brand"]) == ["beauty", "bank", "eyewear"]
    assert "occupancy" in done.stderr
