"""A scenario is a value: complete, frozen, and the same after a trip through JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dmsim.errors import UsageError
from dmsim.rules.facts import Policy
from dmsim.scenario import (
    Archetype,
    Scenario,
    default_policy,
    load_scenario,
    scenario_names,
    scenario_schema,
)
from dmsim.scenario.behaviour import PER_STEP

durations = st.builds("{}{}".format, st.integers(1, 999), st.sampled_from(["s", "ms", "us", "m"]))
shares = st.floats(0, 1)
probabilities = st.fixed_dictionaries(
    {}, optional={"reply": shares, "block": shares, "register": shares, "report_request": shares}
)
shift = st.fixed_dictionaries(
    {
        "from": st.sampled_from(["00:00", "08:30", "22:00"]),
        "until": st.sampled_from(["06:00", "20:00", "24:00"]),
        "moderators": st.integers(0, 9),
    }
)


def wholes(count: int) -> st.SearchStrategy[list[float]]:
    """Shares that sum to 1."""
    parts = st.lists(st.integers(1, 100), min_size=count, max_size=count)
    return parts.map(lambda numbers: [number / sum(numbers) for number in numbers])


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Scenario files as they could be written."""
    parts = draw(wholes(3))
    brands = draw(st.lists(st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True), unique=True))
    teams = {}
    if brands:
        teams["team"] = {
            "brands": brands[:1],
            "agents": draw(st.integers(1, 50)),
            "answer": draw(durations),
        }
    return {
        "schema": 1,
        "name": "drawn",
        "seed": draw(st.integers(0, 2**63 - 1)),
        "time": {"start": draw(st.sampled_from(["mon 00:00", "sun 23:59:59"])), "record": "1h"},
        "population": {
            "persons": draw(st.sampled_from([100, "5k", "2M"])),
            "ages": dict(zip(("under_16", "teens", "adults"), parts, strict=True)),
            "utc_offsets": dict(zip(("0", "-3", "5.5"), parts, strict=True)),
        },
        "archetypes": {
            name: {"share": part, "sessions_per_week": 3, "actions_per_session": 1.5}
            | draw(probabilities)
            for name, part in zip("abc", parts, strict=True)
        },
        "behaviour": {
            "severities": dict(zip(("minor", "severe", "zero_tolerance"), parts, strict=True)),
            "addressees": dict(zip(("followed", "contacts", "strangers"), parts, strict=True)),
        },
        "curves": draw(st.fixed_dictionaries({}, optional={"clock": st.just("reference")})),
        "moderation": {"shifts": draw(st.dictionaries(st.sampled_from("de"), shift))},
        "brands": {
            brand: {"followers": draw(shares), "messages_per_week": 7.5} for brand in brands
        },
        "care": {"teams": teams},
        "policy": draw(st.fixed_dictionaries({}, optional={"minimum_age": st.integers(0, 99)})),
        "gate": {"limits": [{"metric": "service", "percentile": "max", "bound": draw(durations)}]},
    }


@given(documents())
def test_a_scenario_survives_the_trip_through_json(document: dict[str, Any]) -> None:
    scenario = Scenario.model_validate(document)
    again = Scenario.model_validate(json.loads(json.dumps(scenario.to_dict())))
    assert again == scenario
    assert again.to_dict() == scenario.to_dict()


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_that_comes_along_survives_it_too(name: str) -> None:
    scenario = load_scenario(name)
    assert Scenario.model_validate(json.loads(json.dumps(scenario.to_dict()))) == scenario


def test_the_written_form_keeps_units_and_the_name_schema() -> None:
    written = load_scenario("quickstart").to_dict()
    assert written["schema"] == 1
    assert written["time"] == {"start": "fri 11:00", "warm_up": "3h", "record": "1h"}
    assert written["replay"]["lateness_p99_budget"] == "250ms"


def test_recording_begins_after_the_warm_up() -> None:
    time = load_scenario("quickstart").time
    hour = 3_600_000_000
    assert time.from_us == (4 * 24 + 14) * hour
    assert time.until_us == time.from_us + hour


def test_a_scenario_cannot_be_changed() -> None:
    scenario = load_scenario("quickstart")
    with pytest.raises(ValidationError, match="frozen"):
        scenario.seed = 2  # type: ignore[misc]


def test_a_scenario_changes_single_values_of_the_default_policy() -> None:
    scenario = load_scenario("quickstart", None, ["policy.minimum_age=13"])
    assert scenario.rule_policy() == default_policy()._replace(minimum_age=13)
    assert load_scenario("quickstart").rule_policy() == default_policy()


def test_persons_have_no_more_others_to_follow_than_there_are_in_their_cell() -> None:
    load_scenario("quickstart", None, ["population.cells=95"])
    with pytest.raises(Exception, match="each has only 19 others"):
        load_scenario("quickstart", None, ["population.cells=100"])


def test_a_cell_has_room_for_its_persons_brands_and_moderators() -> None:
    full = ["population.persons=4194300", "population.graph.follows_mean=1"]
    load_scenario("quickstart", None, full)
    with pytest.raises(UsageError, match="a cell holds at most 4194300 persons; write at least 2"):
        load_scenario("quickstart", None, [*full, "population.persons=4194301"])


def test_all_that_is_done_per_step_shares_the_chances_of_a_step() -> None:
    described = {key: field.description or "" for key, field in Archetype.model_fields.items()}
    assert set(PER_STEP) == {key for key, told in described.items() if "per step" in told}


def test_whoever_registers_is_told_by_the_key_register() -> None:
    told = ["archetypes.ordinary.register=0.25"]
    assert load_scenario("quickstart", None, told).archetypes["ordinary"].register == 0.25


def test_moderators_work_in_shifts_that_may_end_on_the_next_day() -> None:
    night = 'moderation.shifts.night={from="22:00", until="06:00", moderators=2}'
    (shift,) = load_scenario("quickstart", None, [night]).moderation.shifts.values()
    hour = 3_600_000_000
    assert (shift.start, shift.until, shift.moderators) == (22 * hour, 6 * hour, 2)


def test_the_json_schema_names_every_key_and_writes_defaults_as_a_file_does() -> None:
    schema = scenario_schema()
    assert set(schema["properties"]) == set(load_scenario("quickstart").to_dict())
    assert schema["additionalProperties"] is False
    assert schema["properties"]["policy"]["propertyNames"] == {"enum": list(Policy._fields)}
    assert schema["$defs"]["Replay"]["properties"]["timeout"]["default"] == "30s"


BRAND = {"brands": {"shop": {"followers": 0.5}}}


def loaded(**sections: Any) -> Scenario:
    """A scenario with one brand, and some sections of its own."""
    told = load_scenario("ci-gate").to_dict() | {"care": {}, **BRAND} | sections
    return Scenario.model_validate(told)


def test_a_preset_fills_what_a_team_does_not_say_itself() -> None:
    team = {"preset": "eyewear", "brands": ["shop"], "agents": 1, "turns": 9.0}
    found = loaded(care={"teams": {"shop": team}}).care.teams["shop"]
    assert (found.turns, found.complex_turns, found.personalise) == (9.0, 3.0, 8_000_000)


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"care": {"teams": {"t": {"preset": "x", "brands": ["shop"]}}}}, "no such preset"),
        ({"care": {"teams": {"t": {"agents": 0, "brands": ["shop"]}}}}, "nobody works"),
        (
            {"care": {"teams": {"t": {"brands": ["shop"], "agents": 1, "priorities": ["thread"]}}}},
            "each kind of work once",
        ),
        (
            {
                "care": {
                    "teams": {
                        "t": {
                            "brands": ["shop"],
                            "roster": {
                                "night": {
                                    "from": "22:00",
                                    "until": "06:00",
                                    "agents": 1,
                                    "breaks": [{"at": "05:45", "lasts": "30m"}],
                                }
                            },
                        }
                    }
                }
            },
            "not within the shift",
        ),
        ({"care": {"volumes": {"bank": {}}}}, "no such brand"),
        (
            {"campaigns": {"c": {"kind": "mailing", "brand": "shop", "at": "fri 12:00"}}},
            "write how many",
        ),
        (
            {
                "campaigns": {
                    "c": {"kind": "incident", "brand": "bank", "at": "fri 12:00", "comments": 1}
                }
            },
            "no such brand",
        ),
        ({"profile": "2017"}, "profile"),
    ],
)
def test_a_team_or_campaign_that_cannot_work_is_refused(
    sections: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        loaded(**sections)


def test_the_profile_lies_under_the_policy() -> None:
    told = load_scenario("ci-gate", None, ["profile=2016", "policy.private_reply_days=3"])
    policy = told.rule_policy()
    assert (policy.private_reply_days, policy.messaging_window_hours) == (3, 0)
