"""Scenarios are found, read, changed and checked; what is wrong is said in one line."""

import subprocess
import sys
from pathlib import Path

import pytest

from dmsim.errors import UsageError
from dmsim.paths import data_path
from dmsim.scenario import Scenario, default_policy, load_scenario, scenario_names
from dmsim.scenario.lines import key_lines, line_of

SMALL = """\
schema = 1
name = "small"

[time]
start = "fri 13:00"
record = "1h"

[population]
persons = 100

[archetypes.ordinary]
share = 1.0
sessions_per_week = 10
actions_per_session = 5

[brands.shop]
followers = 0.5

[care.teams.shop]
brands = ["shop"]
agents = 2

[[gate.limits]]
metric = "response"
percentile = 99
bound = "1s"
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


def complaint(path: Path | str, *overrides: str, seed: int | None = None) -> str:
    """What loading the scenario is refused with, which is always one line."""
    with pytest.raises(UsageError) as caught:
        load_scenario(str(path), seed, overrides)
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_that_comes_along_is_valid_and_named_like_its_file(name: str) -> None:
    assert load_scenario(name).name == name


def test_a_bare_name_is_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_scenario("quickstart").population.persons == 2000


def test_a_path_is_read_even_without_the_usual_ending(small: Path) -> None:
    plain = small.rename(small.with_name("plain"))
    assert load_scenario(str(plain)).name == "small"


def test_an_unknown_name_lists_the_known_ones() -> None:
    text = complaint("quikstart")
    assert 'did you mean "quickstart"?' in text
    assert ", ".join(scenario_names()) in text


def test_files_that_are_no_scenario_are_refused_by_name(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'name = "caf\xe9"')
    broken = tmp_path / "broken.toml"
    broken.write_text("schema = 1\nname = \n")
    deep = tmp_path / "deep.toml"
    deep.write_text("name = " + "[" * 5000)
    endless = tmp_path / "endless.toml"
    endless.write_text(f"seed = {'1' * 5000}")
    assert complaint(endless) == f"{endless}: holds a number of too many digits; shorten it"
    assert "no such file" in complaint(tmp_path / "missing.toml")
    assert "a folder" in complaint(tmp_path)
    assert f"{latin}: not UTF-8 (byte 11)" in complaint(latin)
    assert f"{broken}:2: not valid TOML" in complaint(broken)
    assert "not valid TOML" in complaint(deep)
    assert "check the path" in complaint("x" * 5000)


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ("persons = 100", "persns = 100", ":9: population.persns = 100: unknown key; did you mean"),
        (
            "persons = 100",
            'persons = "many"',
            ':9: population.persons = "many": not a whole number',
        ),
        (
            "persons = 100",
            "persons = 10.5",
            ":9: population.persons = 10.5: must be a whole number",
        ),
        ("persons = 100", "", ":8: population.persons is missing; add it; for example persons ="),
        (
            'record = "1h"',
            'record = "-1h"',
            ':6: time.record = "-1h": a duration cannot be negative',
        ),
        ('record = "1h"', "record = 3600", ":6: time.record = 3600: a duration needs a unit"),
        (
            'start = "fri 13:00"',
            'start = "noon"',
            ':5: time.start = "noon": not a time of the week',
        ),
        ("share = 1.0", "share = 1.5", ":12: archetypes.ordinary.share = 1.5: must be less than"),
        ("share = 1.0", "share = nan", ":12: archetypes.ordinary.share = NaN: must be a finite"),
        ("share = 1.0", "share = 0.9", ":11: archetypes: the shares of archetypes sum to 0.9"),
        ("share = 1.0", "share = true", ":12: archetypes.ordinary.share = true: must be a number"),
        ("sessions_per_week = 10", "sessions_per_week = 0", ":13: archetypes.ordinary.sessions"),
        (
            "sessions_per_week = 10",
            "sessions_per_week = 1e300",
            ":13: archetypes.ordinary.sessions_per_week = 1e+300: must be less than",
        ),
        ('brands = ["shop"]', 'brands = ["shpo"]', ':20: care.teams.shop.brands = "shpo": no such'),
        ('brands = ["shop"]', "brands = []", ":20: care.teams.shop.brands = []: must not be empty"),
        ("percentile = 99", "percentile = 0", ":25: gate.limits.0.percentile = 0: must be above 0"),
        ('metric = "response"', 'metric = "speed"', ':24: gate.limits.0.metric = "speed": must be'),
        ("schema = 1", "schema = 2", ":1: schema = 2: must be 1"),
        ('name = "small"', 'name = "../small"', ':2: name = "../small": must be letters'),
    ],
)
def test_a_mistake_is_told_with_line_key_value_and_remedy(
    small: Path, line: str, instead: str, said: str
) -> None:
    assert line in SMALL
    small.write_text(SMALL.replace(line, instead))
    text = complaint(small)
    assert text.startswith(f"{small}{said}")


def test_of_many_mistakes_the_first_are_told_and_the_rest_counted(small: Path) -> None:
    small.write_text("schema = 1\nsize = 3\n")
    text = complaint(small)
    assert "size = 3: unknown key" in text
    assert text.count("is missing") == 2
    assert text.endswith("; and 2 more")


def test_a_brand_has_one_care_team(small: Path) -> None:
    twice = SMALL + '[care.teams.other]\nbrands = ["shop"]\nagents = 1\n'
    small.write_text(twice)
    assert "care.teams.other.brands" in complaint(small)
    assert "already served by team shop" in complaint(small)


def test_overrides_are_typed_and_checked_like_the_file(small: Path) -> None:
    overrides = (
        "population.persons=2M",
        "time.record=90s",
        "time.start=sat 11:00",
        "replay.speed = 60",
        "policy.public_reply_first=false",
        "gate.limits.0.bound=250ms",
        "description=2016-02-03",
        "brands.shop={followers = 0.1, posts = 3}",
    )
    scenario = load_scenario(str(small), 7, overrides)
    assert scenario.seed == 7
    assert scenario.population.persons == 2_000_000
    assert scenario.time.record == 90_000_000
    assert scenario.replay.speed == 60
    assert scenario.rule_policy().public_reply_first is False
    assert scenario.gate.limits[0].bound == 250_000
    assert scenario.description == "2016-02-03"
    assert scenario.brands["shop"].posts == 3


def test_the_last_override_of_a_key_wins(small: Path) -> None:
    assert load_scenario(str(small), None, ["seed=2", "seed=3"]).seed == 3


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("population.persns=5", "--set population.persns=5: population.persns = 5: unknown key"),
        (
            "population.persons=0",
            "--set population.persons=0: population.persons = 0: must be from 1",
        ),
        ("population.cells=101", "--set population.cells=101: population.cells = 101: more cells"),
        ("population.persons", '--set "population.persons": not key=value'),
        ("=5", '--set "=5": not key=value'),
        ("name.first=x", "--set name.first=x: first cannot be set inside a plain value"),
        (
            "gate.limits.1.bound=1s",
            "--set gate.limits.1.bound=1s: no entry 1; the list has entries",
        ),
        ("policy.minimum_aeg=3", "--set policy.minimum_aeg=3: policy.minimum_aeg = 3: unknown key"),
        (
            "policy.minimum_age=true",
            "--set policy.minimum_age=true: policy.minimum_age = true: must",
        ),
        ("name=a\nb", "--set name=a b: name"),
        ("replay.speed=inf", "--set replay.speed=inf: replay.speed = Infinity: must be a finite"),
    ],
)
def test_a_mistaken_override_is_named_as_it_was_given(
    small: Path, override: str, said: str
) -> None:
    assert complaint(small, override).startswith(said)


def test_what_excludes_each_other_cannot_be_more_likely_than_certain(small: Path) -> None:
    def ordinary(**chances: float) -> list[str]:
        return [f"archetypes.ordinary.{key}={chance}" for key, chance in chances.items()]

    request = ordinary(accept_request=0.5, report_request=0.4, delete_request=0.2)
    told = "archetypes.ordinary.accept_request = 0.5: the probabilities per request add up to 1.1"
    assert told in complaint(small, *request)
    step = ordinary(follow=0.6, share_content=0.3, persist=0.1, mute=0.05)
    told = "archetypes.ordinary.follow = 0.6: the probabilities per step add up to 1.05"
    assert f"{told}, more than 1; lower follow, share_content, persist" in complaint(small, *step)
    load_scenario(str(small), None, ordinary(follow=0.6, share_content=0.3, persist=0.1))


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        (
            "behaviour.addressees={followed = 0.5, contacts = 0.2, strangers = 0.2}",
            "the shares of addressees sum to 0.9",
        ),
        (
            "archetypes.ordinary.addressees={followed = 1.0, contacts = 0.2, strangers = 0.2}",
            "the shares of addressees sum to 1.4",
        ),
        (
            "behaviour.content={text = 0.5, emoji = 0.1, gif = 0.1, sticker = 0.1}",
            "the shares of content sum to 0.8",
        ),
        (
            "behaviour.severities={minor = 0.5, severe = 0.1, zero_tolerance = 0.1}",
            "the shares of severities sum to 0.7",
        ),
        ('population.adult_ages={"18-24" = 0.4}', "the shares of adults' ages sum to 0.4"),
        ('population.adult_ages={"18-24" = 0.5, "24-30" = 0.5}', '"18-24" and "24-30" overlap'),
        ('population.adult_ages={"16-24" = 1.0}', "adults are from 18 to 100; change the band"),
        ('population.adult_ages={"18-101" = 1.0}', "adults are from 18 to 100; change the band"),
        ('population.adult_ages={"24-18" = 1.0}', "not an age band; write years from 18 to 100"),
        ('population.adult_ages={"18+" = 1.0}', "not an age band; write years from 18 to 100"),
        ("population.adult_ages={}", "the shares of adults' ages sum to 0"),
        ('population.utc_offsets={"0" = 0.5, "3" = 0.4}', "the shares of UTC offsets sum to 0.9"),
        ('population.utc_offsets={"15" = 1.0}', "not an offset; write hours from -14 to 14"),
        ('population.utc_offsets={"1.3" = 1.0}', "not an offset; write hours from -14 to 14"),
        ("archetypes.ordinary.fanout=0.5", "must be greater than or equal to 1"),
        ("moderation.precision=0", "must be greater than 0"),
        ("curves.persons=mesages", "no such curve; known: comments, comments_inclusive, messages"),
        ("curves.clock=utc", "must be 'audience' or 'reference'"),
        (
            'moderation.shifts.day={from = "8", until = "20:00", moderators = 1}',
            "not a time of day",
        ),
        (
            'moderation.shifts.day={from = "08:00", until = "25:00", moderators = 1}',
            "not a time of day",
        ),
        ('moderation.shifts.day={until = "20:00", moderators = 1}', "shifts.day.from is missing"),
    ],
)
def test_what_persons_and_moderators_do_is_checked(small: Path, shares: str, said: str) -> None:
    assert said in complaint(small, shares)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            ["policy.dm_ban_hours_least=72"],
            "policy.dm_ban_hours_least = 72: must not be more than dm_ban_hours_most = 48; lower",
        ),
        (
            ["policy.view_only_hours_most=1"],
            "policy.view_only_hours_most = 1: must not be less than view_only_hours_least = 72",
        ),
        (
            ["policy.family_age_until=15"],
            "policy.family_age_until = 15: must not be less than family_age_from = 16; raise it",
        ),
        (["policy.ban_from=-1"], "policy.ban_from = -1: must be a whole number from 0"),
        (["policy.ban_from=99999999"], "policy.ban_from = 99999999: must be a whole number from 0"),
    ],
)
def test_a_policy_must_make_sense(small: Path, changes: list[str], said: str) -> None:
    assert complaint(small, *changes).startswith(f"--set {changes[-1]}: {said}")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Another service's rules."""
    path = tmp_path / "rules.toml"
    path.write_text("# ours\nminimum_age = 13\nban_from = 7\n")
    return path


def test_a_policy_file_goes_before_the_scenarios_own_policy(small: Path, rules: Path) -> None:
    small.write_text(SMALL + "[policy]\nminimum_age = 18\nblocker_may_send = true\n")
    policy = load_scenario(str(small), policy=rules).rule_policy()
    assert (policy.minimum_age, policy.ban_from, policy.blocker_may_send) == (13, 7, True)


def test_a_single_change_goes_before_the_policy_file(small: Path, rules: Path) -> None:
    policy = load_scenario(str(small), None, ["policy.ban_from=9"], rules).rule_policy()
    assert (policy.minimum_age, policy.ban_from) == (13, 9)


def test_a_policy_file_is_part_of_what_a_trace_tells_of_its_scenario(
    small: Path, rules: Path
) -> None:
    told = load_scenario(str(small), policy=rules).to_dict()
    assert told["policy"] == {"minimum_age": 13, "ban_from": 7}
    assert Scenario.model_validate(told).rule_policy().minimum_age == 13


def test_an_adapter_brings_the_policy_of_its_service(small: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "service.toml"
    actions = '[actions.block_user]\nrequest = "PUT /blocks/{target}"\n'
    adapter.write_text(f"[policy]\nminimum_age = 16\n{actions}")
    assert load_scenario(str(small), policy=adapter).rule_policy().minimum_age == 16
    adapter.write_text(f"[policy]\nminimum_aeg = 16\n{actions}")
    with pytest.raises(UsageError, match=r"service.toml:2: policy.minimum_aeg = 16: unknown key"):
        load_scenario(str(small), policy=adapter)


def test_the_default_policy_is_a_policy_file_too(small: Path) -> None:
    defaults = data_path("seeds") / "policy.toml"
    assert load_scenario(str(small), policy=defaults).rule_policy() == default_policy()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "\nminimum_aeg = 3\n",
            ':2: policy.minimum_aeg = 3: unknown key; did you mean "minimum_age"',
        ),
        ("minimum_age = true\n", ":1: policy.minimum_age = true: must be a whole number"),
        ('minimum_age = "x"\n', ':1: policy.minimum_age = "x": must be true, false or a whole'),
        ("# x\nban_from = -1\n", ":2: policy.ban_from = -1: must be a whole number from 0"),
        ("dm_ban_hours_most = 1\n", ":1: policy.dm_ban_hours_most = 1: must not be less than"),
        ("[policy]\nminimum_age = 3\n", ":1: policy: not a rule; write the keys of seeds/policy"),
        ("minimum_age = \n", ":1: not valid TOML"),
    ],
)
def test_a_mistake_in_a_policy_file_is_told_with_its_line(
    small: Path, rules: Path, text: str, said: str
) -> None:
    rules.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_scenario(str(small), policy=rules)
    assert str(caught.value).startswith(f"{rules}{said}")
    assert "\n" not in str(caught.value)


def test_a_number_without_end_is_refused_as_a_change_too(small: Path) -> None:
    with pytest.raises(UsageError, match=r"^--set seed=1+: seed = "):
        load_scenario(str(small), overrides=[f"seed={'1' * 5000}"])


def test_a_byte_order_mark_is_no_part_of_a_file(small: Path, rules: Path) -> None:
    small.write_bytes(b"\xef\xbb\xbf" + small.read_bytes())
    rules.write_bytes(b"\xef\xbb\xbfminimum_age = 17\n")
    assert load_scenario(str(small), policy=rules).policy["minimum_age"] == 17


def test_a_policy_file_that_is_not_there_is_refused_by_name(small: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.toml: cannot be read"):
        load_scenario(str(small), policy=tmp_path / "none.toml")


def test_a_change_of_a_rule_that_the_policy_file_tells_is_named_as_the_change(
    small: Path, rules: Path
) -> None:
    with pytest.raises(UsageError, match=r"^--set policy\.ban_from=-1: policy\.ban_from = -1"):
        load_scenario(str(small), None, ["policy.ban_from=-1"], rules)


def test_a_mistaken_seed_is_named_as_it_was_given(small: Path) -> None:
    assert complaint(small, seed=-1).startswith("--seed -1: seed = -1: must be")


def test_lines_are_found_in_every_way_to_write_a_key() -> None:
    quoted = '"c" = """\nd = 1\n"""\n'
    text = f"a.b = 1\n{quoted}[e . f] # note\n[[g]]\nh = 1\n[[g]]\nh = 2\ni = {{ j = 1 }}\n"
    lines = key_lines(text)
    assert lines["a", "b"] == 1
    assert lines["c",] == 2
    assert ("d",) not in lines
    assert lines["e", "f"] == 5
    assert (lines["g", 0, "h"], lines["g", 1, "h"]) == (7, 9)
    assert line_of(lines, ("g", 1, "i", "j")) == 10
    assert line_of(lines, ("z",)) is None


def test_loading_a_scenario_needs_none_of_the_heavy_packages() -> None:
    code = (
        "import sys; from dmsim.scenario import load_scenario; load_scenario('quickstart');"
        "print([m for m in ('numba', 'numpy', 'scipy', 'polars', 'locust') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_packaged_scenarios_are_where_names_are_looked_up() -> None:
    assert {path.stem for path in data_path("scenarios").glob("*.toml")} == set(scenario_names())
