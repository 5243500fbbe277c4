"""What the persons of a cell are like: age, archetype, settings, device, past."""

import numpy as np
from numpy.typing import NDArray

from dmsim.population.model import Bools, Floats, Ints
from dmsim.population.texts import LOCALES, name_bank
from dmsim.rules.facts import Policy
from dmsim.rules.receipts import default_read_status
from dmsim.rules.sanctions import History, penalty
from dmsim.scenario import Scenario
from dmsim.scenario.ages import OLDEST_ADULT, band_years
from dmsim.scenario.units import DAY_US
from dmsim.vocabulary import Setting, Standing, Violation, word

#: Sticker sets that the platform offers.
STICKER_SETS = 24
#: The age of the oldest accounts, and of all pages.
OLDEST_US = 5 * 365 * DAY_US

# Personal rates spread around their archetype's mean (sigma of the logarithm, mean kept).
_RATE_SIGMA = 0.6
_YOUNG_US = 7 * DAY_US


def choice(rng: np.random.Generator, shares: list[float], n: int) -> Ints:
    """Indices drawn by shares."""
    bounds = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(bounds, rng.random(n), side="right"), len(shares) - 1)


def ages(rng: np.random.Generator, scenario: Scenario, n: int) -> Ints:
    """Years: by group (R12, R13, R71), adults also by band; within it each year is as likely."""
    told = scenario.population
    shares = [told.ages.under_16, told.ages.teens]
    shares += [told.ages.adults * share for share in told.adult_ages.values()]
    years = [range(13, 16), range(16, 18), *map(band_years, told.adult_ages)]
    group = choice(rng, shares, n)
    low = np.array([span.start for span in years])[group]
    high = np.array([span.stop for span in years])[group]
    return np.asarray(rng.integers(low, high), dtype=np.int64)


def settings(rng: np.random.Generator, scenario: Scenario, age: Ints) -> Ints:
    """The four privacy settings, by age group."""
    tables = (scenario.population.settings.teens, scenario.population.settings.adults)
    codes = [member.value for member in Setting]
    drawn = [
        np.array(codes)[choice(rng, [getattr(t, word(m)) for m in Setting], len(age))]
        for t in tables
    ]
    return np.where(age < 18, drawn[0], drawn[1])


def everyone_offered(rng: np.random.Generator, scenario: Scenario, setting: Ints) -> Bools:
    """To whom "everyone" is offered (R60): to all who chose it, and to most others."""
    others = setting != Setting.EVERYONE.value
    chance = scenario.population.limited_options * len(setting) / max(1, int(others.sum()))
    return np.asarray(~(others & (rng.random(len(setting)) < chance)))


def default_read_statuses(policy: Policy, age: Ints) -> Bools:
    """The read status that each age brings (R71, Q3)."""
    by_age = [default_read_status(years, policy) for years in range(OLDEST_ADULT + 1)]
    return np.array(by_age)[age]


def has_guardian(ward: Ints) -> Bools:
    """Whether somebody is the guardian of each person (R14)."""
    found = np.zeros(len(ward), dtype=np.bool_)
    found[ward[ward >= 0]] = True
    return found


def activity(
    rng: np.random.Generator, spread: np.random.Generator, scenario: Scenario, n: int
) -> tuple[Ints, Floats, Floats, Floats]:
    """Archetypes and the personal rates of visits, comments and messages to brands."""
    archetypes = list(scenario.archetypes.values())
    chosen = choice(rng, [a.share for a in archetypes], n)
    factor = spread.lognormal(-(_RATE_SIGMA**2) / 2, _RATE_SIGMA, n)
    visits = np.array([a.sessions_per_week for a in archetypes])[chosen] * factor
    comments = np.array([a.comments_per_week for a in archetypes])[chosen] * factor
    messages = np.array([a.brand_messages_per_week for a in archetypes])[chosen] * factor
    return chosen, visits, comments, messages


def names(rng: np.random.Generator, locale: Ints) -> list[str]:
    """Made-up names in the language of each person."""
    known = list(LOCALES)
    banks = {code: name_bank(known[code]) for code in np.unique(locale).tolist()}
    picks = rng.random(len(locale))
    return [
        banks[code][int(pick * len(banks[code]))]
        for code, pick in zip(locale.tolist(), picks.tolist(), strict=True)
    ]


def devices(
    rng: np.random.Generator, scenario: Scenario, registered: Bools, archetype: Ints
) -> Ints:
    """Whose device each person uses: a second account shares that of a first one (R80)."""
    n = len(archetype)
    shares, pick = rng.random(n) < scenario.population.second_accounts, rng.random(n)
    owners = np.flatnonzero(registered)
    owners = owners[np.argsort(archetype[owners], kind="stable")]
    counts = np.bincount(archetype[owners], minlength=len(scenario.archetypes))
    first = np.cumsum(counts) - counts
    second = np.flatnonzero(shares & ~registered & (counts[archetype] > 0))
    kind = archetype[second]
    device = np.arange(n, dtype=np.int64)
    device[second] = owners[first[kind] + (pick[second] * counts[kind]).astype(np.int64)]
    return device


def joined(
    rng: np.random.Generator, scenario: Scenario, registered: Bools, archetype: Ints
) -> Ints:
    """When accounts were created: in the years before the start, some within the last week.

    Who registers during the simulation counts as new, so the start stands for that moment.
    """
    n = len(archetype)
    shares = np.array([a.young for a in scenario.archetypes.values()])
    young = rng.random(n) < shares[archetype]
    days = rng.random(n)
    old = _YOUNG_US + days * (OLDEST_US - _YOUNG_US)
    before = np.where(young, days * _YOUNG_US, old) * registered
    return scenario.time.start - before.astype(np.int64)


def prior_violations(
    rng: np.random.Generator, scenario: Scenario, registered: Bools, archetype: Ints
) -> Ints:
    """How many violations were found in the past, by archetype."""
    means = np.array([a.prior_violations for a in scenario.archetypes.values()])
    return rng.poisson(means[archetype]).astype(np.int64) * registered


def worst_violations(rng: np.random.Generator, scenario: Scenario, violations: Ints) -> Ints:
    """The gravest of each person's past violations; zero tolerance would have ended the account."""
    shares = scenario.behaviour.severities
    lesser = shares.minor + shares.severe
    minor = shares.minor / lesser if lesser > 0 else 1.0
    only_minor = rng.random(len(violations)) < minor**violations
    worst = np.where(only_minor, Violation.MINOR.value, Violation.SEVERE.value)
    return np.where(violations > 0, worst, Violation.NONE.value)


def standings(policy: Policy, violations: Ints) -> Ints:
    """What the past has left (R78, R83, R84): temporary penalties have run out by now."""
    left = [Standing.GOOD.value]
    for earlier in range(int(violations.max(initial=0))):
        given = penalty(History(earlier, Violation.MINOR), Violation.MINOR, policy)
        banned = given == Standing.BANNED
        left.append(Standing.BANNED.value if banned else Standing.WARNED.value)
    return np.array(left)[violations]


def video_authors(
    rng: np.random.Generator, scenario: Scenario, registered: Bools, archetype: Ints
) -> NDArray[np.int32]:
    """Who made each video that there is, in order of authors (R29)."""
    means = np.array([a.videos for a in scenario.archetypes.values()])
    counts = rng.poisson(means[archetype]) * registered
    return np.repeat(np.arange(len(archetype), dtype=np.int32), counts)


def sticker_sets(rng: np.random.Generator, with_stickers: Bools) -> Ints:
    """A few sets for most persons in regions with stickers (R40, R45), a bit for each set."""
    n = len(with_stickers)
    # Three fair coins for each bit: one set in eight.
    first, second, third = rng.integers(0, 1 << STICKER_SETS, (3, n))
    return np.asarray((first & second & third) * with_stickers)
