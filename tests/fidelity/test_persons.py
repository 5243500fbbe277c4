"""The persons of a trace against the shares that their scenario states."""

from typing import Any

import pytest

from dmsim.fidelity.check import Check
from dmsim.fidelity.persons import person_checks
from tests.fidelity.facts import facts, scenario

N = 1000


def shared(**shares: int) -> list[Any]:
    """N values, so many of each; keys are words, whole numbers begin with an underscore."""
    values: list[Any] = []
    for word, number in shares.items():
        value = int(word[1:]) if word.startswith("_") else word
        values += [value] * number
    assert len(values) == N
    return values


def check(words: str, overrides: list[str], **traits: list[Any]) -> Check:
    usual: dict[str, list[Any]] = {"setting": ["everyone"] * N, "read_status": [True] * N}
    found = person_checks(facts(scenario(*overrides), persons=N, traits=usual | traits))
    return next(one for one in found if one.property.startswith(words))


AGES = "population.ages={under_16=0.1, teens=0.2, adults=0.7}"

TEENS = "population.settings.teens={everyone=0, suggested=0, friends=0.8, no_one=0.2}"


@pytest.mark.parametrize(
    ("words", "overrides", "traits", "verdict"),
    [
        ("persons under 16", [AGES], {"age": shared(_15=100, _16=200, _18=700)}, "pass"),
        ("persons 16 and 17", [AGES], {"age": shared(_15=100, _17=200, _18=700)}, "pass"),
        ("persons 18 and older", [AGES], {"age": shared(_15=100, _17=300, _18=600)}, "fail"),
        (
            'adults with the setting "no one"',
            [],
            {"setting": shared(no_one=50, everyone=950), "age": [18] * N},
            "pass",
        ),
        (
            'adults with the setting "no one"',
            [],
            {"setting": shared(no_one=150, everyone=850), "age": [18] * N},
            "fail",
        ),
        (
            'persons under 18 with the setting "no one"',
            [TEENS],
            {"setting": shared(no_one=200, friends=800), "age": [17] * N},
            "pass",
        ),
        ('persons under 18 with the setting "friends"', [], {"age": [30] * N}, "unchecked"),
        (
            "adults with read status on",
            [],
            {"age": [18] * N, "read_status": [True] * 900 + [False] * 100},
            "pass",
        ),
        (
            "persons under 18 with read status on",
            [],
            {"age": [17] * N, "read_status": [True] * 900 + [False] * 100},
            "fail",
        ),
        (
            "adults of 18-24 years",
            ['population.adult_ages={"18-24"=0.4, "25-60"=0.6}'],
            {"age": shared(_24=400, _25=600)},
            "pass",
        ),
        (
            "persons on ios",
            ["population.platforms={ios=0.5, android=0.5}"],
            {"platform": shared(ios=500, android=500)},
            "pass",
        ),
        (
            "persons of the locale ru",
            ["population.locales={en=0.5, ru=0.5}"],
            {"locale": shared(en=700, ru=300)},
            "fail",
        ),
        (
            "persons with the UTC offset 5.5",
            ['population.utc_offsets={"5.5"=0.4, "0"=0.6}'],
            {"utc_offset": shared(_19800000000=400, _0=600)},
            "pass",
        ),
        (
            "persons with a registered account",
            ["population.registered=0.9"],
            {"registered": [True] * 700 + [False] * 300},
            "fail",
        ),
        (
            "registered persons of 16 and 17 with a guardian",
            ["population.guardians=0.3"],
            {"age": [16] * N, "guarded": [True] * 300 + [False] * 700},
            "pass",
        ),
        (
            "of those, restricted",
            ["population.restricted=0.5"],
            {
                "age": [16] * N,
                "guarded": [True] * N,
                "family_restricted": [True] * 200 + [False] * 800,
            },
            "fail",
        ),
    ],
)
def test_a_share_is_held_to_the_scenario(
    words: str, overrides: list[str], traits: dict[str, list[Any]], verdict: str
) -> None:
    assert check(words, overrides, **traits).verdict == verdict


def test_what_persons_may_have_changed_in_the_warm_up_is_allowed_for() -> None:
    often = [
        "archetypes.subscriber.change_setting=0.3",
        "archetypes.subscriber.sessions_per_week=2",
    ]
    settings = {"setting": shared(no_one=150, everyone=850), "age": [18] * N}
    assert check('adults with the setting "no one"', often, **settings).verdict == "fail"
    warm = [*often, "time.warm_up=7d"]
    assert check('adults with the setting "no one"', warm, **settings).verdict == "pass"
    # What nobody can change stays as strict.
    ages = {"age": shared(_15=100, _17=300, _18=600)}
    assert check("persons 18 and older", [*warm, AGES], **ages).verdict == "fail"
