"""One run of one point: the care teams alone, or the whole simulation, and its measures."""

import re
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from dmsim.care.alone import brings_comments, run_alone, served_brands
from dmsim.errors import UsageError
from dmsim.experiments.measures import Measures, of_care, of_traffic
from dmsim.report.care import Reading, care_measures, trace_measures
from dmsim.scenario import Scenario
from dmsim.scenario.units import WEEK_US
from dmsim.simulation.simulate import simulate
from dmsim.trace.reader import Trace

#: ``alone``: the care teams, as ``dmsim care`` does; ``whole``: all, as ``dmsim simulate`` does.
Extent = Literal["alone", "whole"]

#: The tables and keys of a scenario that a run of the teams alone depends on.
_READ_ALONE = re.compile(
    r"(care|curves|time|profile|population\.(locales|utc_offsets)|brands\.[^.]+\.topics"
    r"|policy\.(private_repl\w+|public_reply_first|one_private_reply_per_comment"
    r"|messaging_window_hours|human_agent_hours|window_everywhere"
    r"|business_message_limit|strangers_to_requests))(\..*)?"
)


class Job(NamedTuple):
    """What a run has to do: it depends on these alone, whichever process does it.

    ``point`` is only told on; ``scratch`` is a folder for a trace while it is measured.
    """

    point: int
    replication: int
    scenario: Scenario
    extent: Extent
    teams: tuple[str, ...]
    scratch: Path


def run_job(job: Job) -> Measures:
    """Run a replication of a point and measure it."""
    return _run_alone(job) if job.extent == "alone" else _run_whole(job)


def replication_seed(seed: int, replication: int) -> int:
    """The seed of a replication of the whole simulation; the first one has the scenario's own."""
    if replication == 0:
        return seed
    stream = np.random.SeedSequence(seed, spawn_key=(replication,))
    return int(stream.generate_state(1, np.uint64)[0] >> np.uint64(1))


def extent_of(scenario: Scenario, keys: Iterable[str], teams: Iterable[str], whole: bool) -> Extent:
    """The care teams alone, where the scenario says what reaches them and no key needs more.

    Args:
        scenario: any of the points.
        keys: the varied keys.
        teams: the teams that the user chose, none for all.
        whole: whether the user asks for the whole simulation.

    Raises:
        UsageError: The teams can only be chosen where they run alone, and they do not.
    """
    beyond = [key for key in keys if not _is_read_alone(scenario, key)]
    alone = not whole and not beyond and _something_comes(scenario, tuple(teams))
    if teams and not alone:
        why = f"{beyond[0]} needs a population" if beyond else "nothing in care.volumes"
        why = "--whole is given" if whole else why
        raise UsageError(f"--team: the teams do not run alone ({why}); leave --team out")
    return "alone" if alone else "whole"


def left_out(scenario: Scenario, teams: Collection[str]) -> list[str]:
    """The campaigns of the teams' brands that a run of the teams alone leaves out."""
    brands = served_brands(scenario, teams)
    return [
        name
        for name, campaign in scenario.campaigns.items()
        if campaign.brand in brands and not brings_comments(campaign)
    ]


def _is_read_alone(scenario: Scenario, key: str) -> bool:
    table, *parts = key.split(".")
    if table == "campaigns" and parts:
        campaign = scenario.campaigns.get(parts[0])
        return campaign is not None and brings_comments(campaign)
    return _READ_ALONE.fullmatch(key) is not None


def _something_comes(scenario: Scenario, teams: tuple[str, ...]) -> bool:
    if not scenario.care.teams:
        return False
    brands = served_brands(scenario, teams)
    volumes = [told for brand, told in scenario.care.volumes.items() if brand in brands]
    campaigns = [told for told in scenario.campaigns.values() if told.brand in brands]
    return any(told.comments_per_week or told.messages_per_week for told in volumes) or any(
        map(brings_comments, campaigns)
    )


def _run_alone(job: Job) -> Measures:
    scenario = job.scenario
    served = served_brands(scenario, job.teams)
    brands = {number: name for number, name in enumerate(scenario.brands) if name in served}
    cases, staff = run_alone(scenario, teams=job.teams or None, replication=job.replication)
    reading = Reading(scenario.care.answered_by, scenario.care.answered_within)
    window = scenario.time.from_us, scenario.time.until_us
    return of_care(care_measures(cases, staff, brands, reading, window), _weeks(scenario))


def _run_whole(job: Job) -> Measures:
    seed = replication_seed(job.scenario.seed, job.replication)
    scenario = job.scenario.model_copy(update={"seed": seed})
    with tempfile.TemporaryDirectory(dir=job.scratch) as folder:
        trace = Trace.open(simulate(scenario, Path(folder) / "trace").path)
        care = of_care(trace_measures(trace), _weeks(scenario)) if scenario.care.teams else {}
        return {**care, **of_traffic(trace)}


def _weeks(scenario: Scenario) -> float:
    return scenario.time.record / WEEK_US
