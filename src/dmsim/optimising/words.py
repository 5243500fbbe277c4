"""A search as lines for a terminal and as an object for machines."""

from typing import Any

import numpy as np

from dmsim.optimising.promise import Level, Service, Services
from dmsim.optimising.search import Search
from dmsim.optimising.trials import Case, Trial
from dmsim.report.units import NOTHING, span
from dmsim.rostering.lack_words import lack_object, why_lines
from dmsim.rostering.planned import NOTHING as NO_HOURS
from dmsim.rostering.words import aligned, duty_objects, missing_lines, week_object
from dmsim.scenario.units import HOUR_US, SECOND_US, format_week_time
from dmsim.staffing.kernel import Floats
from dmsim.staffing.text import per_cent, plain

#: As many missed hours are told one by one.
_MOST_TOLD = 12
_NAMES = ("cases", "threads")
_LACKING = "time was over, but people or shifts are lacking, which no longer --time-limit helps"
_WHY = {
    "nothing cheaper found": "no step found anything cheaper that keeps the promise",
    "no more people": "the shifts file lets nobody more work when they are needed: allow more "
    "people or other shifts, or raise prices.missing",
    "time limit": "time was over: a longer --time-limit may find more",
    "more people do not help": "more people do not help: what is promised takes longer than that "
    "by itself, or waits for something else; promise less",
}


def search_lines(case: Case, search: Search) -> list[str]:
    """The trials, and what came of them."""
    rows = [_head(), *(_row(number, trial) for number, trial in enumerate(search.trials, 1))]
    return [*_promise_lines(case), "", *aligned(rows), "", *_result_lines(case, search)]


def _head() -> tuple[str, ...]:
    return ("trial", "required h", "worked h", "cost", "hours missed", *_NAMES)


def _row(number: int, trial: Trial) -> tuple[str, ...]:
    levels = (trial.services.get(name) for name in _NAMES)
    return (
        str(number),
        f"{trial.demand.sum():,}",
        f"{trial.worked_hours:,.0f}",
        f"{trial.cost:,.2f}",
        str(trial.missed),
        *(_level(service.total) if service else NOTHING for service in levels),
    )


def _level(level: Level) -> str:
    return f"{100 * level.mean:.1f} ± {100 * level.half_width:.1f} %"


def _promise_lines(case: Case) -> list[str]:
    within = case.scenario.care.answered_within / SECOND_US
    level = per_cent(case.goal.level)
    return [
        plain(
            f"promised in every hour, with 95 % confidence: {level} of cases answered within "
            f"{span(within)}, {level} of threads within {span(case.goal.within_s)} "
            "of coming back"
        ),
        "an hour in which little comes is judged with those that follow it",
        f"{case.replications} replications of a week for each trial, common random numbers",
    ]


def _result_lines(case: Case, search: Search) -> list[str]:
    first, best = search.trials[0], search.best
    week = first.plan.weeks[0]
    return [
        _verdict(search),
        f"why it ended: {_why(search)} ({search.seconds:.0f} s)",
        f"cost      {best.cost:,.2f}: {best.worked_hours:,.0f} person-hours worked by "
        f"{best.people} people",
        f"staffing plan alone: cost {first.cost:,.2f}, {first.missed} hours missed; "
        f"with missing and surplus {week.costs.total:,.2f}, bound {week.bound:,.2f}",
        f"in {case.replications} weeks that the search has not seen:",
        *(f"  {_unseen(name, service)}" for name, service in search.unseen.items()),
        *([] if search.kept else _missed_lines(best)),
    ]


def _why(search: Search) -> str:
    """Time alone is not to blame where no roster of these people has whom it requires."""
    lack = search.best.plan.weeks[0].lack
    lacking = lack is not None and lack.least_hours > NO_HOURS
    return _LACKING if lacking and search.ending == "time limit" else _WHY[search.ending]


def _verdict(search: Search) -> str:
    tried = f"after {len(search.trials)} trials"
    if search.kept:
        return f"kept: every hour keeps the promise, {tried}"
    worst = per_cent(float(search.best.shortfall.max()))
    hours = "hour misses" if search.best.missed == 1 else "hours miss"
    return f"not kept {tried}: {search.best.missed} {hours} the promise, by up to {worst}"


def _unseen(name: str, service: Service) -> str:
    return (
        f"{name} {_level(service.total)} in time over the week; of {len(service.levels)} periods "
        f"{service.surely_missed} surely below {per_cent(service.goal)}"
    )


def _missed_lines(trial: Trial) -> list[str]:
    """The hours that miss the promise, and who is missing in the roster for it and why."""
    short, week = trial.shortfall, trial.plan.weeks[0]
    worst = np.argsort(-short, kind="stable")[: min(_MOST_TOLD, trial.missed)]
    return (
        ["worst hours:"]
        + [
            f"  {format_week_time(hour * HOUR_US)}  short by {per_cent(float(short[hour]))}"
            for hour in worst.tolist()
        ]
        + missing_lines(week.coverage, 1, why_lines(week))
    )


def search_object(case: Case, search: Search) -> dict[str, Any]:
    """A search for machines; shares from 0 to 1, costs in the unit of the prices."""
    first = search.trials[0].plan.weeks[0]
    best = search.best.plan.weeks[0]
    return {
        "kept": search.kept,
        "ending": search.ending,
        "seconds": search.seconds,
        "replications": case.replications,
        "goal": {
            "level": case.goal.level,
            "threads_within_s": case.goal.within_s,
            "cases_within_s": case.scenario.care.answered_within / SECOND_US,
        },
        "cost": search.best.cost,
        "people": search.best.people,
        "staffing_plan": {
            "cost": search.trials[0].cost,
            "cost_with_missing_and_surplus": first.costs.total,
            "bound": first.bound,
            "missed_hours": search.trials[0].missed,
        },
        "service": _services(search.best.services),
        "unseen_service": _services(search.unseen),
        "demand": search.best.demand.tolist(),
        "week": {
            "status": best.status,
            "lack": lack_object(best.lack) if best.lack else None,
            **week_object(best.coverage, best.costs),
        },
        "duties": duty_objects(search.best.plan.duties),
        "trials": [_trial_object(trial) for trial in search.trials],
    }


def _trial_object(trial: Trial) -> dict[str, Any]:
    return {
        "required_hours": int(trial.demand.sum()),
        "worked_hours": trial.worked_hours,
        "cost": trial.cost,
        "missed_hours": trial.missed,
        "largest_shortfall": float(trial.shortfall.max()),
        "service": {name: service.total._asdict() for name, service in trial.services.items()},
    }


def _services(services: Services) -> dict[str, Any]:
    return {
        name: {
            **service.total._asdict(),
            "surely_missed_periods": service.surely_missed,
            "periods": [level._asdict() for level in service.levels],
            "period_of_hour": service.periods.tolist(),
            "by_hour": _listed(service.hours),
        }
        for name, service in services.items()
    }


def _listed(values: Floats) -> list[float | None]:
    """NaN is no JSON."""
    return [round(value, 4) if np.isfinite(value) else None for value in values.tolist()]
