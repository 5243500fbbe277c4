"""Who replays what, where several processes replay one schedule together.

A conversation (or whatever else a pair of accounts does with each other) stays whole, so ids,
acceptance, blocks and answers never leave a process. It goes to the process that holds the busier
of its two accounts, because what else conflicts (settings, penalties, presence, the comments under
a post) hangs on an account: that leaves half as many orders to keep between processes as a random
deal does. Those are relayed; see :mod:`dmsim.replay.relay`.
"""

import hashlib
import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dmsim.replay.schedule import Ints, Schedule

#: An account with more than this part of a fair share holds nobody else's conversations together.
_TOO_BUSY = 0.5


@dataclass(frozen=True)
class Share:
    """What one process replays of a schedule.

    Attributes:
        rows: the actions, in the order of the schedule.
        ours: a flag per row of the schedule.
        told: per row of the schedule, a bit for every other process that holds an action which
            comes after this one; 0 for the rows of others.
    """

    rows: Ints
    ours: bytes
    told: memoryview

    def __len__(self) -> int:
        return len(self.rows)


def whole(size: int) -> Share:
    """The share of a process that replays a schedule alone."""
    return Share(np.arange(size), b"\1" * size, memoryview(bytes(size)))


@dataclass(frozen=True)
class Shards:
    """A schedule dealt out to ``count`` processes; ``of`` says for each row to which."""

    schedule: Schedule
    count: int
    of: npt.NDArray[np.uint8]

    def share(self, index: int) -> Share:
        """What the process ``index`` replays."""
        before, after = self.schedule.edges()
        crossing = (self.of[before] == index) & (self.of[after] != index)
        told = np.zeros(len(self.schedule), dtype=np.int64)
        bits = np.int64(1) << self.of[after[crossing]].astype(np.int64)
        np.bitwise_or.at(told, before[crossing], bits)
        ours = self.of == index
        return Share(rows=np.flatnonzero(ours), ours=ours.tobytes(), told=told.data)

    def part(self, index: int) -> float:
        """Which part of the actions the process ``index`` holds."""
        return float(np.count_nonzero(self.of == index)) / max(len(self.schedule), 1)

    def digest(self) -> str:
        """What two processes must agree on before they begin: the dealing and the times."""
        sha = hashlib.sha256(self.of.tobytes())
        sha.update(self.schedule.intended.tobytes())
        return sha.hexdigest()[:16]


def deal(schedule: Schedule, count: int) -> Shards:
    """Deal a schedule out, the same way in whichever process it is done.

    The heaviest holder goes first, each to the process with the least so far.
    """
    if count == 1 or not len(schedule):
        return Shards(schedule, count, np.zeros(len(schedule), dtype=np.uint8))
    holders, weights = np.unique(_holders(schedule, count), return_counts=True)
    heap = [(0, index) for index in range(count)]
    dealt = np.zeros(int(holders.max()) + 1, dtype=np.uint8)
    for place in np.argsort(-weights, kind="stable").tolist():
        load, index = heapq.heappop(heap)
        dealt[holders[place]] = index
        heapq.heappush(heap, (load + int(weights[place]), index))
    return Shards(schedule, count, dealt[_holders(schedule, count)])


def _holders(schedule: Schedule, count: int) -> Ints:
    """The account that holds each action's pair together: the busier one, unless too busy."""
    one = schedule.actor
    other = np.where(schedule.target >= 0, schedule.target, one)
    size = int(max(one.max(), other.max())) + 1
    busy = np.bincount(one, minlength=size) + np.bincount(other[other != one], minlength=size)
    busy[busy > _TOO_BUSY * len(schedule) / count] = 0
    # Both directions of a pair must come to the same answer, so the ids decide between equals.
    first = (busy[one] > busy[other]) | ((busy[one] == busy[other]) & (one < other))
    holders: Ints = np.where(first, one, other)
    return holders
