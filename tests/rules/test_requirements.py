"""The rules held to tables written from the requirements alone, and to have a row each."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

import pytest

from dmsim.rulebook.numbers import numbers_of, public_rules, rule_modules, rules_of
from dmsim.rulebook.rows import Row, told
from dmsim.rules.facts import Policy
from dmsim.scenario import default_policy
from dmsim.scenario.policy import profile_policy
from dmsim.vocabulary import Reason
from tests.rules.requirements import OF_RULES, ROWS, what

NUMBERED = {number for row in ROWS for number in row.rules}

#: Requirements without a verdict: a gesture, a button, encryption, reports to the public.
WITHOUT_A_VERDICT = {"R26", "R36", "R96", "R98"}

#: Requirements of brands and their customers with a verdict. The others say what staff write and in
#: which order they work, how customers are, how many there are.
OF_BRANDS = {
    *(
        "R121",
        "R122",
        "R123",
        "R129",
        "R130",
        "R131",
        "R133",
        "R134",
        "R138",
        "R143",
        "R144",
        "R145",
    ),
    *("R147", "R149", "R151", "R155", "R156", "R159", "R171", "R172", "R187"),
}

#: Open points about curves and care, not about messages.
OF_OTHERS = {"Q8", "Q9", "Q10", "Q13", "Q23"}

#: What no action can be asked for: whether one follows back whom one accepted changes who is
#: written to later, and the filter's default is in the facts from the first moment.
WITHOUT_A_ROW = {"accepting_follows_back", "filter_by_default"}

CODES = {
    rule.__code__: name for module in rule_modules() for name, rule in rules_of(module).items()
}


@contextmanager
def watching(
    line: Callable[[CodeType, int], Any], end: Callable[[CodeType, Any], Any]
) -> Iterator[None]:
    """Hear of every line of every rule, and of every answer."""

    def watch(frame: FrameType, event: str, answer: Any) -> Any:
        if frame.f_code not in CODES:
            return None
        if event == "line":
            line(frame.f_code, frame.f_lineno)
        elif event == "return":
            end(frame.f_code, answer)
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        yield
    finally:
        sys.settrace(before)


@pytest.mark.parametrize("row", OF_RULES, ids=what)
def test_the_rules_decide_as_the_requirements_say(row: Row) -> None:
    assert told(row.answer()) == told(row.expected)


def test_no_statement_is_made_twice() -> None:
    statements = [(row.file, row.kind, row.given, row.policy) for row in ROWS]
    twice = [
        row.place
        for row in ROWS
        if statements.count((row.file, row.kind, row.given, row.policy)) > 1
    ]
    assert twice == []


def test_every_rule_bears_the_number_of_a_requirement() -> None:
    assert [name for name, rule in public_rules().items() if not numbers_of(rule)] == []


def test_every_number_that_a_rule_bears_has_a_row() -> None:
    borne = {number for rule in public_rules().values() for number in numbers_of(rule)}
    assert borne - NUMBERED == set()


def test_every_requirement_with_a_verdict_has_a_row() -> None:
    requirements = {f"R{number}" for number in range(1, 101)}
    assert requirements - NUMBERED == WITHOUT_A_VERDICT
    assert OF_BRANDS <= NUMBERED
    assert {f"Q{number}" for number in range(1, 26)} - NUMBERED == OF_OTHERS


def test_every_line_of_every_rule_is_reached_by_a_row() -> None:
    reached: set[tuple[CodeType, int]] = set()
    with watching(lambda code, line: reached.add((code, line)), lambda *_: None):
        for row in OF_RULES:
            row.answer()
    lines = {
        (code, line)
        for code in CODES
        for _, _, line in code.co_lines()
        if line is not None and line != code.co_firstlineno
    }
    assert sorted(f"{CODES[code]} {line}" for code, line in lines - reached) == []


def test_every_rule_says_more_than_one_thing_over_the_rows() -> None:
    said: dict[CodeType, set[Any]] = {code: set() for code in CODES}
    with watching(lambda *_: None, lambda code, answer: said[code].add(answer)):
        for row in OF_RULES:
            row.answer()
    assert [CODES[code] for code, answers in said.items() if len(answers) < 2] == []


def varied(field: str) -> list[Row]:
    return [row for row in ROWS if field in row.changes]


@pytest.mark.parametrize("field", sorted(set(Policy._fields) - WITHOUT_A_ROW))
def test_every_value_of_the_policy_is_varied_by_a_row_that_rests_on_it(field: str) -> None:
    default = getattr(default_policy(), field)
    rows = [row for row in varied(field) if not row.needs_a_backend]
    if not rows:
        # Only what happens one after the other rests on it; a backend is held to that.
        assert varied(field), f"no row varies {field}"
        assert not any(field in rule.__code__.co_names for rule in public_rules().values())
        return
    assert any(row.answer() != row.answer(row.policy._replace(**{field: default})) for row in rows)


def test_what_has_no_row_is_asked_by_no_rule() -> None:
    for field in WITHOUT_A_ROW:
        assert varied(field) == []
        assert not any(field in rule.__code__.co_names for rule in public_rules().values())


@pytest.mark.parametrize("number", sorted(number for number in NUMBERED if number[0] == "Q"))
def test_both_readings_of_an_open_point_have_rows(number: str) -> None:
    readings = {bool(row.changes) for row in ROWS if number in row.rules}
    # Following back (Q6) changes no verdict; see above.
    assert readings == ({False} if number == "Q6" else {True, False})


def test_the_interface_as_announced_knows_no_days_no_windows_and_no_rates() -> None:
    announced = profile_policy("2016")
    later = (Reason.COMMENT_TOO_OLD, Reason.OUTSIDE_WINDOW, Reason.RATE_LIMITED)
    rows = [row for row in OF_RULES if row.kind == "row" and not row.changes]
    limited = [row for row in rows if row.expected.reason in later]
    assert {row.expected.reason for row in limited} == set(later)
    assert all(row.answer(announced).reason not in later for row in limited)
    others = [row for row in rows if row.expected.reason not in later]
    assert all(row.answer(announced) == row.answer() for row in others)
