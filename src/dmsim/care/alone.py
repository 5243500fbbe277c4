"""Care teams run alone: no population, only what reaches the brands, and customers who answer."""

import gc
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import merge
from operator import attrgetter
from typing import TypeVar

import numpy as np
import polars as pl
import simpy

from dmsim.care.alone_platform import AlonePlatform, Customer
from dmsim.care.team import CareTeam
from dmsim.care.volumes import INBOUND, CurveVolumes, Inbound, Times, Volumes
from dmsim.errors import UsageError
from dmsim.scenario import Campaign, Scenario, Topics
from dmsim.scenario.units import WEEK_US, offset_us
from dmsim.trace.schema import CASES, STAFF
from dmsim.vocabulary import Topic

T = TypeVar("T")

#: How much simulated time passes between two reports of progress, at least.
_REPORT_US = 3_600 * 1_000_000
#: The random streams of a brand: when comments and messages come, and from whom about what.
_STREAMS = {"comments": (0, 1), "messages": (2, 3)}
#: The streams of a brand's campaigns, one for each of them and each week.
_CAMPAIGNS = 4
#: Whom campaigns bring is numbered from here on, so that the others keep their numbers: who is
#: drawn as a case depends on them.
_FIRST_OF_CAMPAIGNS = 1 << 30


@dataclass(frozen=True)
class _Arrival:
    """Something that reaches a page; ``comment`` is its topic, None for a message."""

    at: int
    page: int
    topic: Topic | None
    customer: Customer


def run_alone(
    scenario: Scenario,
    *,
    teams: Collection[str] | None = None,
    volumes: Volumes | None = None,
    replication: int = 0,
    report: Callable[[int], None] = lambda passed: None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Run care teams of a scenario without a population.

    What campaigns of kind engagement and incident bring comes on top of the volumes; the other
    kinds need a population and are left out. Everybody who comments or writes is another person,
    whom everyone may write to. The same scenario and replication give the same cases; whoever
    differs from another run in the staff or the campaigns alone has the same other customers there.
    Cases begin when the simulation does, and are in the tables as far as they were open in the
    recorded window.

    Args:
        scenario: Its teams, brands, customers, policy and time.
        teams: The names of the teams; all of them by default.
        volumes: What reaches the brands; the scenario's ``care.volumes`` by default.
        replication: Chance anew for each number.
        report: Is told of the simulated µs that have passed, over all teams.

    Returns:
        Tables like :data:`dmsim.trace.schema.CASES` and :data:`~dmsim.trace.schema.STAFF`; pages
        are numbered as the scenario lists its brands, persons follow; those whom campaigns bring
        are numbered from 2^30 on.

    Raises:
        UsageError: A routing function that a team names cannot be used.
    """
    volumes = volumes or CurveVolumes(scenario)
    key = stream_key(scenario, replication)
    cases, staff = CASES.schema.to_frame(), STAFF.schema.to_frame()
    first, first_brought = len(scenario.brands), _FIRST_OF_CAMPAIGNS
    for name in scenario.care.teams:
        arrivals = _arrivals(scenario, name, volumes, replication)
        brought = _of_campaigns(scenario, name, replication)
        if teams is None or name in teams:
            people = [*enumerate(arrivals, first), *enumerate(brought, first_brought)]
            with _without_collector():
                world = _World(scenario, name, key, people, first + len(arrivals))
                world.run(report)
            cases = cases.vstack(world.team.cases())
            staff = staff.vstack(world.team.staff_hours())
        first += len(arrivals)
        first_brought += len(brought)
    return cases, staff


def served_brands(scenario: Scenario, chosen: Collection[str] = ()) -> list[str]:
    """The brands that the chosen teams, or all of them, serve, in the order of the scenario.

    Raises:
        UsageError: there is no such team, or none at all.
    """
    teams = scenario.care.teams
    if not teams:
        raise UsageError(f"scenario {scenario.name}: has no care team; add [care.teams.NAME]")
    for team in chosen:
        if team not in teams:
            raise UsageError(f"--team {team}: no such team; known: {', '.join(teams)}")
    served = {brand for name in chosen or teams for brand in teams[name].brands}
    return [brand for brand in scenario.brands if brand in served]


def brings_comments(campaign: Campaign) -> bool:
    """Whether a campaign has an effect without a population (R114, R176)."""
    return campaign.kind in ("engagement", "incident")


def stream_key(scenario: Scenario, replication: int) -> int:
    """The key of the random streams of a replication."""
    stream = np.random.SeedSequence(scenario.seed, spawn_key=(replication,))
    return int(stream.generate_state(1, np.uint32)[0])


@contextmanager
def _without_collector() -> Iterator[None]:
    """All cases live to the end; looking for garbage among them takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _World:
    """One team, its customers, and what reaches its pages, on one clock."""

    def __init__(
        self, scenario: Scenario, name: str, key: int,
        arrivals: list[tuple[int, _Arrival]], first_escalation: int,
    ) -> None:  # fmt: skip
        self._time = scenario.time
        self._env = simpy.Environment(initial_time=scenario.time.start)
        self._arrivals = sorted(arrivals, key=lambda numbered: numbered[1].at)
        people = {person: arrival.customer for person, arrival in arrivals}
        self._platform = AlonePlatform(self._env, scenario, key, people, first_escalation)
        brands = list(scenario.brands)
        pages = {brands.index(brand): brand for brand in scenario.care.teams[name].brands}
        self._campaigns = {page: _campaigns(scenario, brand) for page, brand in pages.items()}
        self.team = CareTeam(self._env, scenario, name, pages, self._platform, self._templated)
        self._platform.desk = self.team
        self._env.process(self._arrive())

    def run(self, report: Callable[[int], None]) -> None:
        """From the start to the end of the recorded window."""
        start, end = self._time.start, self._time.until_us
        for now in range(start, end, _REPORT_US):
            until = min(end, now + _REPORT_US)
            self._env.run(until=until)
            report(until - now)

    def _templated(self, page: int, at: int) -> bool:
        """Whether a template fits a comment on a page at a time (R174, R176)."""
        start = self._time.start
        return not any(told.untemplates(at, start) for told in self._campaigns[page].values())

    def _arrive(self) -> Generator[simpy.Event, None, None]:
        env = self._env
        for person, arrival in self._arrivals:
            yield env.timeout(arrival.at - int(env.now))
            if arrival.topic is None:
                self._platform.write(arrival.page, person)
            else:
                # The comment has the number of its author.
                self.team.comment_came(arrival.page, person, person, arrival.topic)


def _arrivals(scenario: Scenario, team: str, volumes: Volumes, replication: int) -> list[_Arrival]:
    """Everything that reaches a team, in order of time."""
    brands = list(scenario.brands)
    parts = [
        _of_brand(scenario, brands.index(brand), brand, kind, volumes, replication)
        for brand in scenario.care.teams[team].brands
        for kind in INBOUND
    ]
    return list(merge(*parts, key=attrgetter("at")))


def _of_brand(
    scenario: Scenario, page: int, brand: str, kind: Inbound, volumes: Volumes, replication: int
) -> list[_Arrival]:
    when, who = (_generator(scenario.seed, replication, page, n) for n in _STREAMS[kind])
    window = scenario.time.start, scenario.time.until_us
    times = volumes.arrivals(brand, kind, window, when)
    return _by_somebody(scenario, page, kind, times, scenario.brands[brand].topics, who)


def _campaigns(scenario: Scenario, brand: str) -> dict[int, Campaign]:
    """The campaigns of a brand, by their numbers."""
    return {
        number: campaign
        for number, campaign in enumerate(scenario.campaigns.values())
        if campaign.brand == brand
    }


def _of_campaigns(scenario: Scenario, team: str, replication: int) -> list[_Arrival]:
    """The comments that campaigns bring to a team's brands, in order of time (R114, R176)."""
    brands = list(scenario.brands)
    found: list[_Arrival] = []
    for brand in scenario.care.teams[team].brands:
        page = brands.index(brand)
        for number, campaign in _campaigns(scenario, brand).items():
            if brings_comments(campaign):
                stream = replication, page, _CAMPAIGNS, number
                found += _of_campaign(scenario, campaign, page, stream)
    return sorted(found, key=attrgetter("at"))


def _of_campaign(
    scenario: Scenario, campaign: Campaign, page: int, stream: tuple[int, ...]
) -> Iterator[_Arrival]:
    """The comments of a campaign's weeks, each with a stream of its own."""
    start, until = scenario.time.start, scenario.time.until_us
    topics = campaign.topics or scenario.brands[campaign.brand].topics
    first = start + (campaign.at - start) % WEEK_US
    for week, begin in enumerate(range(first, until, WEEK_US)):
        rng = _generator(scenario.seed, *stream, week)
        times = begin + np.sort(rng.integers(0, campaign.lasts, rng.poisson(campaign.comments)))
        for arrival in _by_somebody(scenario, page, "comments", times, topics, rng):
            if arrival.at < until:
                yield arrival


def _by_somebody(
    scenario: Scenario, page: int, kind: Inbound, times: Times, about: Topics,
    rng: np.random.Generator,
) -> list[_Arrival]:  # fmt: skip
    """What comes at these times, with whom it comes from and, of comments, a topic."""
    topics = {Topic[name.upper()]: share for name, share in about.model_dump().items()}
    offsets = {offset_us(hours): share for hours, share in scenario.population.utc_offsets.items()}
    columns = (
        times.tolist(),
        _drawn(topics, len(times), rng),
        _drawn(scenario.population.locales, len(times), rng),
        _drawn(offsets, len(times), rng),
    )
    return [
        _Arrival(at, page, topic if kind == "comments" else None, Customer(locale, offset))
        for at, topic, locale, offset in zip(*columns, strict=True)
    ]


def _generator(seed: int, *stream: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=stream))


def _drawn(shares: Mapping[T, float], count: int, rng: np.random.Generator) -> list[T]:
    """``count`` of the keys, each as often as its share says."""
    keys = list(shares)
    bounds = np.cumsum(list(shares.values()))
    places = np.searchsorted(bounds[:-1], rng.random(count) * bounds[-1], side="right")
    return [keys[place] for place in places.tolist()]
