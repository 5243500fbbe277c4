"""What a care team of a scenario has to do, by the hour of the week: replies, and live threads."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dmsim.care.alone import brings_comments, run_alone
from dmsim.care.roster import duties, shifts_of
from dmsim.care.volumes import CountedVolumes, Inbound
from dmsim.population.curves import HOURS, hourly, load_curve
from dmsim.progress import Progress, Silent
from dmsim.scenario import Scenario, Time
from dmsim.scenario.care import Team, Volume
from dmsim.scenario.units import HOUR_US, MINUTE_US, SECOND_US, WEEK_US

Floats = NDArray[np.float64]

#: By brand, shape (168,) each.
Weeks = Mapping[str, Floats]

#: Cases a week that tell well enough what follows from them, and agents for whom these are nothing.
_CASES = 5_000
_AT_EASE = 500
#: Turns of a thread follow each other about so quickly: an answer, a thought.
_TURN_US = 10 * MINUTE_US


@dataclass(frozen=True)
class TeamWork:
    """A team's work in a mean week.

    Attributes:
        comments: that come in each hour of the week, shape (168,).
        turns: of live threads that wait for an answer, where nobody has to wait; shape (168,).
        comment_s: mean handling time of a comment: triage and the replies that follow it, seconds.
        turn_s: mean handling time of a turn that an agent has alone, seconds.
        patience_s: mean time in seconds after which a customer leaves a thread; ``inf`` never.
        silent: share of those who leave whom nobody sees leave.
        window_s: the time in seconds within which a comment should be answered (R142).
        scheduled: people at work by the team's roster, without breaks, shape (168,).
    """

    comments: Floats
    turns: Floats
    comment_s: float
    turn_s: float
    patience_s: float
    silent: float
    window_s: float
    scheduled: Floats


def team_work(
    scenario: Scenario,
    name: str,
    volumes: CountedVolumes | None = None,
    progress: Progress | None = None,
) -> TeamWork:
    """What reaches a team in a mean week, and how long it takes.

    Comments are those of ``care.volumes`` on their weekly curve, or of a file, and on top those of
    campaigns of kind engagement and incident; shocks are left out, as they are no part of a mean
    week. How many turns of threads follow, and how much later, is taken from a simulation of the
    team with so many agents that nobody waits. Escalations are left out: who answers in time has
    few.

    Args:
        scenario: its teams, brands, customers and campaigns.
        name: the team.
        volumes: counts of a file instead of ``care.volumes``.
        progress: is told of the simulation.
    """
    team = scenario.care.teams[name]
    patience = scenario.care.customers.thread_patience
    comments = _mean_weeks(scenario, team, "comments", volumes)
    messages = _mean_weeks(scenario, team, "messages", volumes)
    return TeamWork(
        comments=np.sum(list(comments.values()), axis=0),
        turns=_turns(scenario, name, comments, messages, progress or Silent()),
        comment_s=mean_comment_s(scenario, team, comments),
        turn_s=team.answer.mean / SECOND_US,
        patience_s=patience / SECOND_US if patience else inf,
        silent=scenario.care.customers.leaves_silently,
        window_s=scenario.care.answered_within / SECOND_US,
        scheduled=scheduled_hours(team),
    )


def mean_comment_s(scenario: Scenario, team: Team, comments: Weeks) -> float:
    """The mean handling time of a comment in seconds, over the topics of the brands.

    Triage; unless it is spam a public reply; of questions and complaints that go on in private a
    private reply. Templates shorten both (R174), making them personal takes time (R175).
    """
    cases = scenario.care.cases
    replies = {
        kind: told.mean * team.template_speed + team.personalise if team.templates else told.mean
        for kind, told in {"public": team.public_reply, "private": team.private_reply}.items()
    }
    personal = {"question": cases.personal_questions, "complaint": cases.personal_complaints}
    seconds = weight = 0.0
    for brand, hours in comments.items():
        for topic, share in scenario.brands[brand].topics.model_dump().items():
            told = float(team.triage.mean)
            if topic != "spam":
                told += replies["public"]
            if topic in personal:
                kept = 1 - personal[topic]
                told += replies["private"] * (personal[topic] + kept * team.private_share)
            part = float(hours.sum()) * share
            seconds += part * told / SECOND_US
            weight += part
    return seconds / weight if weight else (team.triage.mean + replies["public"]) / SECOND_US


def scheduled_hours(team: Team) -> Floats:
    """People at work in each hour of the week by a team's roster, breaks left out; shape (168,)."""
    people = np.zeros(HOURS)
    for shift in shifts_of(team).values():
        for duty in duties(shift, WEEK_US):
            if duty.begin >= 2 * WEEK_US:
                break
            for begin, end in duty.worked:
                people += shift.agents * _shares_of_hours(begin, end)
    return people


def _shares_of_hours(begin: int, end: int) -> Floats:
    """The part of each hour of the second week that a span (µs) fills."""
    starts = WEEK_US + HOUR_US * np.arange(HOURS)
    filled = np.minimum(end, starts + HOUR_US) - np.maximum(begin, starts)
    return np.asarray(np.clip(filled, 0, HOUR_US) / HOUR_US)


def _mean_weeks(
    scenario: Scenario, team: Team, kind: Inbound, volumes: CountedVolumes | None
) -> Weeks:
    """What comes in a mean week, by brand."""
    curve = hourly(load_curve(getattr(scenario.curves, kind)))
    found = {}
    for brand in team.brands:
        told = scenario.care.volumes.get(brand)
        if volumes is not None:
            hours = _mean_week(volumes, brand, kind)
        else:
            hours = curve * (getattr(told, f"{kind}_per_week") / HOURS if told else 0.0)
        found[brand] = hours + (_of_campaigns(scenario, brand) if kind == "comments" else 0.0)
    return found


def _of_campaigns(scenario: Scenario, brand: str) -> Floats:
    """The comments that campaigns bring to a brand in every week."""
    hours = np.zeros(HOURS)
    for campaign in scenario.campaigns.values():
        if campaign.brand == brand and brings_comments(campaign):
            # What runs past Sunday night goes on on Monday, and did so a week ago.
            for begin in (campaign.at, campaign.at + WEEK_US):
                parts = _shares_of_hours(begin, begin + campaign.lasts)
                hours += campaign.comments * parts * HOUR_US / campaign.lasts
    return hours


def _mean_week(volumes: CountedVolumes, brand: str, kind: Inbound) -> Floats:
    """What a file tells by the hour of the week: the mean over the weeks that it tells of."""
    hours = np.zeros(HOURS)
    for at, count in volumes.counts.get((brand, kind), {}).items():
        hours[at // HOUR_US % HOURS] += count
    if volumes.weekly:
        return hours
    begin, end = volumes.span
    told = np.zeros(HOURS)
    for hour in range(begin // HOUR_US, end // HOUR_US):
        told[hour % HOURS] += 1
    return np.asarray(hours / np.maximum(told, 1))


def _turns(
    scenario: Scenario, name: str, comments: Weeks, messages: Weeks, progress: Progress
) -> Floats:
    """The turns of threads by the hour of the week: what comes, and what follows from it later."""
    turns = np.zeros(HOURS)
    with progress.stage(f"threads of {name}", None, "cases") as stage:
        cases = _cases_at_ease(scenario, name, comments, messages)
        stage.advance(cases.height)
    for weeks, is_comment in ((comments, True), (messages, False)):
        came = sum(weeks.values(), start=np.zeros(HOURS))
        kind = cases.filter(pl.col("comment").is_not_null() == is_comment)
        for lag, mean in enumerate(_turns_by_lag(kind).tolist()):
            turns += mean * np.roll(came, lag)
    return turns


def _cases_at_ease(scenario: Scenario, name: str, comments: Weeks, messages: Weeks) -> pl.DataFrame:
    """Some thousand cases of the team with so many agents that nobody waits."""
    weekly = sum(float(hours.sum()) for weeks in (comments, messages) for hours in weeks.values())
    scale = _CASES / max(weekly, 1.0)
    volumes = {
        brand: Volume(
            comments_per_week=scale * float(comments[brand].sum()),
            messages_per_week=scale * float(messages[brand].sum()),
        )
        for brand in comments
    }
    team = scenario.care.teams[name].model_copy(
        update={"agents": _AT_EASE, "roster": {}, "shrinkage": 0.0}
    )
    care = scenario.care.model_copy(update={"teams": {name: team}, "volumes": volumes})
    time = Time.model_construct(start=0, warm_up=0, record=2 * WEEK_US)
    at_ease = scenario.model_copy(
        update={"care": care, "time": time, "campaigns": {}, "shocks": {}}
    )
    return run_alone(at_ease)[0]


def _turns_by_lag(cases: pl.DataFrame) -> Floats:
    """The mean number of turns that a case brings so many hours of the clock after its own.

    Of cases of the first of two weeks, so that a week of each is known.
    """
    cases = cases.filter(pl.col("written") < WEEK_US)
    told = cases.filter(pl.col("returned").is_not_null() & (pl.col("turns") > 0))
    if not told.height:
        return np.zeros(0)
    turns = told["turns"].to_numpy().astype(np.int64)
    first = np.repeat(told["returned"].to_numpy(), turns)
    number = np.concatenate([np.arange(count) for count in turns])
    # The table has the first turn and the end, and who falls silent is given up days after the
    # last: the turns between are taken to be quick ones.
    ended = told["ended"].fill_null(2 * WEEK_US).to_numpy()
    apart = np.minimum((ended - told["returned"].to_numpy()) // turns, _TURN_US)
    hours = (first + number * np.repeat(apart, turns)) // HOUR_US
    lags = hours - np.repeat(told["written"].to_numpy(), turns) // HOUR_US
    counted = np.bincount(lags[lags < HOURS], minlength=HOURS)
    return np.asarray(counted / cases.height)
