"""What waits for a person: a stack of unread threads and a stack of requests.

A pair stands in at most one stack per side, so one link per side is enough. Entries that became
stale are skipped when they are popped, never searched for.
"""

from dmsim.engine.compiled import part
from dmsim.engine.pairs import STACKED, has, put, requester_side, side_of, unread
from dmsim.engine.state import State
from dmsim.vocabulary import Thread


@part
def _next(state: State, i: int, side: int) -> int:
    return int(state.pairs[i]["next_low"]) if side == 0 else int(state.pairs[i]["next_high"])


@part
def _set_next(state: State, i: int, side: int, following: int) -> None:
    if side == 0:
        state.pairs[i]["next_low"] = following
    else:
        state.pairs[i]["next_high"] = following


@part
def is_open_request(state: State, i: int, side: int) -> bool:
    """Whether the pair is a request that this side has received and not yet decided."""
    return int(state.pairs[i]["thread"]) == Thread.REQUESTED and requester_side(state, i) != side


@part
def stack(state: State, account: int, i: int, side: int) -> None:
    """Put a pair on top of the account's requests or unread threads, unless it waits already."""
    if has(state, i, STACKED, side):
        return
    put(state, i, STACKED, side, True)
    if is_open_request(state, i, side):
        _set_next(state, i, side, int(state.accounts[account]["requests_head"]))
        state.accounts[account]["requests_head"] = i
    else:
        _set_next(state, i, side, int(state.accounts[account]["unread_head"]))
        state.accounts[account]["unread_head"] = i


@part
def next_unread(state: State, account: int) -> int:
    """Take the newest thread with unread messages; -1 if there is none."""
    while True:
        i = int(state.accounts[account]["unread_head"])
        if i < 0:
            return -1
        side = side_of(state, i, account)
        state.accounts[account]["unread_head"] = _next(state, i, side)
        put(state, i, STACKED, side, False)
        if unread(state, i, side) > 0:
            return i


@part
def next_request(state: State, account: int) -> int:
    """Take the newest open request; -1 if there is none.

    A pair whose conversation opened in the meantime moves on to the unread threads.
    """
    while True:
        i = int(state.accounts[account]["requests_head"])
        if i < 0:
            return -1
        side = side_of(state, i, account)
        state.accounts[account]["requests_head"] = _next(state, i, side)
        put(state, i, STACKED, side, False)
        if is_open_request(state, i, side):
            return i
        if unread(state, i, side) > 0:
            stack(state, account, i, side)
