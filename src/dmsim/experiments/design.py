"""The points of an experiment: which keys take which values together."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import product
from typing import Any, NamedTuple

import polars as pl

from dmsim.errors import UsageError
from dmsim.experiments.vary import Varied, check_values
from dmsim.scenario import Scenario

#: As many points are run at most.
MOST_POINTS = 10_000

#: What others call a key, by the last part of theirs.
_ELSEWHERE = {"response_window": "care.answered_within"}
#: The tables and keys of a scenario that no simulation reads.
_NOT_SIMULATED = ("schema", "name", "description", "replay", "gate")

Value = bool | int | float | str


class Design(NamedTuple):
    """The varied keys, and for each point their values as the texts that ``--set`` reads."""

    keys: tuple[str, ...]
    points: tuple[tuple[str, ...], ...]

    def changes(self, point: int) -> list[str]:
        """What a point changes in the scenario."""
        return [f"{key}={value}" for key, value in zip(self.keys, self.points[point], strict=True)]

    def name(self, point: int) -> str:
        """How a point is called in a text."""
        return ", ".join(self.changes(point))

    def short_name(self, point: int) -> str:
        """How a point is called where the keys are known."""
        pairs = zip(self.short_keys(), self.points[point], strict=True)
        return ", ".join(f"{key}={value}" for key, value in pairs)

    def short_keys(self) -> list[str]:
        """Of each key the fewest last parts that tell it from the others."""
        return [self._short(key) for key in self.keys]

    def _short(self, key: str) -> str:
        others = [f".{other}" for other in self.keys if other != key]
        parts = key.split(".")
        ends = (".".join(parts[-count:]) for count in range(1, len(parts)))
        unique = (end for end in ends if not any(told.endswith(f".{end}") for told in others))
        return next(unique, key)


def grid(varied: Sequence[Varied]) -> Design:
    """Every value of each key with every value of the others; the last key changes fastest.

    Raises:
        UsageError: A key stands there twice, or there are too many points.
    """
    keys = [told.key for told in varied]
    if twice := [key for key in dict.fromkeys(keys) if keys.count(key) > 1]:
        raise UsageError(f"--vary {twice[0]}: stands there twice; write all its values at once")
    if not keys:
        raise UsageError("--vary: nothing varies; give --vary KEY=VALUES at least once")
    count = math.prod(len(told.values) for told in varied)
    if count > MOST_POINTS:
        raise UsageError(f"--vary: {count:,} points, at most {MOST_POINTS:,}; vary fewer values")
    return Design(tuple(keys), tuple(product(*(told.values for told in varied))))


def design_of(vary: Mapping[str, Iterable[Value]] | pl.DataFrame) -> Design:
    """The design that Python code tells: values by key, or a frame whose rows are the points.

    Raises:
        UsageError: As of :func:`grid`.
    """
    if isinstance(vary, pl.DataFrame):
        points = [tuple(map(_text, row)) for row in vary.iter_rows()]
        check_values(" and ".join(vary.columns), [", ".join(point) for point in points])
        return Design(tuple(vary.columns), tuple(points))
    varied = [Varied(key, tuple(map(_text, values))) for key, values in vary.items()]
    for told in varied:
        check_values(told.key, list(told.values))
    return grid(varied)


def baseline_point(design: Design, told: Mapping[str, Value]) -> int:
    """The number of the point with these values; keys not told have their first value.

    Raises:
        UsageError: There is no such point.
    """
    wanted = dict(zip(design.keys, design.points[0], strict=True))
    for key, value in told.items():
        if key not in wanted:
            known = ", ".join(design.keys)
            raise UsageError(f"--baseline {key}: not a varied key; write KEY=VALUE of {known}")
        wanted[key] = _text(value)
    point = tuple(wanted.values())
    if point not in design.points:
        values = ", ".join(f"{key}={value}" for key, value in wanted.items())
        raise UsageError(f"--baseline {values}: not a point; write values of --vary")
    return design.points.index(point)


def check_keys(scenario: Scenario, keys: Iterable[str]) -> None:
    """Refuse keys that the scenario does not hold, and those that have no effect in it.

    Raises:
        UsageError: Naming the nearest key.
    """
    document = scenario.to_dict()
    document["policy"] = scenario.rule_policy()._asdict()
    for key in keys:
        if key == "seed":
            raise UsageError("--vary seed: every point has the same seeds; write --replications N")
        _check_there(document, key)
        _check_effect(scenario, key)


def check_read(key: str, *, alone: bool) -> None:
    """Refuse a key of what only the teams alone are told, where they do not run alone.

    Raises:
        UsageError: Naming what to vary instead.
    """
    if key.startswith("care.volumes.") and not alone:
        told = "the whole simulation has its comments from the population"
        raise UsageError(f"--vary {key}: {told}; vary archetypes.NAME.comments_per_week")


def numbers(texts: Sequence[str]) -> list[Value]:
    """The values of a key as a column of one type: whole, decimal, true or false, or text."""
    values = [_value(text) for text in texts]
    if all(isinstance(value, bool) for value in values):
        return values
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        whole = all(isinstance(value, int) for value in values)
        return values if whole else [float(value) for value in values]
    return list(texts)


def _check_there(document: Any, key: str) -> None:
    """Follow the key down as far as the scenario goes; what is new there its model judges."""
    holder, parts = document, key.split(".")
    for depth, part in enumerate(parts):
        if not isinstance(holder, dict):
            return
        if part not in holder:
            if close := get_close_matches(part, holder, 1):
                nearest = ".".join([*parts[:depth], close[0], *parts[depth + 1 :]])
                raise UsageError(f"--vary {key}: no such key; did you mean {nearest}?")
            if meant := _ELSEWHERE.get(parts[-1]):
                raise UsageError(f"--vary {key}: no such key; did you mean {meant}?")
            if depth < 1 or parts[0] == "policy":
                raise UsageError(f"--vary {key}: no such key; known: {', '.join(holder)}")
            return
        holder = holder[part]


def _check_effect(scenario: Scenario, key: str) -> None:
    """What tells of something else, and a number of staff beside a roster or shifts."""
    parts = key.split(".")
    if parts[0] in _NOT_SIMULATED:
        raise UsageError(f"--vary {key}: no simulation depends on it; vary another key")
    if parts[:2] == ["care", "teams"] and parts[3:] == ["agents"]:
        team = scenario.care.teams.get(parts[2])
        if team is not None and team.roster:
            shifts = [f"care.teams.{parts[2]}.roster.{name}.agents" for name in team.roster]
            told = f"team {parts[2]} has a roster, beside which agents means nothing"
            raise UsageError(f"--vary {key}: {told}; vary {' or '.join(shifts)}")
    if key == "moderation.moderators" and scenario.moderation.shifts:
        shifts = [f"moderation.shifts.{name}.moderators" for name in scenario.moderation.shifts]
        told = "there are shifts, beside which it means nothing"
        raise UsageError(f"--vary {key}: {told}; vary {' or '.join(shifts)}")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _value(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text, text)
