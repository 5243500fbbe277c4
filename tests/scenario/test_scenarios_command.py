"""``dmsim scenarios`` lists what comes along and copies it without harm."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dmsim.cli.scenarios import app
from dmsim.errors import UsageError
from dmsim.scenario import load_scenario, scenario_names


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_every_scenario_is_listed_with_its_size() -> None:
    lines = run().splitlines()
    assert {line.split()[0] for line in lines} == set(scenario_names())
    assert any("2,000 persons" in line for line in lines)


def test_the_list_as_json_is_one_object() -> None:
    listed = json.loads(run("--json"))["scenarios"]
    assert {"name", "persons", "description"} == set(listed[0])
    assert {row["name"] for row in listed} == set(scenario_names())


def test_a_copy_is_a_scenario_of_ones_own(tmp_path: Path) -> None:
    run("copy", "quickstart", str(tmp_path / "mine.toml"))
    run("copy", "ci-gate", str(tmp_path))
    mine = load_scenario(str(tmp_path / "mine.toml"))
    assert mine == load_scenario("quickstart").model_copy(update={"name": "mine"})
    assert load_scenario(str(tmp_path / "ci-gate.toml")) == load_scenario("ci-gate")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ci-gate.toml", "mine.toml"]


def test_without_a_destination_the_copy_keeps_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("copy", "quickstart").strip() == "quickstart.toml"
    assert (tmp_path / "quickstart.toml").is_file()


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("precious")
    with pytest.raises(UsageError, match="exists already"):
        run("copy", "quickstart", str(mine))
    assert mine.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [mine]


def test_a_place_that_does_not_exist_and_a_name_that_does_not_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        run("copy", "quickstart", str(tmp_path / "no" / "mine.toml"))
    with pytest.raises(UsageError, match="did you mean"):
        run("copy", "quickstar", str(tmp_path))
    assert not list(tmp_path.iterdir())
