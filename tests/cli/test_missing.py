"""Whoever leaves out what a command needs is told all of it, with an example that works."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from dmsim.cli.app import app
from dmsim.cli.missing import missing_line
from tests.cli.test_ends import dmsim


def commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for inner, found in getattr(command, "commands", {}).items():
        yield from commands(f"{name} {inner}", found)


ALL = dict(commands("dmsim", typer.main.get_command(app)))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("staff", "erlang"),
            "dmsim staff erlang: missing --arrivals RATE and --handle TIME; for example: "
            "dmsim staff erlang --arrivals 200/h --handle 180s --agents 14 --target 20s",
        ),
        (
            ("roster", "demand.csv"),
            "dmsim roster plan: missing --shifts FILE; for example: "
            "dmsim roster demand.csv --shifts shifts.toml --out roster.csv",
        ),
        (
            ("roster", "check"),
            "dmsim roster check: missing ROSTER, --demand FILE and --shifts FILE; for example: "
            "dmsim roster check roster.csv --demand demand.csv --shifts shifts.toml",
        ),
    ],
)
def test_all_that_is_missing_is_told_in_one_line(words: tuple[str, ...], told: str) -> None:
    done = dmsim(*words)
    assert (done.returncode, done.stderr) == (5, f"error: {told}\n")


def missing(name: str) -> str:
    with pytest.raises(Exception, match="Missing") as caught:
        ALL[name].make_context(name, [])
    return missing_line(caught.value)


NEEDING = [
    name
    for name, command in ALL.items()
    if any(param.required for param in command.params) and not hasattr(command, "commands")
]


@pytest.mark.parametrize("name", NEEDING)
def test_an_example_has_all_that_its_command_needs(name: str) -> None:
    needed, _, remedy = missing(name).partition("; ")
    assert remedy == f"see {name} --help" or remedy.startswith("for example: dmsim ")
    if "for example" in remedy:
        options = [word for word in needed.replace(",", "").split() if word.startswith("--")]
        assert [option for option in options if option not in remedy.split()] == []


def test_other_mistakes_are_no_missing_words() -> None:
    with pytest.raises(Exception, match="No such option") as caught:
        ALL["dmsim gate"].make_context("gate", ["--limt"])
    assert missing_line(caught.value) == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "name a scenario, or give a file: dmsim staff --volumes week.csv --handle 6min"),
        (
            ("--volumes", "mine.csv"),
            "missing --handle TIME; for example: dmsim staff --volumes mine.csv --handle 6min",
        ),
    ],
)
def test_a_plan_of_a_file_needs_a_handling_time(words: tuple[str, ...], told: str) -> None:
    done = dmsim("staff", "plan", *words)
    assert done.returncode == 5
    assert done.stderr.rstrip().endswith(told)
    assert len(done.stderr.splitlines()) == 1
