"""The compiled simulator of a desk: M(t)/G/c(t)+G, first come, first served.

Everything random was drawn before, by contact: two runs that differ in the staff alone have the
same contacts, who are as long to handle and as patient (common random numbers). All of it stands in
this one file, which is what the compiler's cache watches.
"""

import numpy as np
from numpy.typing import NDArray

from dmsim.engine.compiled import entry_point, part

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The columns of what a run counts, by the interval in which a contact came; the last is seconds
#: of agents busy within the interval itself.
OFFERED, DELAYED, IN_TIME, LEFT, WAIT, BUSY = range(6)
COLUMNS = 6


@entry_point
def run_desk(
    times: Floats, handling: Floats, patience: Floats, ends: Floats, agents: Ints, threads: int,
    slowdown: float, within: float, counts: Floats,
) -> None:  # fmt: skip
    """Simulate a desk from an empty one on, and add to ``counts`` what became of the contacts.

    Whoever goes off duty takes nothing new and finishes what is in hand. Of ``threads`` contacts in
    hand at once each is lengthened by ``slowdown`` for each other that the agent has at its
    beginning. What still waits at the very end is counted as late.

    Args:
        times: of arrivals in seconds, in order.
        handling: seconds that each takes.
        patience: seconds after which each leaves.
        ends: of the intervals, in seconds.
        agents: on duty in each interval.
        threads: contacts that an agent holds at most.
        slowdown: by so much each other contact in hand lengthens a new one.
        within: the acceptable wait in seconds.
        counts: of each interval; see the names of the columns.
    """
    came_in = np.empty(len(times), dtype=np.int64)
    done_at = np.empty(max(1, int(agents.max()) * threads), dtype=np.float64)
    busy = 0
    first = 0
    came = 0
    now = 0.0
    for place in range(len(ends)):
        on_duty = int(agents[place])
        while True:
            while first < came and busy < on_duty * threads:
                others = busy // on_duty
                takes = handling[first] * (1 + slowdown * others)
                wait = now - times[first]
                row = counts[came_in[first]]
                if _is_answered(row, wait, patience[first], within):
                    _push(done_at, busy, now + takes)
                    busy += 1
                first += 1
            next_arrival = times[came] if came < len(times) else np.inf
            next_done = done_at[0] if busy > 0 else np.inf
            at = min(next_arrival, next_done, ends[place])
            counts[place][BUSY] += min(busy, on_duty) * (at - now)
            now = at
            if at == ends[place]:
                break
            if next_done <= next_arrival:
                busy -= 1
                _pop(done_at, busy)
            else:
                counts[place][OFFERED] += 1
                came_in[came] = place
                came += 1
    for contact in range(first, came):
        row = counts[came_in[contact]]
        row[DELAYED] += 1
        row[LEFT] += 1.0 if now - times[contact] > patience[contact] else 0.0
        row[WAIT] += min(now - times[contact], patience[contact])


@part
def _is_answered(row: Floats, wait: float, patience: float, within: float) -> bool:
    """Count a contact whose turn it is; who lost patience before is gone."""
    if wait > patience:
        row[LEFT] += 1
        row[DELAYED] += 1
        row[WAIT] += patience
        return False
    row[IN_TIME] += 1.0 if wait <= within else 0.0
    row[DELAYED] += 1.0 if wait > 0 else 0.0
    row[WAIT] += wait
    return True


@part
def _push(heap: Floats, size: int, value: float) -> None:
    """Add a value to a binary heap of ``size`` values."""
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap[parent] <= value:
            break
        heap[i] = heap[parent]
        i = parent
    heap[i] = value


@part
def _pop(heap: Floats, size: int) -> None:
    """Take the least value out of a binary heap, of which ``size`` values are left."""
    value = heap[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = value
