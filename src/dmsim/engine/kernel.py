"""The compiled event loop: pop → choose (behaviour) → decide (rules) → record → apply.

Two functions are called from Python: :func:`advance` moves the population on, :func:`act` lets
somebody outside it (a care team) act at this moment. Both return early, with a status, when
something has to be done outside: a buffer is full, or somebody idle would react.
"""

from dmsim.engine.actions import VISIT_EVENT, intend, perform
from dmsim.engine.behaviour import (
    advance_step,
    comment_on_post,
    continue_session,
    start_session,
)
from dmsim.engine.compiled import borrowed, entry_point, part
from dmsim.engine.inboxes import is_open_request
from dmsim.engine.pairs import pair_of, rehash, side_of
from dmsim.engine.queue import pop
from dmsim.engine.state import State

#: Statuses of :func:`advance`.
REACHED = 0
FULL = 1
REACTING = 2

#: The most that one event can add to each buffer.
ROOM = 4

#: Arrivals are packed as ``(at - window) << ARRIVAL_SHIFT | person << 1 | kind``; kind 1 is a visit
#: to the feed, and ``window`` the start of the window they were sampled for. That leaves room for
#: 4 M persons in a cell and windows of twelve days.
ARRIVAL_SHIFT = 23
NEVER = (1 << 63) - 1


@part
def _borrow(state: State) -> State:
    """The same state, for compiled code to use without counting references."""
    return State(
        borrowed(state.control),
        borrowed(state.accounts),
        borrowed(state.pairs),
        borrowed(state.slots),
        borrowed(state.links),
        borrowed(state.contacts),
        borrowed(state.pages),
        borrowed(state.teams),
        borrowed(state.comments),
        borrowed(state.archetypes),
        borrowed(state.heap),
        borrowed(state.arrivals),
        borrowed(state.mail),
        borrowed(state.rows),
        borrowed(state.afters),
        borrowed(state.durations),
        borrowed(state.sessions),
        borrowed(state.banks),
        state.policy,
    )


@part
def _has_room(state: State) -> bool:
    """Whether every buffer has room for whatever one event may add."""
    control = state.control[0]
    return (
        int(control["pairs"]) + ROOM <= len(state.pairs)
        and 2 * (int(control["pairs"]) + ROOM) <= len(state.slots)
        and int(control["heap"]) + ROOM <= len(state.heap)
        and int(control["rows"]) + ROOM <= len(state.rows)
        and int(control["mail"]) + ROOM <= len(state.mail)
        and int(control["comments"]) + ROOM <= len(state.comments)
        and int(control["afters"]) + int(control["most_readers"]) + ROOM <= len(state.afters)
    )


@entry_point
def advance(owned: State, until: int) -> int:
    """Run all events strictly before ``until`` (µs); returns a status.

    ``control.now`` is the time of the last event that ran.
    """
    state = _borrow(owned)
    control = state.control[0]
    while _has_room(state):
        arrival = int(control["arrival"])
        visit = NEVER
        if arrival < len(state.arrivals):
            visit = int(control["window"]) + (int(state.arrivals[arrival]) >> ARRIVAL_SHIFT)
        step = int(state.heap[0]["at"]) if int(control["heap"]) > 0 else NEVER
        if min(visit, step) >= until:
            return REACHED
        if visit <= step:
            control["now"] = visit
            control["arrival"] = arrival + 1
            what = int(state.arrivals[arrival]) & ((1 << ARRIVAL_SHIFT) - 1)
            person = what >> 1
            advance_step(state, person)
            if (what & 1) == 1:
                comment_on_post(state, person)
            else:
                start_session(state, person)
        else:
            control["now"] = step
            what = pop(state)
            person = what >> 1
            advance_step(state, person)
            if (what & 1) == VISIT_EVENT:
                start_session(state, person)
            else:
                continue_session(state, person)
        if int(control["reacting"]) != 0:
            control["reacting"] = 0
            return REACTING
    return FULL


@entry_point
def act(owned: State, now: int, actor: int, action: int, target: int, uses: int, via: int) -> int:
    """One action of somebody outside the population at ``now``.

    Returns the verdict's code, or -1 where nothing was done because a buffer is full.
    """
    state = _borrow(owned)
    if not _has_room(state):
        return -1
    state.control[0]["now"] = now
    advance_step(state, actor)
    return perform(state, actor, intend(action, via, target, uses))


@entry_point
def rebuild_index(state: State) -> None:
    """Fill the (emptied, larger) hash index."""
    rehash(state)


@entry_point
def holds_request(state: State, account: int, requester: int) -> bool:
    """Whether an account has an open request from another one."""
    i = pair_of(state, account, requester)
    return is_open_request(state, i, side_of(state, i, account))
