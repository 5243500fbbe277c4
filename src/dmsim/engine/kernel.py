"""The compiled event loop: pop → choose (behaviour) → decide (rules) → record → apply.

One function is called from Python for both: :func:`advance` moves the population on, or lets
somebody outside it (a care team, a moderator) act at this moment. It returns early, with a status,
when something has to be done outside: a buffer is full, or a letter came in.
"""

import dmsim.engine.native  # noqa: F401 - lets compiled code take a state
from dmsim.engine.actions import perform
from dmsim.engine.behaviour import VISIT, choose, go_on
from dmsim.engine.compiled import entry_point, part
from dmsim.engine.inboxes import is_open_request
from dmsim.engine.intentions import NOTHING, intend
from dmsim.engine.pairs import pair_of, rehash, side_of
from dmsim.engine.queue import pop
from dmsim.engine.state import State
from dmsim.engine.streams import advance_step
from dmsim.vocabulary import Reason, Verdict

#: Statuses of :func:`advance`; whoever acts from outside is told ``VERDICTS`` plus the verdict plus
#: ``REASONS`` times the reason.
REACHED = 0
FULL = 1
REACTING = 2
VERDICTS = 16
REASONS = 64

#: The most that one event can add to each buffer.
ROOM = 8
#: Arrivals are packed as ``(at - window) << ARRIVAL_SHIFT | actor << 2 | kind``, the kinds being
#: those of ``population.arrivals``, and ``window`` the start of the window they were sampled for.
#: That leaves room for 4 M accounts in a cell and windows of six days.
ARRIVAL_SHIFT = 24
NEVER = (1 << 63) - 1

#: What acts from outside in calls of :func:`advance` that move the population on.
NOBODY = (-1, -1, -1, -1, -1, -1, -1, -1, -1)


@part
def most_waits(most_readers: int, most_on_device: int) -> int:
    """The most rows that one event's row may have to wait for.

    It may write the actor, the target and every account on a device; each waits for its readers,
    its last change and its own last action.
    """
    return (2 + most_on_device) * (most_readers + 2) + 2 * ROOM


@part
def _has_room(state: State) -> bool:
    """Whether every buffer has room for whatever one event may add."""
    control = state.control[0]
    waits = most_waits(int(control["most_readers"]), int(control["most_on_device"]))
    return (
        int(control["pairs"]) + ROOM <= len(state.pairs)
        and 2 * (int(control["pairs"]) + ROOM) <= len(state.slots)
        and int(control["heap"]) + ROOM <= len(state.heap)
        and int(control["rows"]) + ROOM <= len(state.rows)
        and int(control["mail"]) + ROOM <= len(state.mail)
        and int(control["comments"]) + ROOM <= len(state.comments)
        and int(control["afters"]) + waits <= len(state.afters)
    )


@part
def _next_event(state: State, until: int) -> int:
    """Take the first event before ``until``: ``actor << 2 | what``; -1 if there is none."""
    control = state.control[0]
    arrival = int(control["arrival"])
    visit = NEVER
    if arrival < len(state.arrivals):
        visit = int(control["window"]) + (int(state.arrivals[arrival]) >> ARRIVAL_SHIFT)
    step = int(state.heap[0]["at"]) if int(control["heap"]) > 0 else NEVER
    if min(visit, step) >= until:
        return -1
    if visit <= step:
        control["now"] = visit
        control["arrival"] = arrival + 1
        what = int(state.arrivals[arrival]) & ((1 << ARRIVAL_SHIFT) - 1)
        # What an arrival of each kind asks for follows VISIT in their order.
        return what + VISIT
    control["now"] = step
    what = pop(state)
    return (what >> 1) << 2 | (what & 1)


@entry_point
def advance(
    state: State,
    until: int,
    outsider: int,
    action: int,
    target: int,
    uses: int,
    via: int,
    violation: int,
    ends: int,
    switch: int,
    topic: int,
) -> int:
    """Run all events strictly before ``until`` (µs); returns a status.

    ``control.now`` is the time of the last event that ran. With an ``outsider`` (else -1) nothing
    is run but its action, at ``until``. Both are one function because everything that an action
    takes is compiled into it, once.
    """
    control = state.control[0]
    while _has_room(state):
        what = VISIT
        if outsider >= 0:
            actor = outsider
            control["now"] = until
            advance_step(state, actor)
            intention = intend(
                action,
                via,
                target,
                uses,
                switch=switch,
                violation=violation,
                until=ends,
                topic=topic,
            )
        else:
            event = _next_event(state, until)
            if event < 0:
                return REACHED
            actor = event >> 2
            what = event & 3
            advance_step(state, actor)
            intention = choose(state, actor, what)
        verdict = Verdict.DONE.value
        reason = Reason.NONE.value
        if intention.action != NOTHING.action:
            verdict, reason = perform(state, actor, intention)
        if outsider >= 0:
            return VERDICTS + verdict + REASONS * reason
        go_on(state, actor, what, intention, verdict, reason)
        if int(control["reacting"]) != 0:
            control["reacting"] = 0
            return REACTING
    return FULL


@entry_point
def rebuild_index(state: State) -> None:
    """Fill the (emptied, larger) hash index."""
    rehash(state)


@entry_point
def holds_request(state: State, account: int, requester: int) -> bool:
    """Whether an account has an open request from another one."""
    i = pair_of(state, account, requester)
    return is_open_request(state, i, side_of(state, i, account))
