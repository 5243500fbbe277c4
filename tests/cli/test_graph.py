"""The follow graph on the command line: from a file, and in what ``inspect`` shows."""

import json
from pathlib import Path

import pytest

from tests.cli.test_ends import dmsim

#: Nobody begins or ends to follow anybody before the recording.
CHANGES = (
    *("--set", "population.persons=50", "--set", "time.record=5m", "--set", "time.warm_up=0s"),
    *("--set", "population.graph.edges=follows.csv"),
)


def test_a_file_of_follows_is_simulated_and_shown(tmp_path: Path) -> None:
    follows = tmp_path / "follows.csv"
    follows.write_text("follower,followed\na,b\nb,a\na,b\nc,c\nc,a\n")
    made = dmsim("simulate", "quickstart", *CHANGES, "--out", "trace", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    dropped = "dropped duplicates: 1, self-loops: 1"
    assert f"follows.csv: 3 follows of 3 persons; {dropped}" in made.stderr
    # The trace holds the edges from now on.
    follows.unlink()
    shown = dmsim("inspect", "trace", "--json", folder=tmp_path)
    graph = json.loads(shown.stdout)["graph"]
    assert (graph["persons"], graph["edges"], graph["components"]) == (50, 3, 48)
    assert graph["reciprocity"] == pytest.approx(2 / 3)
    assert graph["followers"]["quantiles"]["max"] == 2
    table = dmsim("inspect", "trace", folder=tmp_path).stdout
    assert "of pages: left out" in table
    assert "reciprocity    0.667" in table


def test_too_few_persons_for_a_file_end_it_before_work_starts(tmp_path: Path) -> None:
    rows = "".join(f"{n},0\n" for n in range(1, 60))
    (tmp_path / "follows.csv").write_text("follower,followed\n" + rows)
    ended = dmsim("simulate", "quickstart", *CHANGES, "--out", "trace", folder=tmp_path)
    assert ended.returncode == 5
    assert ended.stderr == (
        "error: follows.csv: names 60 persons, but population.persons is 50; "
        "raise population.persons to 60\n"
    )
    assert not (tmp_path / "trace").exists()
