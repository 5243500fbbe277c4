"""``dmsim staff`` and ``dmsim roster`` plan where no other command is named, and say so."""

import pytest
from typer.testing import CliRunner, Result

from dmsim.cli.app import app


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.mark.parametrize(
    ("group", "told"),
    [
        ("staff", ("--volumes FILE", "--handle TIME", "dmsim staff --volumes", "  erlang  ")),
        ("roster", ("--shifts FILE", "dmsim roster demand.csv", "  check  ", "  simulate  ")),
    ],
)
def test_the_help_of_a_group_shows_the_plan_and_the_other_commands(
    group: str, told: tuple[str, ...]
) -> None:
    for words in ((group, "--help"), (group,)):
        shown = run(*words)
        text = shown.stdout + shown.stderr
        assert f"Usage: dmsim {group} [OPTIONS]" in text
        assert [word for word in told if word not in text] == []
    assert f"Usage: dmsim {group} plan" in run(group, "plan", "--help").stdout


def test_a_first_word_that_is_no_command_belongs_to_the_plan() -> None:
    done = run("roster", "demand.csv", "--shifts", "none.toml")
    assert "none.toml: cannot be read" in str(done.exception)


@pytest.mark.parametrize("first", [(), ("plan",)])
def test_a_flag_named_like_a_command_asks_for_that_command(first: tuple[str, ...]) -> None:
    flag = run("staff", *first, "nowhere.toml", "--optimise", "--shifts", "none.toml")
    command = run("staff", "optimise", "nowhere.toml", "--shifts", "none.toml")
    assert str(flag.exception) == str(command.exception)
    assert "none.toml: cannot be read" in str(flag.exception)
    assert "Usage: dmsim staff optimise" in run("staff", "--optimise", "--help").stdout
