"""From what a user tells to an experiment whose every point is a checked scenario."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from dmsim.care.routing import find_routing
from dmsim.errors import UsageError
from dmsim.experiments.design import Design, check_keys, check_read
from dmsim.experiments.measures import OF_CARE, OF_TRAFFIC, check_measures
from dmsim.experiments.run import Extent, extent_of
from dmsim.experiments.stopping import Rule
from dmsim.experiments.store import Experiment
from dmsim.experiments.vary import Replications
from dmsim.scenario import Scenario

#: Makes a scenario with some changes, each as ``key=value``.
Change = Callable[[Sequence[str]], Scenario]


def prepare_sweep(
    change: Change, design: Design, teams: Sequence[str] = (), *, whole: bool = False
) -> Experiment:
    """The experiment that a design makes of a scenario; nothing has run yet.

    Args:
        change: makes the scenario of a point.
        design: the points.
        teams: of the care teams these alone; none for all.
        whole: run everything, even where the care teams could run alone.

    Raises:
        UsageError: A key, a value or a team cannot be used.
    """
    check_keys(change(()), design.keys)
    scenarios = [change(design.changes(number)) for number in range(len(design.points))]
    experiment = _experiment(design, scenarios, teams, whole)
    first: dict[str, int] = {}
    for number, point in enumerate(experiment.keys()):
        if first.setdefault(point, number) != number:
            names = f"{design.name(first[point])} and {design.name(number)}"
            raise UsageError(f"--vary: {names} mean the same; write each value once")
    return experiment


def prepare_comparison(
    scenarios: Mapping[str, Scenario], teams: Sequence[str] = (), *, whole: bool = False
) -> Experiment:
    """The experiment that compares scenarios, by the names they are told apart by.

    Raises:
        UsageError: A team cannot be used.
    """
    design = Design(("scenario",), tuple((name,) for name in scenarios))
    return _experiment(design, list(scenarios.values()), teams, whole)


def make_rule(
    experiment: Experiment, replications: Replications, precision: float | None,
    measures: Sequence[str] = (),
) -> Rule:  # fmt: skip
    """When to stop; without measures it is the main one that is asked about.

    Raises:
        UsageError: There is no such measure, or no run of the experiment has it.
    """
    check_measures(measures)
    for name in measures:
        if name in OF_TRAFFIC and experiment.extent == "alone":
            told = "the care teams alone do not have it; add --whole"
            raise UsageError(f"--measure {name}: {told}")
        if name in OF_CARE and not any(told.care.teams for told in experiment.scenarios):
            told = f"there is no care team; known: {', '.join(OF_TRAFFIC)}"
            raise UsageError(f"--measure {name}: {told}")
    asked = tuple(dict.fromkeys(measures)) or (_main_measure(experiment),)
    return Rule(*replications, precision, asked)


def default_folder(experiment: Experiment, kind: str) -> Path:
    """Where an experiment goes unless told otherwise: the same one always to the same folder."""
    digest = hashlib.blake2b(msgspec.json.encode(experiment.told()), digest_size=4).hexdigest()
    names = dict.fromkeys(scenario.name for scenario in experiment.scenarios)
    return Path("reports") / f"{'-'.join([*names][:2])}-{kind}-{digest}"


def _main_measure(experiment: Experiment) -> str:
    """The share answered in time, where cases grow old enough to be judged."""
    for scenario in experiment.scenarios:
        if scenario.care.teams and scenario.time.record > scenario.care.answered_within:
            return "in_time_share"
    return "public_mean_s" if experiment.extent == "alone" else "inbox_share"


def _experiment(
    design: Design, scenarios: Sequence[Scenario], teams: Sequence[str], whole: bool
) -> Experiment:
    for scenario in scenarios:
        for name, team in scenario.care.teams.items():
            find_routing(name, team.routing)
    keys = design.keys if design.keys != ("scenario",) else ()
    extents = {extent_of(scenario, keys, teams, whole) for scenario in scenarios}
    extent: Extent = "alone" if extents == {"alone"} else "whole"
    for key in keys:
        check_read(key, alone=extent == "alone")
    return Experiment(design, tuple(scenarios), extent, tuple(teams))
