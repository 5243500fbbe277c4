"""How a replay departs from its trace: what of it is sent, and at which pace.

The controls apply in this order: the window (``--from``, ``--for``), the persons (``--users``),
what is left out (``--only``, ``--except``), ``--speed``, ``--ramp``, ``--max-rps``. None of them
changes the order of the actions or the simulated time that their requests carry.
"""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from dmsim.errors import UsageError
from dmsim.replay.pace import at_most, ramped
from dmsim.replay.schedule import COLUMNS, Schedule, make_schedule, not_sent_because_of
from dmsim.replay.thinning import Thinned, thin
from dmsim.scenario.units import DAYS, WEEK_US, parse_duration, parse_week_time
from dmsim.trace.manifest import Manifest
from dmsim.trace.reader import Trace
from dmsim.trace.summary import week_time
from dmsim.vocabulary import Action, names, word

_ACTIONS = names(Action)

#: Gaps between actions are counted in nanoseconds, of which a second has so many.
_MOST_PER_S = 1_000_000_000


class Controls(msgspec.Struct, frozen=True, kw_only=True, rename={"except_": "except"}):
    """The controls of one replay; the object ``controls`` in ``summary.json``.

    Attributes:
        from_us: the instant at which the replay begins, in simulated µs; the trace must begin there
            with the state of that instant (see ``dmsim slice``). Its own begin if None.
        for_us: how much of the trace is replayed, in simulated µs; all of it if None.
        users: how many persons may act at most; all if None.
        only: the kinds of actions that are sent; all if empty.
        except_: the kinds of actions that are not sent.
        max_rps: how many actions are offered per second at most.
        repeat: how often it is replayed, each time with the backend filled anew.
        ramp_us: over how many µs of the replay its load rises from nothing to the trace's own.
    """

    from_us: int | None = None
    for_us: int | None = None
    users: int | None = None
    only: Sequence[str] = ()
    except_: Sequence[str] = ()
    max_rps: int | None = None
    ramp_us: int = 0
    repeat: int = 1

    @property
    def left_out(self) -> frozenset[Action]:
        """The kinds of actions that are not sent."""
        unwanted = set(self.except_) | (set(_ACTIONS) - set(self.only) if self.only else set())
        return frozenset(action for action in Action if word(action) in unwanted)


def read_controls(
    *,
    for_: str | None = None,
    users: int | None = None,
    only: str | None = None,
    except_: str | None = None,
    max_rps: int | None = None,
    ramp: str | None = None,
    repeat: int = 1,
) -> Controls:
    """The controls as people write them.

    Args:
        for_: a duration (``30m``).
        users: persons who act at most.
        only: kinds of actions, with commas between them.
        except_: the same; not both.
        max_rps: actions per second.
        ramp: a duration.
        repeat: replays one after the other.

    Raises:
        UsageError: one of them cannot be used.
    """
    if only is not None and except_ is not None:
        raise UsageError("--only and --except: name what is sent or what is not, not both")
    if users is not None and users < 1:
        raise UsageError(f"--users {users}: must be 1 or more")
    if max_rps is not None and not 1 <= max_rps <= _MOST_PER_S:
        raise UsageError(f"--max-rps {max_rps}: must be from 1 to {_MOST_PER_S}")
    if repeat < 1:
        raise UsageError(f"--repeat {repeat}: must be 1 or more")
    return Controls(
        for_us=None if for_ is None else _duration("--for", for_),
        users=users,
        only=_kinds("--only", only),
        except_=_kinds("--except", except_),
        max_rps=max_rps,
        ramp_us=0 if ramp is None else _duration("--ramp", ramp),
        repeat=repeat,
    )


def controlled_schedule(
    trace: Trace, from_us: int, speed: float, controls: Controls
) -> tuple[Schedule, Thinned | None]:
    """Lay a trace's actions out for a replay under control.

    What is left out keeps its row: it is not sent, but what it would have changed is known.

    Args:
        trace: whose.
        from_us: the instant that is replayed at T0; what comes earlier is not sent.
        speed: how many simulated seconds pass in one second.
        controls: what is sent, and at which pace.

    Returns:
        the schedule, and what is left of the trace if it was thinned.

    Raises:
        UsageError: as :func:`dmsim.replay.schedule.make_schedule` and
            :func:`dmsim.replay.thinning.thin`.
    """
    actions = trace.actions(COLUMNS).filter(pl.col("at") >= from_us)
    if controls.for_us is not None:
        actions = actions.filter(pl.col("at") < from_us + controls.for_us)
    schedule, thinned = make_schedule(actions, from_us, speed), None
    if controls.users is not None:
        actions, thinned = thin(trace, actions, schedule, controls.users)
        schedule = make_schedule(actions, from_us, speed)
    intended = ramped(schedule.intended, controls.ramp_us * 1_000)
    if controls.max_rps is not None:
        intended = at_most(intended, controls.max_rps, offered=~left_out_rows(schedule, controls))
    return replace(schedule, intended=intended), thinned


def instant_of(text: str, manifest: Manifest) -> int:
    """The instant of a trace, in simulated µs, that ``--from`` names.

    Args:
        text: a duration from the start of the recorded window (``2d3h``), or a time of the week
            (``fri 14:00``), which means its first one in the window.
        manifest: the trace's.

    Raises:
        UsageError: it is neither, or not in the window.
    """
    try:
        if text[:3].lower() in DAYS:
            of_week = parse_week_time(text)
            instant = manifest.from_us + (of_week - manifest.from_us) % WEEK_US
        else:
            instant = manifest.from_us + parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--from {text}: {error}") from None
    if instant >= manifest.until_us:
        window = f"{week_time(manifest.from_us)} to {week_time(manifest.until_us)}"
        raise UsageError(f"--from {text}: not in what the trace recorded ({window})")
    return instant


def end_of(controls: Controls, manifest: Manifest) -> int:
    """The end of the part of a trace that is replayed, in simulated µs."""
    if controls.for_us is None:
        return manifest.until_us
    from_us = manifest.from_us if controls.from_us is None else controls.from_us
    return min(from_us + controls.for_us, manifest.until_us)


def check_begin(controls: Controls, manifest: Manifest) -> None:
    """Refuse a trace that has not the state of the instant at which the replay begins.

    Raises:
        UsageError: it begins at another one.
    """
    if controls.from_us not in (None, manifest.from_us):
        raise UsageError(
            f"--from: the trace begins at {week_time(manifest.from_us)}, without the state of a "
            "later instant; make a slice by: dmsim slice TRACE --from INSTANT --out FOLDER"
        )


def left_out_rows(schedule: Schedule, controls: Controls) -> npt.NDArray[np.bool_]:
    """Which rows are of a kind that is not sent, or name what such a row would have created."""
    rows: npt.NDArray[np.bool_] = not_sent_because_of(schedule, controls.left_out) >= 0
    return rows


def keeps_time(schedule: Schedule, from_us: int) -> bool:
    """Whether every action is offered just as long after the first instant as in the trace."""
    return np.array_equal(schedule.intended, (schedule.at - from_us) * 1_000)


def _duration(option: str, text: str) -> int:
    try:
        duration = parse_duration(text)
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}") from None
    if not duration:
        raise UsageError(f"{option} {text}: must be longer than nothing")
    return duration


def _kinds(option: str, text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    kinds = tuple(kind.strip() for kind in text.split(","))
    for kind in kinds:
        if kind not in _ACTIONS:
            close = get_close_matches(kind, _ACTIONS, 3)
            remedy = f"did you mean {' or '.join(close)}?" if close else "write send_message"
            raise UsageError(f"{option} {kind}: no kind of action; {remedy}")
    return kinds
