"""The persons of the trace against the shares that the scenario states.

Tables of a trace are those of its first recorded instant. What persons changed in the warm-up
before it is allowed for: by as many changes as the scenario's rates make likely.
"""

from collections.abc import Callable

import polars as pl

from dmsim.fidelity.check import SHARE, Check, Subject
from dmsim.fidelity.facts import Facts
from dmsim.fidelity.samples import judge_share
from dmsim.fidelity.warm_up import WarmUp
from dmsim.rules.receipts import default_read_status
from dmsim.scenario import Archetype, Scenario
from dmsim.scenario.ages import band_years
from dmsim.scenario.units import offset_us
from dmsim.vocabulary import Region, Setting, word

_CONCERN = "persons"
_POPULATION = "scenario: population."
#: Half a per cent of the persons more or fewer matter to nobody.
_TOLERANCE = 0.005
_ADULT = pl.col("age") >= 18
_TEEN = pl.col("age").is_between(16, 17)
_YOUNG = pl.col("age") < 18


def person_checks(facts: Facts) -> list[Check]:
    """Ages, settings, defaults, languages, devices, clocks, accounts, guardians, archetypes."""
    persons, scenario = facts.persons, facts.scenario
    before = WarmUp(facts)
    return [
        *_ages(persons, scenario),
        *_settings(persons, scenario, before),
        *_switches(persons, scenario, before),
        *_kinds(persons, scenario),
        *_accounts(persons, scenario, before),
        *_guardians(persons, scenario, before),
    ]


def share_check(
    words: str,
    source: str,
    target: float,
    among: pl.DataFrame,
    which: pl.Expr,
    changed: float = 0.0,
) -> Check:
    """Hold a share of persons to its target.

    Args:
        words: what the share is of.
        source: where the target comes from.
        target: the share.
        among: the persons that it is a share of.
        which: those that count.
        changed: the share of persons who may have changed that before.
    """
    subject = Subject(
        concern=_CONCERN,
        property=words,
        source=source,
        target=target,
        tolerance=_TOLERANCE + changed,
        unit=SHARE,
    )
    return judge_share(subject, among.filter(which).height, among.height, "persons")


def _ages(persons: pl.DataFrame, scenario: Scenario) -> list[Check]:
    told = scenario.population.ages
    groups = (
        ("under_16", "under 16 (R12)", told.under_16, pl.col("age") < 16),
        ("teens", "16 and 17 (R13)", told.teens, _TEEN),
        ("adults", "18 and older (R71)", told.adults, _ADULT),
    )
    years = persons.filter(_ADULT)
    return [
        share_check(f"persons {words}", f"{_POPULATION}ages.{key}", share, persons, which)
        for key, words, share, which in groups
    ] + [
        share_check(
            f"adults of {band} years",
            f"{_POPULATION}adult_ages.{band}",
            share,
            years,
            pl.col("age").is_between(band_years(band)[0], band_years(band)[-1]),
        )
        for band, share in scenario.population.adult_ages.items()
    ]


def _settings(persons: pl.DataFrame, scenario: Scenario, before: WarmUp) -> list[Check]:
    told = scenario.population.settings
    changed = before.steps(lambda a: a.change_setting)
    numbers = {Setting.EVERYONE: "R61", Setting.SUGGESTED: "R65", Setting.FRIENDS: "R67"}
    return [
        share_check(
            f'{group} with the setting "{word(setting).replace("_", " ")}" '
            f"({numbers.get(setting, 'R68')})",
            f"{_POPULATION}settings.{key}.{word(setting)}",
            getattr(shares, word(setting)),
            persons.filter(which),
            pl.col("setting") == word(setting),
            changed,
        )
        for key, group, shares, which in (
            ("adults", "adults", told.adults, _ADULT),
            ("teens", "persons under 18", told.teens, _YOUNG),
        )
        for setting in reversed(Setting)
    ]


def _switches(persons: pl.DataFrame, scenario: Scenario, before: WarmUp) -> list[Check]:
    """Read status by age (R70, R71, Q3), request filter, notifications, business messages."""
    population, policy = scenario.population, scenario.rule_policy()
    source = f"{_POPULATION}changed_defaults"

    def on(default: bool) -> float:
        return 1 - population.changed_defaults if default else population.changed_defaults

    statuses = [
        share_check(
            f"{group} with read status on (R71)",
            f"{source}, policy",
            on(default_read_status(age, policy)),
            persons.filter(which),
            pl.col("read_status"),
            before.steps(lambda a: a.change_read_status),
        )
        for group, age, which in (
            ("adults", 18, _ADULT),
            ("persons under 18", 17, _YOUNG),
        )
    ]
    rest: tuple[tuple[str, str, float, str, Callable[[Archetype], float]], ...] = (
        ("request filter on (R53)", f"{source}, policy", on(policy.filter_by_default),
         "filter_requests", lambda a: a.change_request_filter),
        ("notifications on (R7)", source, on(True),
         "notifications", lambda a: a.change_notifications),
        ("any business messages allowed (R56)", f"{_POPULATION}allow_business",
         population.allow_business, "allow_business", lambda a: a.change_business_messages),
    )  # fmt: skip
    return statuses + [
        share_check(
            f"persons with {words}",
            told,
            target,
            persons,
            pl.col(column),
            before.steps(change),
        )
        for words, told, target, column, change in rest
    ]


def _kinds(persons: pl.DataFrame, scenario: Scenario) -> list[Check]:
    """Languages, devices, clocks and archetypes, each kind with its share."""
    told = scenario.population
    offsets = {str(offset_us(hours)): share for hours, share in told.utc_offsets.items()}
    hours = dict(zip(offsets, told.utc_offsets, strict=True))
    archetypes = {name: archetype.share for name, archetype in scenario.archetypes.items()}
    checks = []
    for column, shares, words, source in (
        ("locale", told.locales, "persons of the locale {}", f"{_POPULATION}locales."),
        ("platform", told.platforms, "persons on {}", f"{_POPULATION}platforms."),
        ("utc_offset", offsets, "persons with the UTC offset {}", f"{_POPULATION}utc_offsets."),
        ("archetype", archetypes, "persons of the archetype {}", "scenario: archetypes."),
    ):
        for value, share in shares.items():
            name = hours.get(value, value)
            key = f"{source}{name}{'.share' if column == 'archetype' else ''}"
            which = pl.col(column).cast(pl.String) == value
            checks.append(share_check(words.format(name), key, share, persons, which))
    return checks


def _accounts(persons: pl.DataFrame, scenario: Scenario, before: WarmUp) -> list[Check]:
    told = scenario.population
    registering = before.sessions(lambda a: a.register)
    return [
        share_check(
            "persons with a registered account (R11)",
            f"{_POPULATION}registered",
            told.registered,
            persons,
            pl.col("registered"),
            registering * (1 - told.registered),
        ),
        share_check(
            'persons to whom "everyone" is not offered (R60)',
            f"{_POPULATION}limited_options",
            min(told.limited_options, 1 - _everyone(scenario)),
            persons,
            ~pl.col("everyone_offered"),
        ),
        share_check(
            "persons in regions without stickers (R45)",
            f"{_POPULATION}without_stickers",
            told.without_stickers,
            persons,
            pl.col("region") == word(Region.WITHOUT_STICKERS),
        ),
    ]


def _guardians(persons: pl.DataFrame, scenario: Scenario, before: WarmUp) -> list[Check]:
    told = scenario.population
    teens = persons.filter(_TEEN, "registered")
    return [
        share_check(
            "registered persons of 16 and 17 with a guardian (R14)",
            f"{_POPULATION}guardians",
            told.guardians,
            teens,
            pl.col("guarded"),
        ),
        share_check(
            "of those, restricted by the guardian (R13)",
            f"{_POPULATION}restricted",
            told.restricted,
            teens.filter("guarded"),
            pl.col("family_restricted"),
            before.steps(lambda a: a.restrict_teen),
        ),
    ]


def _everyone(scenario: Scenario) -> float:
    """The share of persons who chose "everyone", to whom it is offered therefore."""
    ages, settings = scenario.population.ages, scenario.population.settings
    return ages.adults * settings.adults.everyone + (1 - ages.adults) * settings.teens.everyone
