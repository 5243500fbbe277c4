"""What held connections heard, set against what was sent: arithmetic on a finished record."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from msgspec import structs

from dmsim.adapters.base import Outcome
from dmsim.adapters.listening import MESSAGES
from dmsim.replay.dispatcher import Fate
from dmsim.replay.heard import Heard, Held, HeldFate
from dmsim.replay.histogram import Histogram
from dmsim.replay.judge import Judgement
from dmsim.replay.record import Histograms, Record
from dmsim.replay.result import (
    ARRIVAL,
    ARRIVAL_INTENDED,
    OPENING,
    WORST,
    ListeningSummary,
    percentiles_ms,
)
from dmsim.replay.trace_lines import mismatch_of
from dmsim.vocabulary import Action, Verdict, names

#: A message that was not heard is missed only if its recipient listened for so long after it was
#: answered; otherwise nobody can know.
HEARD_WITHIN_NS = 1_000_000_000

_ACTIONS = names(Action)
_VERDICTS = names(Verdict)
_NEVER_ARRIVES = (Verdict.REFUSED, Verdict.REMOVED)


@dataclass
class Listened:
    """What a replay's held connections heard.

    Attributes:
        seen: of expected messages that were heard: when, by row.
        never_seen: expected, and not heard although the recipient listened for long enough.
        unknown: expected and not heard, but the recipient did not listen for long enough.
        unidentified: would be expected, but the answer did not tell what they are called.
        leaked: rows that the rules refuse or remove, and that arrived.
        unexplained: arrivals of which no answer told.
    """

    record: Record
    seen: dict[int, int] = field(default_factory=dict)
    never_seen: int = 0
    unknown: int = 0
    unidentified: int = 0
    leaked: list[int] = field(default_factory=list)
    unexplained: int = 0

    @cached_property
    def opened(self) -> list[Held]:
        """The connections that were held for a while, in the order in which they were opened."""
        return sorted(
            (held for held in self.record.held if held.opened >= 0), key=lambda held: held.opened
        )

    def most_at_once(self) -> int:
        """How many connections were held at once, at most."""
        changes = [(held.opened, 1) for held in self.opened]
        changes += [(held.closed, -1) for held in self.opened]
        steps = np.array([step for _, step in sorted(changes)], dtype=np.int64)
        return int(np.cumsum(steps).max(initial=0))


def listened(record: Record, texts: Mapping[int, int], tells: Collection[str]) -> Listened:
    """Set what was heard against what was sent.

    Args:
        record: the rows.
        texts: for each text of the bank the first that reads the same.
        tells: the verdicts of messages that are expected to arrive; others may or may not.
    """
    found = Listened(record)
    first: dict[tuple[int, bytes], Heard] = {}
    for heard in sorted(record.heard, key=lambda heard: heard.at):
        first.setdefault((heard.account, heard.id), heard)
    held = _by_account(found.opened)
    for row in _sent_messages(record):
        arrival = _taken(first, record, row)
        listener = _listener(held, int(record.schedule.target[row]), int(record.start[row]))
        if arrival is not None and _is_leak(record, row):
            found.leaked.append(row)
        elif listener is not None and _outcome(record, row) in tells:
            _expect(found, row, arrival, listener)
    _explain(found, first, texts)
    return found


def _sent_messages(record: Record) -> Iterator[int]:
    schedule = record.schedule
    is_message = np.isin(schedule.action, MESSAGES) & (schedule.target >= 0)
    rows: list[int] = np.flatnonzero(is_message & (record.fates == Fate.ANSWERED)).tolist()
    yield from rows


def _taken(first: dict[tuple[int, bytes], Heard], record: Record, row: int) -> Heard | None:
    """Where a message was heard by its recipient; what its author heard of it is explained, too."""
    id_ = record.ids.get(row)
    if id_ is None:
        return None
    first.pop((int(record.schedule.actor[row]), id_), None)
    return first.pop((int(record.schedule.target[row]), id_), None)


def _expect(found: Listened, row: int, arrival: Heard | None, listener: Held) -> None:
    if arrival is not None:
        found.seen[row] = arrival.at
    elif row not in found.record.ids:
        found.unidentified += 1
    elif listener.closed - found.record.done[row] >= HEARD_WITHIN_NS:
        found.never_seen += 1
    else:
        found.unknown += 1


def _outcome(record: Record, row: int) -> str:
    """The verdict that a row was answered with."""
    outcome = record.outcomes.get(row)
    return _VERDICTS[record.schedule.verdict[row]] if outcome is None else outcome.verdict


def _is_leak(record: Record, row: int) -> bool:
    """Whether the rules do not let a row arrive, and nothing throws that into doubt."""
    judged = record.judgements[row] in (Judgement.MATCH, Judgement.MISMATCH)
    return bool(judged and record.schedule.verdict[row] in _NEVER_ARRIVES)


def _by_account(opened: list[Held]) -> dict[int, list[Held]]:
    held: dict[int, list[Held]] = defaultdict(list)
    for one in opened:
        held[one.account].append(one)
    return held


def _listener(held: dict[int, list[Held]], account: int, instant: int) -> Held | None:
    """The connection that an account held at an instant."""
    ours = held.get(account, [])
    place = bisect_right(ours, instant, key=lambda one: one.opened) - 1
    return ours[place] if place >= 0 and instant < ours[place].closed else None


def _explain(
    found: Listened, left: dict[tuple[int, bytes], Heard], texts: Mapping[int, int]
) -> None:
    """Find out what arrived under an id that no answer told: by its text, if it is told.

    What the backend says it refused or removed, and delivers all the same, has no other name.
    """
    found.unexplained = len(left)
    if not any(heard.text >= 0 for heard in left.values()):
        return
    refused, others = _by_text(found.record, texts)
    for heard in left.values():
        key = (heard.account, heard.text)
        rows = [row for row in refused[key] if found.record.start[row] <= heard.at]
        if rows and key not in others:
            refused[key].remove(rows[0])
            found.leaked.append(rows[0])
            found.unexplained -= 1
    found.leaked.sort()


def _by_text(
    record: Record, texts: Mapping[int, int]
) -> tuple[defaultdict[tuple[int, int], list[int]], set[tuple[int, int]]]:
    """By recipient and text: rows that must not arrive, and whether others without id may have."""
    schedule = record.schedule
    refused: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    others: set[tuple[int, int]] = set()
    for row in np.flatnonzero(record.sent & np.isin(schedule.action, MESSAGES)).tolist():
        key = int(schedule.target[row]), texts.get(int(schedule.text[row]), -1)
        if _is_leak(record, row):
            refused[key].append(row)
        elif row not in record.ids:
            others.add(key)
    return refused, others


def listening_histograms(found: Listened) -> Histograms:
    """How long opening took, and messages on their way, in ns; by action where that is told."""
    record, schedule = found.record, found.record.schedule
    rows = np.fromiter(found.seen, dtype=np.int64, count=len(found.seen))
    at = np.fromiter(found.seen.values(), dtype=np.int64, count=len(found.seen))
    # Clocks of two machines differ a little.
    from_start = np.maximum(at - record.start[rows], 0)
    from_intended = np.maximum(at - schedule.intended[rows], 0)
    opening = np.array([held.opened - held.intended for held in found.opened], dtype=np.int64)
    actions = schedule.action[rows]
    histograms: Histograms = {
        OPENING: {"all": _histogram(opening)},
        ARRIVAL: {"all": _histogram(from_start)},
        ARRIVAL_INTENDED: {"all": _histogram(from_intended)},
    }
    for action in np.unique(actions).tolist():
        for metric, values in ((ARRIVAL, from_start), (ARRIVAL_INTENDED, from_intended)):
            histograms[metric][_ACTIONS[action]] = _histogram(values[actions == action])
    return histograms


def _histogram(values: np.ndarray) -> Histogram:
    histogram = Histogram()
    histogram.record_all(np.maximum(values, 0))
    return histogram


def listening_summary(found: Listened, histograms: Histograms) -> ListeningSummary:
    """What the held connections of a replay add up to.

    Args:
        found: what they heard.
        histograms: of :func:`listening_histograms`.
    """
    held = found.record.held
    fates = Counter(HeldFate(one.fate) for one in held)
    return ListeningSummary(
        sessions=len(held),
        opened=len(found.opened),
        refused=fates[HeldFate.REFUSED],
        unopened=fates[HeldFate.UNOPENED],
        dropped=fates[HeldFate.DROPPED],
        broken=fates[HeldFate.BROKEN],
        troubles=dict(Counter(one.why for one in held if one.why)),
        most_at_once=found.most_at_once(),
        expected=len(found.seen) + found.never_seen + found.unknown + found.unidentified,
        seen=len(found.seen),
        never_seen=found.never_seen,
        unknown=found.unknown,
        unidentified=found.unidentified,
        unexplained=found.unexplained,
        garbled=sum(one.garbled for one in held),
        leaked=len(found.leaked),
        worst_leaks=[
            mismatch_of(
                found.record.schedule, row, Outcome("arrived"), "", int(found.record.statuses[row])
            )
            for row in found.leaked[:WORST]
        ],
        opening_ms=percentiles_ms(histograms[OPENING]["all"]),
        arrival_ms=percentiles_ms(histograms[ARRIVAL]["all"]),
        arrival_from_intended_ms=percentiles_ms(histograms[ARRIVAL_INTENDED]["all"]),
    )


def merged_listening(
    parts: Sequence[ListeningSummary], histograms: Histograms
) -> ListeningSummary | None:
    """What several replays' held connections add up to; None where nobody listened.

    Args:
        parts: of each replay.
        histograms: of all of them together.
    """
    if not parts:
        return None
    counts = [field.name for field in structs.fields(ListeningSummary) if field.type is int]
    added: dict[str, Any] = {name: sum(getattr(part, name) for part in parts) for name in counts}
    return structs.replace(
        parts[0],
        **(added | {"most_at_once": max(part.most_at_once for part in parts)}),
        troubles=dict(sum((Counter(part.troubles) for part in parts), Counter())),
        worst_leaks=[leak for part in parts for leak in part.worst_leaks][:WORST],
        opening_ms=percentiles_ms(histograms[OPENING]["all"]),
        arrival_ms=percentiles_ms(histograms[ARRIVAL]["all"]),
        arrival_from_intended_ms=percentiles_ms(histograms[ARRIVAL_INTENDED]["all"]),
    )
