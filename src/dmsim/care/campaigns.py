"""What brands and the world do beside the daily run: contests, incidents, mailings, in SimPy."""

from collections.abc import Generator, Iterator

import numpy as np
import simpy
from numpy.typing import NDArray

from dmsim.engine.engine import Engine
from dmsim.population.streams import CAMPAIGNS, stream
from dmsim.scenario import Campaign, Scenario, Topics
from dmsim.scenario.units import WEEK_US
from dmsim.vocabulary import Action, Topic, Via

Process = Generator[simpy.Event, None, None]

_TOPICS = (Topic.QUESTION, Topic.COMPLAINT, Topic.PRAISE, Topic.SPAM)


class Campaigns:
    """The campaigns of the brands of a cell, each begun anew every week.

    Whom and when is drawn from a stream of each campaign and week, so that campaigns leave one
    another as they are.
    """

    def __init__(self, env: simpy.Environment, engine: Engine, scenario: Scenario) -> None:
        self._env = env
        self._engine = engine
        self._scenario = scenario
        self._start = int(env.now)
        self._of_pages: list[tuple[int, Campaign]] = []
        population = engine.population
        brands = population.names[population.persons : population.persons + population.pages]
        for number, campaign in enumerate(scenario.campaigns.values()):
            if campaign.brand in brands:
                page = population.persons + brands.index(campaign.brand)
                self._of_pages.append((page, campaign))
                env.process(self._run(number, campaign, page))

    def templated(self, page: int, at: int) -> bool:
        """Whether a template fits a comment on a page's post at a time (R174, R176)."""
        return not any(
            page == struck and campaign.untemplates(at, self._start)
            for struck, campaign in self._of_pages
        )

    def _run(self, number: int, campaign: Campaign, page: int) -> Process:
        first = self._start + (campaign.at - self._start) % WEEK_US
        for week in range(1 << 30):
            begin = first + week * WEEK_US
            yield self._env.timeout(begin - int(self._env.now))
            population = self._engine.population
            rng = stream(self._scenario.seed, population.cell, CAMPAIGNS, number, week)
            followers = self._followers(page)
            if campaign.kind in ("engagement", "incident"):
                yield from self._comments(rng, campaign, page, followers)
            else:
                yield from self._messages(rng, campaign, page, followers)

    def _comments(
        self, rng: np.random.Generator, campaign: Campaign, page: int, followers: NDArray[np.int64]
    ) -> Process:
        """Followers comment more than usual (R114, R176)."""
        amount = int(rng.poisson(campaign.comments)) if len(followers) else 0
        when = np.sort(rng.integers(0, campaign.lasts, amount))
        who = rng.choice(followers, amount) if amount else followers[:0]
        record = self._engine.state.pages[page - self._engine.population.persons]
        posts = int(record["first_post"]) + rng.integers(0, int(record["posts"]), amount)
        about = rng.choice(_TOPICS, amount, p=_shares(self._topics(campaign)))
        begin = int(self._env.now)
        for moment, person, post, topic in zip(when, who, posts, about, strict=True):
            yield self._env.timeout(begin + int(moment) - int(self._env.now))
            self._engine.act(
                int(self._env.now),
                int(person),
                Action.COMMENT,
                page,
                int(post),
                via=Via.FEED,
                topic=Topic(topic),
            )

    def _messages(
        self, rng: np.random.Generator, campaign: Campaign, page: int, followers: NDArray[np.int64]
    ) -> Process:
        """The brand writes to many, evenly over the time (R121, R122, R155, R156)."""
        recipients = rng.permutation(followers)[: round(campaign.recipients * len(followers))]
        action = Action.SPONSORED_MESSAGE if campaign.kind == "sponsored" else Action.MAILING
        switch = int(campaign.kind == "chat_bot") if action == Action.MAILING else -1
        begin = int(self._env.now)
        for moment, person in _evenly(recipients, campaign.lasts):
            yield self._env.timeout(begin + moment - int(self._env.now))
            self._engine.act(
                int(self._env.now), page, action, person, via=Via.CAMPAIGN, switch=switch
            )

    def _followers(self, page: int) -> NDArray[np.int64]:
        """Who followed the page at the start; unfollowing does not end a brand's list."""
        follows = self._engine.population.follows
        places = np.flatnonzero(follows.targets == page)
        found = np.searchsorted(follows.start, places, side="right") - 1
        return np.asarray(found, dtype=np.int64)

    def _topics(self, campaign: Campaign) -> Topics:
        return campaign.topics or self._scenario.brands[campaign.brand].topics


def _shares(topics: Topics) -> NDArray[np.float64]:
    shares = np.array([topics.question, topics.complaint, topics.praise, topics.spam])
    return np.asarray(shares / shares.sum())


def _evenly(recipients: NDArray[np.int64], lasts: int) -> Iterator[tuple[int, int]]:
    for number, person in enumerate(recipients.tolist()):
        yield number * lasts // len(recipients), person
