"""Running an experiment: what is not kept yet, in parallel, until there are enough replications."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from dmsim.experiments.measures import Measures
from dmsim.experiments.pool import run_jobs
from dmsim.experiments.run import Job, run_job
from dmsim.experiments.stopping import Rule, Wide, enough, too_wide
from dmsim.experiments.store import Experiment, Store
from dmsim.progress import Progress, Silent

_SCRATCH = ".running"


class Outcome(NamedTuple):
    """What an experiment found.

    Attributes:
        experiment: what was run.
        rule: how many replications there were to be.
        replications: how many there are, at each point the same.
        runs: for each point its measures, by replication.
        wide: what is not known as precisely as it should be.
    """

    experiment: Experiment
    rule: Rule
    replications: int
    runs: tuple[tuple[Measures, ...], ...]
    wide: tuple[Wide, ...]


def execute(
    store: Store, rule: Rule, workers: int = 1, progress: Progress | None = None
) -> Outcome:
    """Run what is missing in a store, and look at what is there then.

    The outcome depends on the experiment and the rule alone: not on the number of workers, on what
    was kept already, or on interruptions. Replication r has the same random numbers at all points.

    Args:
        store: where finished runs are kept, and of which experiment.
        rule: when to stop.
        workers: how many processes run side by side; 1: this one.
        progress: is told of finished runs.

    Raises:
        InvalidRunError: A worker process died.
    """
    runs = store.runs()
    scratch = store.folder / _SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)  # of a process that was killed
    scratch.mkdir()
    try:
        count = _fill(store, runs, rule, scratch, workers, progress or Silent())
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Outcome(
        store.experiment,
        rule,
        count,
        tuple(tuple(found[number] for number in range(count)) for found in runs),
        tuple(too_wide(runs, count, rule)),
    )


def usable_workers(experiment: Experiment, workers: int) -> int:
    """Cells of a whole simulation use the cores themselves, so these run one after another."""
    cells = max(scenario.population.cells for scenario in experiment.scenarios)
    return 1 if experiment.extent == "whole" and cells > 1 else max(1, workers)


def cores() -> int:
    """How many cores this machine has."""
    return os.cpu_count() or 1


def _fill(
    store: Store, runs: list[dict[int, Measures]], rule: Rule,
    scratch: Path, workers: int, progress: Progress,
) -> int:  # fmt: skip
    """Run and keep what is missing; how many replications are enough."""
    complete = 0
    jobs = _missing(runs, store.experiment, rule, scratch)
    total = sum(number not in found for found in runs for number in range(rule.wanted))
    at_most = rule.precision is not None
    name = "further runs" if any(runs) else "runs"  # those that are kept are not counted
    workers = usable_workers(store.experiment, workers)
    with (
        progress.stage(name, total, "runs", at_most=at_most) as stage,
        closing(run_jobs(jobs, run_job, workers)) as done,
    ):
        stage.advance(0)  # so that the total is told before the first run has ended
        while True:
            while all(complete in found for found in runs):
                complete += 1
                if enough(runs, complete, rule):
                    return complete
            job, measures = next(done)
            store.put(job.point, job.replication, measures)
            runs[job.point][job.replication] = measures
            stage.advance(1)


def _missing(
    runs: list[dict[int, Measures]], experiment: Experiment, rule: Rule, scratch: Path
) -> Iterator[Job]:
    """The runs that are not there, all points of a replication before the next one."""
    for replication in range(rule.wanted):
        for point, scenario in enumerate(experiment.scenarios):
            if replication not in runs[point]:
                yield Job(
                    point, replication, scenario, experiment.extent, experiment.teams, scratch
                )
