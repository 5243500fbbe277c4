"""``dmsim rules``, as a command."""

import json
from pathlib import Path

import pytest

from dmsim.replay.backend import reference_backend
from tests.cli.test_bad_input import refusal
from tests.cli.test_ends import dmsim
from tests.rules.requirements import TABLES

TRUE = """
[[row]]
rules = ["R91"]
what = "a blocked person cannot write"
facts = { recipient_blocks = true }
verdict = "refused"
reason = "blocked"
"""
FALSE = """
[[row]]
rules = ["R63"]
what = "strangers reach the inbox"
verdict = "inbox"

[[ladder]]
rules = ["R81"]
what = "the second violation stops messages for a week"
violation = "minor"
violations = 1
standing = "dm_banned"
hours = 168
"""


@pytest.fixture
def true(tmp_path: Path) -> Path:
    path = tmp_path / "true.toml"
    path.write_text(TRUE)
    return path


@pytest.fixture
def false(tmp_path: Path) -> Path:
    path = tmp_path / "false.toml"
    path.write_text(FALSE)
    return path


def test_a_verdict_is_explained_with_the_rules_that_led_to_it() -> None:
    done = dmsim("rules", "explain", "--sender", "age=15")
    assert done.returncode == 0
    verdict, states, _, *chain = done.stdout.splitlines()
    assert verdict == "refused: under_age"
    assert states.startswith("Persons under 16 have no direct messages")
    marked = [line.split() for line in chain if not line.startswith(" ")]
    assert [words[:2] for words in marked] == [
        ["decides", "may_deliver"],
        ["because", "is_old_enough"],
    ]
    assert marked[1][2:] == ["(sender)", "no", "R12", "Q1"]


def test_an_explanation_takes_facts_of_every_part_and_a_policy() -> None:
    done = dmsim(
        *("rules", "explain", "--action", "share_content", "--json"),
        *("--sender", "age=16,kind=person", "--sender", "follows=true"),
        *("--recipient", "setting=friends", "--pair", "recipient_follows=true"),
        *("--content", "kind=video,private=true", "--circumstances", "device_banned=true"),
        *(
            "--via",
            "share_sheet",
            "--set",
            "policy.private_videos_stay=false,policy.minimum_age=16",
        ),
    )
    told = json.loads(done.stdout)
    assert (told["verdict"], told["reason"]) == ("inbox", "none")
    assert (told["decided_by"]["rule"], told["because"]["rule"]) == ("place", "is_known")
    assert told["because"]["numbers"] == ["R62", "Q20"]
    assert [asked["rule"] for asked in told["chain"]["asked"]] == ["decide_message"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--sender", "agee=15"), '--sender agee=15: unknown key; did you mean "age"?'),
        (("--sender", "age=old"), "--sender age=old: must be a whole number, 0 or more"),
        (("--sender", "age"), "--sender age: not key=value; such as --sender registered=…"),
        (("--pair", "asked=yes"), "--pair asked=yes: must be true or false"),
        (("--pair", "thread=open"), "--pair thread=open: unknown word; known: none, requested,"),
        (("--set", "policy.minimum_ag=3"), "--set policy.minimum_ag=3: unknown key; did you mean"),
        (("--action", "send"), "--action send: unknown word; known: open_inbox, list_requests"),
        (("--via", "profil"), '--via profil: unknown word; did you mean "profile"?'),
    ],
)
def test_a_slip_in_a_fact_is_told_in_one_line(words: tuple[str, ...], told: str) -> None:
    assert refusal(dmsim("rules", "explain", *words)).startswith(f"error: {told}")


def test_the_rules_hold_the_tables_of_the_requirements() -> None:
    done = dmsim("rules", "check", *map(str, TABLES))
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1].endswith("rows hold for the rules")
    assert "a running backend: --host URL" in done.stdout


def test_rows_that_do_not_hold_are_shown_with_what_came(true: Path, false: Path) -> None:
    done = dmsim("rules", "check", str(true), str(false))
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{false}: row 1 (R63): strangers reach the inbox",
        "  expected inbox, got requests",
        f"{false}: ladder 1 (R81): the second violation stops messages for a week",
        "  expected dm_banned, hours 168, got dm_banned, hours 24",
        "1 of 3 rows hold for the rules",
    ]


def test_machines_read_the_same(true: Path, false: Path) -> None:
    done = dmsim("rules", "check", str(true), str(false), "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["rows"], told["hold"], told["fail"], told["not_asked"]) == (
        1,
        3,
        1,
        2,
        0,
    )
    assert told["results"][1] == {
        "file": str(false),
        "kind": "row",
        "row": 1,
        "rules": ["R63"],
        "what": "strangers reach the inbox",
        "expected": {"verdict": "inbox"},
        "got": {"verdict": "requests"},
        "why_not_asked": None,
        "holds": False,
    }


def test_a_slip_in_a_table_is_told_in_one_line(tmp_path: Path) -> None:
    slip = tmp_path / "slip.toml"
    slip.write_text(TRUE.replace("recipient_blocks", "recipient_block"))
    told = refusal(dmsim("rules", "check", str(slip)))
    assert told == (
        f'error: {slip}: row 1 ("a blocked person cannot write"): facts.recipient_block = true: '
        'unknown fact; did you mean "recipient_blocks"?'
    )


def test_a_check_that_could_ask_nothing_is_none(tmp_path: Path) -> None:
    story = tmp_path / "story.toml"
    story.write_text(TRUE.replace("[[row]]", "[[story]]"))
    told = refusal(dmsim("rules", "check", str(story)), 4)
    assert told.startswith("error: none of 1 rows was asked: what happens one after the other")


def test_a_backend_is_held_to_the_same_tables(true: Path, false: Path) -> None:
    with reference_backend("secret") as url:
        words = ("rules", "check", str(true), str(false), "--host", url)
        done = dmsim(*words, DMSIM_TOKEN="secret")
        assert "DMSIM_TOKEN is not set" in refusal(dmsim(*words, DMSIM_TOKEN=""))
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines() == [
        f"{false}: row 1 (R63): strangers reach the inbox",
        "  expected inbox, got requests",
        "not asked (1): no action to ask a backend for: leave --host out",
        f"  {false}: ladder 1: the second violation stops messages for a week",
        f"1 of 2 rows hold for {url}",
    ]


@pytest.mark.parametrize("command", [(), ("explain",), ("check",)])
def test_help_shows_examples(command: tuple[str, ...]) -> None:
    done = dmsim("rules", *command, "--help")
    assert done.returncode == 0
    assert not command or f"dmsim rules {command[0]} " in done.stdout
