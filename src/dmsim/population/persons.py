"""The persons of a cell with their traits, before pages and staff join them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from dmsim.population import streams, traits
from dmsim.population.graph import wards
from dmsim.population.model import Bools, Floats, Ints
from dmsim.population.texts import LOCALES
from dmsim.scenario import Scenario
from dmsim.scenario.units import offset_us
from dmsim.vocabulary import Platform, Region

#: Gives the random stream of a purpose.
Streams = Callable[[int], np.random.Generator]


@dataclass(frozen=True)
class Persons:
    """Arrays with one entry per person; what they hold :class:`Population` tells."""

    age: Ints
    registered: Bools
    region: Ints
    device: Ints
    joined: Ints
    setting: Ints
    everyone_offered: Bools
    read_status: Bools
    filter_requests: Bools
    allow_business: Bools
    notifications: Bools
    family_restricted: Bools
    standing: Ints
    violations: Ints
    worst: Ints
    sticker_sets: Ints
    ward: Ints
    locale: Ints
    platform: Ints
    utc_offset: Ints
    archetype: Ints
    visits_per_week: Floats
    comments_per_week: Floats
    brand_messages_per_week: Floats


def make_persons(scenario: Scenario, rng: Streams, n: int) -> Persons:
    """Draw every trait of ``n`` persons, each from a stream of its own."""
    spec, policy = scenario.population, scenario.rule_policy()

    def some(purpose: int, share: float) -> Bools:
        return rng(purpose).random(n) < share

    def coded(purpose: int, codes: list[int], shares: Iterable[float]) -> Ints:
        return np.array(codes)[traits.choice(rng(purpose), list(shares), n)]

    age = traits.ages(rng(streams.AGES), scenario, n)
    registered = some(streams.REGISTERED, spec.registered)
    archetype, visits, comments, messages = traits.activity(
        rng(streams.ARCHETYPES), rng(streams.RATES), scenario, n
    )
    setting = traits.settings(rng(streams.SETTINGS), scenario, age)
    no_stickers = some(streams.REGIONS, spec.without_stickers)
    ward = wards(rng(streams.GUARDIANS), age, registered, spec.guardians)
    violations = traits.prior_violations(rng(streams.VIOLATIONS), scenario, registered, archetype)
    changed = spec.changed_defaults
    locales = [list(LOCALES).index(name) for name in spec.locales]
    platforms = [Platform[name.upper()].value for name in spec.platforms]
    offsets = [offset_us(text) for text in spec.utc_offsets]
    return Persons(
        age=age,
        registered=registered,
        region=np.where(no_stickers, Region.WITHOUT_STICKERS.value, Region.WITH_STICKERS.value),
        device=traits.devices(rng(streams.DEVICES), scenario, registered, archetype),
        joined=traits.joined(rng(streams.JOINED), scenario, registered, archetype),
        setting=setting,
        everyone_offered=traits.everyone_offered(rng(streams.OPTIONS), scenario, setting),
        read_status=traits.default_read_statuses(policy, age) ^ some(streams.READ_STATUS, changed),
        filter_requests=policy.filter_by_default ^ some(streams.FILTERS, changed),
        allow_business=some(streams.BUSINESS, spec.allow_business),
        notifications=~some(streams.NOTIFICATIONS, changed),
        family_restricted=traits.has_guardian(ward) & some(streams.RESTRICTED, spec.restricted),
        standing=traits.standings(policy, violations),
        violations=violations,
        worst=traits.worst_violations(rng(streams.WORST), scenario, violations),
        sticker_sets=traits.sticker_sets(rng(streams.STICKERS), ~no_stickers),
        ward=ward,
        locale=coded(streams.LOCALES, locales, spec.locales.values()),
        platform=coded(streams.PLATFORMS, platforms, spec.platforms.values()),
        utc_offset=coded(streams.OFFSETS, offsets, spec.utc_offsets.values()),
        archetype=archetype,
        visits_per_week=visits,
        comments_per_week=comments,
        brand_messages_per_week=messages,
    )
