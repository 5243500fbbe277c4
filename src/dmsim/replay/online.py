"""Who is online when: arithmetic on the actions of a trace."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from dmsim.replay.schedule import Ints, Schedule

#: Simulated µs without an action after which a session has ended.
SESSION_GAP_US = 5 * 60 * 1_000_000


@dataclass(frozen=True)
class Online:
    """Sessions in the order of their begins, one row each; all arrays are int64 of length n.

    Attributes:
        account: who is online.
        begin: from when, in ns from T0.
        end: until when.
    """

    account: Ints
    begin: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.account)

    def part(self, index: int, count: int) -> "Online":
        """What the process ``index`` of ``count`` holds: each account is held by one of them."""
        ours = self.account % count == index
        return Online(self.account[ours], self.begin[ours], self.end[ours])


def online_of(schedule: Schedule, never: Collection[int] = ()) -> Online:
    """The sessions of a schedule: from the first to the last action of each.

    An account's session ends where it does nothing for :data:`SESSION_GAP_US` of the trace's time.
    One with a single action, or whose actions fall into one instant, has no duration and is none.

    Args:
        schedule: the actions at their times.
        never: accounts that are not online whatever they do, such as staff.
    """
    rows = np.flatnonzero(~np.isin(schedule.actor, list(never)))
    rows = rows[np.lexsort((schedule.at[rows], schedule.actor[rows]))]
    actor, at = schedule.actor[rows], schedule.at[rows]
    begins = np.ones(len(rows), dtype=np.bool_)
    begins[1:] = (actor[1:] != actor[:-1]) | (at[1:] - at[:-1] > SESSION_GAP_US)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(rows))[: len(first)] - 1
    begin, end = schedule.intended[rows[first]], schedule.intended[rows[last]]
    lasting = np.flatnonzero(end > begin)
    order = lasting[np.argsort(begin[lasting], kind="stable")]
    return Online(actor[first][order], begin[order], end[order])
