"""The kernel's event queue: a binary heap of (time, what), ordered by both."""

from dmsim.engine.compiled import part
from dmsim.engine.state import Records, State

#: What an entry asks for, in its low bit: the next step of a session, or a new visit.
STEP = 0
VISIT_EVENT = 1


@part
def _earlier(heap: Records, a: int, b: int) -> bool:
    at_a = int(heap[a]["at"])
    at_b = int(heap[b]["at"])
    return at_a < at_b or (at_a == at_b and int(heap[a]["what"]) < int(heap[b]["what"]))


@part
def _swap(heap: Records, a: int, b: int) -> None:
    at = int(heap[a]["at"])
    what = int(heap[a]["what"])
    heap[a]["at"] = int(heap[b]["at"])
    heap[a]["what"] = int(heap[b]["what"])
    heap[b]["at"] = at
    heap[b]["what"] = what


@part
def push(state: State, at: int, what: int) -> None:
    """Add an event; the caller has made sure that there is room."""
    heap = state.heap
    i = int(state.control[0]["heap"])
    state.control[0]["heap"] = i + 1
    heap[i]["at"] = at
    heap[i]["what"] = what
    while i > 0:
        parent = (i - 1) >> 1
        if not _earlier(heap, i, parent):
            break
        _swap(heap, i, parent)
        i = parent


@part
def pop(state: State) -> int:
    """Remove the first event and return its ``what``."""
    heap = state.heap
    n = int(state.control[0]["heap"]) - 1
    state.control[0]["heap"] = n
    what = int(heap[0]["what"])
    _swap(heap, 0, n)
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and _earlier(heap, child + 1, child):
            child += 1
        if not _earlier(heap, child, i):
            break
        _swap(heap, child, i)
        i = child
    return what
