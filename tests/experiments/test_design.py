"""The points of an experiment, and keys that cannot be varied."""

from functools import partial

import polars as pl
import pytest

from dmsim.errors import UsageError
from dmsim.experiments.design import Design, baseline_point, check_keys, design_of, grid, numbers
from dmsim.experiments.layout import lay_out, only_varied
from dmsim.experiments.prepare import make_rule, prepare_sweep
from dmsim.experiments.run import extent_of
from dmsim.experiments.stopping import Rule
from dmsim.experiments.vary import Replications, parse_vary
from dmsim.scenario import load_scenario

SCENARIO = load_scenario("private-replies")
AGENTS = "care.teams.beauty.roster.day.agents"


def test_every_value_meets_every_other_one() -> None:
    design = grid([parse_vary("a=1..2"), parse_vary("b=x,y,z")])
    assert design.keys == ("a", "b")
    assert design.points == tuple((one, other) for one in "12" for other in "xyz")
    assert design.changes(3) == ["a=2", "b=x"]
    assert baseline_point(design, {"b": "y"}) == 1
    assert baseline_point(design, {"a": 2, "b": "z"}) == 5


def test_short_keys_tell_each_other_apart() -> None:
    keys = ("care.teams.a.threads", "care.teams.a.roster.day.agents", "care.teams.b.threads", "x")
    assert Design(keys, ()).short_keys() == ["a.threads", "agents", "b.threads", "x"]


def test_python_tells_values_by_key_or_a_frame_of_points() -> None:
    assert design_of({"a": [1, 2], "b": [0.5, True, "4h"]}).points[:3] == (
        ("1", "0.5"),
        ("1", "true"),
        ("1", "4h"),
    )
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert design_of(frame).points == (("1", "x"), ("2", "y"))
    with pytest.raises(UsageError, match="stands there twice"):
        design_of(pl.concat([frame, frame]))


def test_a_value_is_written_once_however_it_is_spelled() -> None:
    change = partial(load_scenario, "private-replies")
    design = grid([parse_vary("care.answered_within=1h,2h,60m")])
    with pytest.raises(UsageError, match=r"=1h and .*=60m mean the same"):
        prepare_sweep(lambda varied: change(varied=varied), design)


def test_a_baseline_is_one_of_the_points() -> None:
    design = grid([parse_vary("a=1..2")])
    with pytest.raises(UsageError, match="not a varied key"):
        baseline_point(design, {"b": 1})
    with pytest.raises(UsageError, match="not a point"):
        baseline_point(design, {"a": 3})


def test_a_key_stands_there_once_and_points_are_not_too_many() -> None:
    with pytest.raises(UsageError, match="write all its values at once"):
        grid([parse_vary("a=1"), parse_vary("a=2")])
    with pytest.raises(UsageError, match="vary fewer values"):
        grid([parse_vary(f"{key}=1..200") for key in "abc"])


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("care.teams.beuty.threads", "did you mean care.teams.beauty.threads"),
        ("care.teams.beauty.thread", "did you mean care.teams.beauty.threads"),
        ("care.teams.beauty.agents", f"has a roster.*vary {AGENTS} or"),
        ("policy.private_reply_day", "did you mean policy.private_reply_days"),
        ("policy.nonsense", "no such key; known"),
        ("nonsense", "no such key; known"),
        ("policy.response_window", "did you mean care.answered_within"),
        ("seed", "every point has the same seeds"),
        ("replay.speed", "no simulation depends on it"),
    ],
)
def test_keys_that_cannot_be_varied_are_refused_with_a_remedy(key: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        check_keys(SCENARIO, [key])


def test_keys_of_the_scenario_can_be_varied() -> None:
    keys = (AGENTS, "policy.private_reply_days", "population.persons", "care.answered_within")
    check_keys(SCENARIO, keys)


@pytest.mark.parametrize(
    ("key", "extent"),
    [
        (AGENTS, "alone"),
        ("care.answered_within", "alone"),
        ("policy.private_reply_days", "alone"),
        ("brands.glasses.topics.spam", "alone"),
        ("population.locales.en", "alone"),
        ("population.persons", "whole"),
        ("policy.stranger_message_limit", "whole"),
        ("brands.glasses.followers", "whole"),
        ("campaigns.friday-bot.recipients", "whole"),
        ("moderation.recall", "whole"),
    ],
)
def test_the_teams_run_alone_where_they_read_what_varies(key: str, extent: str) -> None:
    assert extent_of(SCENARIO, [key], (), whole=False) == extent
    assert extent_of(SCENARIO, [key], (), whole=True) == "whole"


def test_without_volumes_everything_is_simulated() -> None:
    assert extent_of(load_scenario("quickstart"), ["care.answered_within"], (), False) == "whole"
    with pytest.raises(UsageError, match="nothing in care"):
        extent_of(load_scenario("quickstart"), ["care.answered_within"], ["beauty"], False)


def test_a_column_has_one_type() -> None:
    assert numbers(["1", "2"]) == [1, 2]
    assert numbers(["1", "0.5"]) == [1.0, 0.5]
    assert numbers(["true", "false"]) == [True, False]
    assert numbers(["true", "1"]) == ["true", "1"]
    assert numbers(["4h", "24h"]) == ["4h", "24h"]


def test_the_key_with_most_values_goes_along_the_axis() -> None:
    design = grid([parse_vary("a=1..2"), parse_vary("b=1..3"), parse_vary("c=x")])
    layout = lay_out(design, 7)
    assert (layout.key, layout.values) == ("b", ("1", "2", "3"))
    assert layout.panels == {"c = x": {"a = 1": [0, 1, 2], "a = 2": [3, 4, 5]}}
    assert only_varied(design, 0, 1) == [1, 4]
    assert only_varied(design, 1, 4) == [3, 4, 5]


def test_more_lines_than_colours_get_panels_of_their_own() -> None:
    design = grid([parse_vary("x.a=1..4"), parse_vary("x.b=1..3"), parse_vary("x.c=y,z")])
    layout = lay_out(design, 2)
    assert layout.key == "a"
    names = {panel: list(lines) for panel, lines in layout.panels.items()}
    assert names == {
        f"c = {c}, {told}": lines
        for c in "yz"
        for told, lines in (("b = 1 to 2", ["b = 1", "b = 2"]), ("b = 3", ["b = 3"]))
    }


def test_the_measure_asked_about_is_one_that_the_runs_have() -> None:
    def rule(name: str, *measures: str, whole: bool = False) -> Rule:
        change = partial(load_scenario, name)
        experiment = prepare_sweep(
            lambda varied: change(varied=varied),
            design_of({"time.record": ["1d", "2d"]}),
            whole=whole,
        )
        return make_rule(experiment, Replications(2, 2), None, measures)

    assert rule("private-replies").measures == ("in_time_share",)
    assert rule("panel").measures == ("inbox_share",)
    assert rule("private-replies", "cases", "fte", "cases").measures == ("cases", "fte")
    assert rule("private-replies", "inbox_share", whole=True).measures == ("inbox_share",)
    with pytest.raises(UsageError, match="add --whole"):
        rule("private-replies", "inbox_share")
    with pytest.raises(UsageError, match="there is no care team"):
        rule("panel", "occupancy")
    with pytest.raises(UsageError, match="did you mean occupancy"):
        rule("private-replies", "ocupancy")
