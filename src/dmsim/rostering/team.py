"""A roster as that of a scenario's care team, which can be simulated."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, get_args

from dmsim.errors import UsageError
from dmsim.rostering.model import DAY, People, ShiftsFile
from dmsim.rostering.roster import Duties, Duty
from dmsim.rostering.slots import Span
from dmsim.scenario import RosterShift, Scenario, Team
from dmsim.scenario.fields import Locale
from dmsim.scenario.units import DAYS, MINUTE_US, format_day_time, format_duration

_LANGUAGES: tuple[str, ...] = get_args(Locale)


class _Kind(NamedTuple):
    """What duties have in common that become one shift of the team; minutes since midnight."""

    shift: str
    begin: int
    lasts: int
    breaks: tuple[Span, ...]
    skills: tuple[str, ...]


def with_roster(scenario: Scenario, team: str, told: ShiftsFile, duties: Duties) -> Scenario:
    """A scenario in which a team works a roster, every week.

    Skills that are languages or brands of the team are spoken and known by who has them; others
    mean nothing to a simulation (:func:`unknown_skills`).

    Args:
        scenario: has the team.
        team: its name.
        told: the contracts of the duties.
        duties: of one week.

    Raises:
        UsageError: nobody works.
    """
    if not duties:
        raise UsageError(f"team {team}: nobody works in that week; choose another --week")
    own = scenario.care.teams[team]
    roster = {name: RosterShift.model_validate(d) for name, d in _shifts(own, told, duties).items()}
    teams = {**scenario.care.teams, team: own.model_copy(update={"roster": roster})}
    care = scenario.care.model_copy(update={"teams": teams})
    return scenario.model_copy(update={"care": care})


def unknown_skills(team: Team, people: Mapping[str, People]) -> set[str]:
    """Skills of the contracts that are neither languages nor brands of a team."""
    every = {skill for contract in people.values() for skill in contract.skills}
    return every - set(_LANGUAGES) - set(team.brands)


def _shifts(team: Team, told: ShiftsFile, duties: Duties) -> dict[str, dict[str, Any]]:
    """The shifts of the team by name; those of one kind with as many people are one shift."""
    people: dict[_Kind, Counter[int]] = defaultdict(Counter)
    for duty in duties:
        people[_kind(told, duty)][duty.day] += 1
    found: dict[str, dict[str, Any]] = {}
    for kind, by_day in sorted(people.items()):
        for agents in sorted(set(by_day.values())):
            days = [DAYS[day] for day in sorted(by_day) if by_day[day] == agents]
            name = f"{kind.shift or 'other'}-{len(found) + 1:03}"
            found[name] = _document(kind, team.brands, days, agents)
    return found


def _kind(told: ShiftsFile, duty: Duty) -> _Kind:
    midnight = duty.day * DAY
    breaks = tuple((since - midnight, until - midnight) for since, until in duty.breaks)
    known = told.people.get(duty.people)
    skills = known.skills if known else ()
    return _Kind(duty.shift, duty.begin - midnight, duty.end - duty.begin, breaks, skills)


def _document(kind: _Kind, brands: Collection[str], days: list[str], agents: int) -> dict[str, Any]:
    return {
        "days": days,
        "from": _clock(kind.begin),
        "until": _clock(kind.begin + kind.lasts),
        "agents": agents,
        "breaks": [
            {"at": _clock(since), "lasts": format_duration((until - since) * MINUTE_US)}
            for since, until in kind.breaks
        ],
        "languages": [skill for skill in kind.skills if skill in _LANGUAGES],
        "brands": [skill for skill in kind.skills if skill in brands],
    }


def _clock(minute: int) -> str:
    return format_day_time(minute % DAY * MINUTE_US)
