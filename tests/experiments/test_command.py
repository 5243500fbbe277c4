"""``dmsim sweep`` and ``dmsim compare``, each in real processes, killed ones too."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dmsim.experiments.store import FILE
from tests.cli.test_bad_input import children, is_running, until
from tests.cli.test_ends import dmsim

QUICK = (
    *("--set", "time.record=1d", "--set", "time.warm_up=0s", "--set", "care.answered_within=4h"),
    *("--vary", "care.teams.eyewear.roster.day.agents=1..2", "--team", "eyewear"),
)
#: Long enough to be stopped in between.
LONG = (*QUICK, "--set", "time.record=3d", "--replications", "8", "--workers", "2")


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name != FILE}


def begin(folder: Path) -> "subprocess.Popen[str]":
    """A sweep of which some runs are kept already, and more are under way."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dmsim", "sweep", "private-replies", *LONG, "--out", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    seen: set[int] = set()

    def some_are_kept() -> bool:
        assert process.poll() is None
        if (folder / FILE).exists():
            seen.add((folder / FILE).stat().st_mtime_ns)
        return len(seen) > 3

    until("some runs kept", 60, some_are_kept)
    return process


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("sweep") / "undisturbed"
    done = dmsim("sweep", "private-replies", *LONG, "--out", str(folder))
    assert done.returncode == 0, done.stderr
    return files(folder)


def test_a_killed_sweep_leaves_no_process_and_goes_on_to_the_same_table(
    undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "killed"
    process = begin(folder)
    started = children(process.pid)
    assert len(started) >= 2
    process.kill()
    process.communicate(timeout=30)
    until("all processes gone", 10, lambda: not any(is_running(child) for child in started))
    assert not (folder / "values.csv").exists()
    done = dmsim("sweep", "private-replies", *LONG, "--out", str(folder))
    assert done.returncode == 0, done.stderr
    kept = int(done.stderr.split(": ")[1].split()[0])
    assert 0 < kept < 16
    assert files(folder) == undisturbed


def test_an_interrupted_sweep_says_how_to_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "stopped"
    process = begin(folder)
    started = children(process.pid)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, said = process.communicate(timeout=30)
    until("all processes gone", 10, lambda: not any(is_running(child) for child in started))
    assert process.returncode == 130
    assert said.splitlines()[-1] == "interrupted"
    assert f"finished runs are kept in {folder}: the same command goes on" in said
    assert "Traceback" not in said


def test_a_second_sweep_of_the_same_folder_waits_its_turn(tmp_path: Path) -> None:
    process = begin(tmp_path)
    process.send_signal(signal.SIGSTOP)  # so that it cannot end before the other has begun
    try:
        done = dmsim("sweep", "private-replies", *LONG, "--out", str(tmp_path))
        assert (done.returncode, "another process is filling it" in done.stderr) == (5, True)
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_a_sweep_prints_its_points_and_writes_a_page(tmp_path: Path) -> None:
    words = (*QUICK, "--replications", "2", "--workers", "1", "--measure", "occupancy")
    done = dmsim("sweep", "private-replies", *words, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "occupancy" in lines[0]
    assert [line.split()[0] for line in lines[1:3]] == ["1", "2"]
    assert "2 replications of each point, care teams alone" in done.stdout
    assert "campaigns left out, as they need a population (--whole): friday-bot" in done.stdout
    again = dmsim("sweep", "private-replies", *words, "--json", folder=tmp_path)
    told = json.loads(again.stdout)
    assert [point["care.teams.eyewear.roster.day.agents"] for point in told["points"]] == [1, 2]
    assert (told["replications"], told["extent"], told["measures"]) == (2, "alone", ["occupancy"])
    assert "4 runs are there already; only further ones" in again.stderr
    assert "further runs: " in again.stderr
    (folder,) = (tmp_path / "reports").iterdir()
    page = (folder / "experiment.html").read_text()
    assert "private-replies by agents" in page
    assert "Cost and service" in page
    assert json.loads((folder / "experiment.json").read_text()) == told


def test_a_scenario_is_compared_with_its_change(tmp_path: Path) -> None:
    words = ("--team", "eyewear", "--replications", "2", "--workers", "1", "--json")
    scenario = dmsim("scenarios", "copy", "private-replies", folder=tmp_path)
    assert scenario.returncode == 0, scenario.stderr
    file = tmp_path / "private-replies.toml"
    short = file.read_text().replace('record = "8d"', 'record = "1d"')
    file.write_text(short)
    (tmp_path / "more.toml").write_text(short.replace("agents = 2\n", "agents = 3\n", 1))
    done = dmsim("compare", str(file), "more.toml", *words, "--out", "run", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [point["scenario"] for point in told["points"]] == [str(file), "more.toml"]
    more = next(row for row in told["differences"] if row["measure"] == "fte")
    assert more["difference"] > 0
    assert told["scenarios"] == [str(file), "more.toml"]
    text = dmsim("compare", str(file), "more.toml", *words[:-1], "--out", "run", folder=tmp_path)
    lines = text.stdout.splitlines()
    assert lines[:2] == [f"A  {file}", "B  more.toml"]
    rows = lines[4 : lines.index("", 4)]
    marked = [row.endswith("*") for row in rows]
    assert marked == sorted(marked, reverse=True)
    (agents,) = (" ".join(row.split()) for row in rows if row.startswith("fte "))
    assert agents == "fte 4.2 ± 0 5.6 ± 0 +1.4 ± 0 < 0.001 *"
    assert any(line.startswith("the same in every run of A and B: ") for line in lines)


def test_a_scenario_is_compared_with_another_one() -> None:
    done = dmsim("compare", "private-replies", "private-replies")
    assert done.returncode == 5
    assert done.stderr == "error: private-replies: stands there twice; name two scenarios\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--vary", "care.teams.beuty.agents=4..6"), "did you mean care.teams.beauty.agents"),
        (("--vary", "care.teams.beauty.threads=x"), "--vary care.teams.beauty.threads=x"),
        (("--vary", "care.teams.beauty.threads=1,2", "--measure", "x"), "no such measure"),
        (("--vary", "care.volumes.glasses.comments_per_week=1", "--whole"), "population; vary"),
        (("--vary", "population.persons=50", "--team", "beauty"), "do not run alone"),
        (("--vary", "time.record=1d", "--out", "."), "holds something else"),
        ((), "missing --vary KEY=VALUES; for example: dmsim sweep"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_starts(
    words: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("mine")
    done = dmsim("sweep", "private-replies", *words, folder=tmp_path)
    assert done.returncode == 5
    assert why in done.stderr
    assert done.stderr.startswith("error: ")
    assert [file.name for file in tmp_path.iterdir()] == ["note.txt"]
