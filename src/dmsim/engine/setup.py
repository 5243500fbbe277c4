"""The kernel's arrays for a population at rest, before anything has happened."""

import numpy as np
from numpy.typing import NDArray

from dmsim import draws
from dmsim.engine.state import (
    ACCOUNT,
    ARCHETYPE,
    COMMENT,
    CONTROL,
    ENTRY,
    MAIL,
    PAGE,
    PAIR,
    PROFILE,
    ROW,
    VIDEO,
    Records,
    State,
)
from dmsim.population.model import Population
from dmsim.scenario import PER_STEP, Scenario

# Before any report that counts.
_LONG_AGO_US = -(1 << 60)


def initial_state(scenario: Scenario, population: Population, rows: int) -> State:
    """Allocate and fill everything; ``rows`` is the size of the row buffer."""
    persons = population.persons
    pairs = 1 << max(10, (4 * persons).bit_length())
    return State(
        control=_control(scenario, population),
        accounts=_accounts(population),
        profiles=_profiles(population),
        pairs=np.zeros(pairs // 2, dtype=PAIR),
        slots=np.full(pairs, -1, dtype=np.int32),
        links=population.follows.targets,
        contacts=population.contacts.targets,
        acquaintances=population.acquaintances.targets,
        videos=_videos(population),
        pages=_pages(scenario, population),
        comments=np.zeros(1024, dtype=COMMENT),
        archetypes=_archetypes(scenario),
        choices=_choices(scenario),
        heap=np.zeros(max(1024, persons), dtype=ENTRY),
        arrivals=np.zeros(0, dtype=np.int64),
        mail=np.zeros(1024, dtype=MAIL),
        rows=np.zeros(rows, dtype=ROW),
        afters=np.zeros(4 * rows, dtype=np.int64),
        durations=_durations(scenario),
        sessions=np.stack(
            [draws.geometric_table(a.actions_per_session) for a in scenario.archetypes.values()]
        ),
        banks=population.texts.banks,
        policy=scenario.rule_policy(),
    )


def _control(scenario: Scenario, population: Population) -> Records:
    control = np.zeros(1, dtype=CONTROL)
    behaviour, moderation = scenario.behaviour, scenario.moderation
    stream = np.random.SeedSequence(scenario.seed, spawn_key=(population.cell,))
    control["key"] = int(stream.generate_state(1, np.uint32)[0])
    control["now"] = scenario.time.start
    control["persons"] = population.persons
    control["staff"] = population.staff
    control["videos"] = len(population.video_author)
    control["most_on_device"] = np.bincount(population.device).max()
    control["notified_visit"] = _threshold(behaviour.notified_visit)
    content, severities = behaviour.content, behaviour.severities
    control["content_emoji"] = _threshold(content.emoji)
    control["content_gif"] = _threshold(content.emoji + content.gif)
    control["content_sticker"] = _threshold(content.emoji + content.gif + content.sticker)
    control["severity_minor"] = _threshold(severities.minor)
    control["severity_severe"] = _threshold(severities.minor + severities.severe)
    control["recall"] = _threshold(moderation.recall)
    # Of all it removes, a share of ``precision`` are violations.
    customers = scenario.care.customers
    for field in ("opens_told", "opens_untold", "answers"):
        control[field] = _threshold(getattr(customers, field))
    # One message, and with this probability one more each time: geometric.
    control["burst"] = _threshold(1 - 1 / behaviour.burst)
    control["circle"] = behaviour.circle
    control["circle_share"] = _threshold(behaviour.circle_share)
    control["alarms_per_hit"] = round((1 / moderation.precision - 1) * draws.SCALE)
    return control


def _accounts(population: Population) -> Records:
    accounts = np.zeros(population.accounts, dtype=ACCOUNT)
    for name, graph in (("follow", population.follows), ("contact", population.contacts)):
        accounts[f"{name}_start"] = graph.start[:-1]
        accounts[f"{name}s"] = np.diff(graph.start)
    for field in ("written_seq", "own_seq", "unread_head", "requests_head", "readers_head"):
        accounts[field] = -1
    for field in ("focus", "recent", "addressee"):
        accounts[field] = -1
    accounts["restricted"] = population.family_restricted
    for field in (
        "age", "kind", "registered", "setting", "archetype", "locale", "platform", "standing",
        "filter_requests", "allow_business", "read_status", "region",
    ):  # fmt: skip
        accounts[field] = getattr(population, field)
    return accounts


def _profiles(population: Population) -> Records:
    profiles = np.zeros(population.accounts, dtype=PROFILE)
    for field in (
        "presence_seq",
        "device_seq",
        "fanout_seq",
        "last_blocked",
        "last_muted",
        "commented",
    ):
        profiles[field] = -1
    profiles["active"] = -1
    profiles["last_report"] = _LONG_AGO_US
    for field in (
        "until", "joined", "violations", "worst", "sticker_sets", "device", "ward",
        "notifications", "everyone_offered",
    ):  # fmt: skip
        profiles[field] = getattr(population, field)
    profiles["second"] = -1
    # A chain from the owner of a device through all further accounts on it.
    for other in np.flatnonzero(population.device != np.arange(population.accounts)).tolist():
        owner = int(population.device[other])
        profiles["second"][other] = profiles["second"][owner]
        profiles["second"][owner] = other
    profiles["acquaintance_start"] = population.acquaintances.start[:-1]
    profiles["acquaintances"] = np.diff(population.acquaintances.start)
    made = np.bincount(population.video_author, minlength=population.accounts)
    profiles["videos"] = made
    profiles["video_start"] = np.cumsum(made) - made
    return profiles


def _videos(population: Population) -> Records:
    videos = np.zeros(max(1, len(population.video_author)), dtype=VIDEO)
    videos["author"][: len(population.video_author)] = population.video_author
    videos["private"][: len(population.video_author)] = population.video_private
    return videos


def _pages(scenario: Scenario, population: Population) -> Records:
    """The pages, and the staff's desk as the last of them."""
    pages = np.zeros(population.pages + 1, dtype=PAGE)
    for field in ("last_seq", "hour", "second"):
        pages[field] = -1
    brands = population.names[population.persons : population.persons + population.pages]
    for page, brand in zip(pages, brands, strict=False):
        topics = scenario.brands[brand].topics
        page["question"] = _threshold(topics.question)
        page["complaint"] = _threshold(topics.question + topics.complaint)
        page["praise"] = _threshold(topics.question + topics.complaint + topics.praise)
    posts = population.posts_per_page
    pages["posts"][:-1] = posts
    pages["first_post"][:-1] = np.cumsum(posts) - posts
    pages["team"][:-1] = population.team_of_page
    pages["team"][-1] = len(population.teams)
    return pages


def _archetypes(scenario: Scenario) -> Records:
    table = np.zeros(len(scenario.archetypes), dtype=ARCHETYPE)
    for record, archetype in zip(table, scenario.archetypes.values(), strict=True):
        for field in (
            "reply", "accept_request", "delete_request", "report_request", "block_requester",
            "report_message", "violation", "try_again", "register",
        ):  # fmt: skip
            record[field] = _threshold(getattr(archetype, field))
        # One addressee, and with this probability one more each time: geometric.
        record["another_addressee"] = _threshold(1 - 1 / archetype.fanout)
        addressees = archetype.addressees or scenario.behaviour.addressees
        contacts = addressees.followed + addressees.contacts
        record["addressee_followed"] = _threshold(addressees.followed)
        record["addressee_contact"] = _threshold(contacts)
        record["addressee_acquaintance"] = _threshold(contacts + addressees.acquaintances)
    return table


def _choices(scenario: Scenario) -> NDArray[np.int64]:
    """Cumulative thresholds of what begins an idle step, one row per archetype."""
    rows = [[getattr(a, name) for name in PER_STEP] for a in scenario.archetypes.values()]
    return np.array(
        [[_threshold(total) for total in np.cumsum(row)] for row in rows], dtype=np.int64
    )


def _durations(scenario: Scenario) -> NDArray[np.int64]:
    """Quantile tables in the order of ``effects.THINK_TIMES`` and what follows there."""
    b, c = scenario.behaviour, scenario.care.customers
    return np.stack(
        [
            draws.lognormal_table(b.think_time_median, b.think_time_sigma),
            draws.lognormal_table(b.visit_delay_median, b.visit_delay_sigma),
            draws.lognormal_table(c.told_after, c.sigma),
            draws.lognormal_table(c.untold_after, c.sigma),
            draws.exponential_table(c.forgets),
            draws.lognormal_table(b.burst_gap_median, b.burst_gap_sigma),
        ]
    )


def _threshold(probability: float) -> int:
    return round(min(1.0, probability) * draws.SCALE)
