"""What ``import dmsim`` offers to Python code and notebooks: simulate, sweep, compare."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import polars as pl

from dmsim.experiments.design import Value, baseline_point, design_of
from dmsim.experiments.execute import execute
from dmsim.experiments.files import write_result
from dmsim.experiments.prepare import Change, make_rule, prepare_comparison, prepare_sweep
from dmsim.experiments.result import Result
from dmsim.experiments.stopping import Rule
from dmsim.experiments.store import Experiment, open_store
from dmsim.experiments.vary import default_replications
from dmsim.progress import Progress
from dmsim.scenario import Scenario, change_scenario, load_scenario
from dmsim.simulation.simulate import SimulationResult
from dmsim.simulation.simulate import simulate as simulate_scenario

#: A scenario: that comes with dmsim, by name; any by its path; or one that is loaded already.
Told: TypeAlias = str | Path | Scenario
#: How many replications: exactly, or at least and at most.
Replications: TypeAlias = int | tuple[int, int] | None


def simulate(
    scenario: Told,
    *,
    out: str | Path,
    seed: int | None = None,
    progress: Progress | None = None,
    force: bool = False,
) -> SimulationResult:
    """Simulate a scenario and write its trace to the folder ``out``.

    Args:
        scenario: a name, a path, or a loaded scenario.
        out: the trace's folder; :class:`dmsim.trace.reader.Trace` opens it.
        seed: instead of the scenario's own.
        progress: is told of the stages; nobody by default.
        force: overwrite an earlier trace there.

    Raises:
        UsageError: The scenario or the folder cannot be used.
    """
    return simulate_scenario(_change(scenario, seed)(()), Path(out), progress, force=force)


def sweep(
    scenario: Told,
    vary: Mapping[str, Iterable[Value]] | pl.DataFrame,
    *,
    precision: float | None = None,
    replications: Replications = None,
    measures: Sequence[str] = (),
    baseline: Mapping[str, Value] | None = None,
    teams: Sequence[str] = (),
    whole: bool = False,
    workers: int = 1,
    seed: int | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run a scenario at many points under the same random numbers; as ``dmsim sweep``.

    Args:
        scenario: a name, a path, or a loaded scenario.
        vary: values by dotted key, of which every combination is run; or a frame with a column for
            each key, whose rows are the points.
        precision: replications are added until the 95 % interval of every measure in ``measures``
            is at most ± this part of its mean at every point.
        replications: how many, or at least and at most; 10, or 10 to 200 with ``precision``.
        measures: whom ``precision`` and the result's ``pairs`` are about.
        baseline: the values of the point that the others are compared with; keys not given have
            their first value.
        teams: of the care teams these alone.
        whole: run the whole simulation also where the care teams could run alone.
        workers: processes side by side. More than one starts fresh interpreters, so that a script
            (not a notebook) must hold its own calls under ``if __name__ == "__main__":``.
        seed: instead of the scenario's own.
        out: a folder for runs and results, from which the same call goes on; nowhere by default.
        progress: is told of finished runs; nobody by default.

    Raises:
        UsageError: A key, a value, a measure or the folder cannot be used.
    """
    design = design_of(vary)
    first = baseline_point(design, baseline or {})
    experiment = prepare_sweep(_change(scenario, seed), design, teams, whole=whole)
    rule = make_rule(experiment, default_replications(replications, precision), precision, measures)
    return _run(experiment, rule, first, workers, out, progress)


def compare(
    first: Told,
    second: Told,
    *,
    precision: float | None = None,
    replications: Replications = None,
    measures: Sequence[str] = (),
    teams: Sequence[str] = (),
    whole: bool = False,
    workers: int = 1,
    seed: int | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run two scenarios under the same random numbers; as ``dmsim compare``.

    The result's ``differences`` are those of ``second`` to ``first``. Arguments are those of
    :func:`sweep`; ``second`` has the seed of ``first``.
    """
    told = _change(first, seed)(())
    other = _change(second, told.seed)(())
    names = [told.name, other.name if other.name != told.name else f"{other.name} (2)"]
    experiment = prepare_comparison(
        dict(zip(names, (told, other), strict=True)), teams, whole=whole
    )
    rule = make_rule(experiment, default_replications(replications, precision), precision, measures)
    return _run(experiment, rule, 0, workers, out, progress)


def _run(
    experiment: Experiment, rule: Rule, baseline: int, workers: int,
    out: str | Path | None, progress: Progress | None,
) -> Result:  # fmt: skip
    if out is None:
        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder), experiment) as store:
            return Result(execute(store, rule, workers, progress), baseline)
    with open_store(Path(out), experiment) as store:
        result = Result(execute(store, rule, workers, progress), baseline)
        write_result(result, Path(out))
    return result


def _change(scenario: Told, seed: int | None) -> Change:
    if isinstance(scenario, Scenario):
        own = scenario if seed is None else scenario.model_copy(update={"seed": seed})
        return lambda varied: change_scenario(own, varied) if varied else own
    return lambda varied: load_scenario(str(scenario), seed, varied=varied)
