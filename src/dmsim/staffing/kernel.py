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
Flags = NDArray[np.bool_]

#: The columns of what a run counts, by the interval in which a contact came; the last is seconds
#: of agents busy within the interval itself.
OFFERED, DELAYED, IN_TIME, LEFT, WAIT, BUSY = range(6)
COLUMNS = 6


@entry_point
def run_desk(
    times: Floats, handling: Floats, patience: Floats, silent: Flags, ends: Floats, agents: Ints,
    paces: Floats, within: float, counts: Floats,
) -> None:  # fmt: skip
    """Simulate a desk from an empty one on, and add to ``counts`` what became of the contacts.

    Whoever goes off duty takes nothing new and finishes what is in hand. Contacts in hand are
    spread evenly and share the time of the agents: all of them progress at the same speed, on a
    clock of their own (limited processor sharing). What still waits at the very end is counted as
    late.

    Args:
        times: of arrivals in seconds, in order.
        handling: seconds that each takes of an agent who has nothing else in hand.
        patience: seconds after which each leaves.
        silent: whether nobody sees it leave, so that it is handled in its turn all the same.
        ends: of the intervals, in seconds.
        agents: on duty in each interval.
        paces: what an agent with 1, 2, … contacts in hand gets done in the time of one alone; there
            are as many as an agent may hold.
        within: the acceptable wait in seconds.
        counts: of each interval; see the names of the columns.
    """
    threads = len(paces)
    came_in = np.empty(len(times), dtype=np.int64)
    done_at = np.empty(max(1, int(agents.max()) * threads), dtype=np.float64)
    busy = 0
    first = 0
    came = 0
    now = 0.0
    clock = 0.0
    speed = 1.0
    for place in range(len(ends)):
        on_duty = int(agents[place])
        while True:
            while first < came and busy < on_duty * threads:
                row = counts[came_in[first]]
                answered = _is_answered(row, now - times[first], patience[first], within)
                if answered or silent[first]:
                    _push(done_at, busy, clock + handling[first])
                    busy += 1
                first += 1
            next_arrival = times[came] if came < len(times) else np.inf
            next_done = done_at[0] if busy > 0 else np.inf
            if threads > 1:
                speed = _speed(busy, on_duty, paces)
                next_done = now + (next_done - clock) / speed
            at = min(next_arrival, next_done, ends[place])
            counts[place][BUSY] += min(busy, on_duty) * (at - now)
            # Alone with an agent the clock of work is that of the desk (a fifth of the time).
            clock = at if threads == 1 else clock + (at - now) * speed
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
def _speed(busy: int, on_duty: int, paces: Floats) -> float:
    """How fast each of the contacts in hand progresses, where 1 is alone with an agent."""
    if busy == 0:
        return 1.0
    # Who went off duty works on, with as much in hand as may be.
    agents = max(on_duty, -(-busy // len(paces)))
    each = busy // agents
    more = busy - each * agents
    done = more * paces[each] if more else 0.0
    if each:
        done += (agents - more) * paces[each - 1]
    return done / busy


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
