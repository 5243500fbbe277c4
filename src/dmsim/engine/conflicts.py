"""Which earlier actions a row must come after (conflict order, as ROOT/ARTC define it).

Resources are the pair, an account's settings, and a comment. An action that writes a resource waits
for the last write and for every read since; one that reads it waits for the last write. Actions of
a pair are all kept in order. A pair that read an account's settings is put on that account's list
of readers, once until the next write: later reads by the same pair are ordered by the pair itself.
Nothing is tracked before the recorded window, where rows have no ``seq``.
"""

from dmsim.engine.compiled import part
from dmsim.engine.pairs import READ_SETTINGS, has, put, side_of
from dmsim.engine.state import State


@part
def _wait_for(state: State, seq: int) -> None:
    if seq >= 0:
        n = int(state.control[0]["afters"])
        state.afters[n] = seq
        state.control[0]["afters"] = n + 1


@part
def touch_pair(state: State, i: int) -> None:
    """Order the coming row after the pair's last action."""
    _wait_for(state, int(state.pairs[i]["last_seq"]))


@part
def touch_comment(state: State, comment: int) -> None:
    """Order the coming row after the comment's last action."""
    _wait_for(state, int(state.comments[comment]["last_seq"]))


@part
def read_settings(state: State, i: int, account: int) -> None:
    """Order the coming row, an action of the pair, after the account's last change of settings."""
    side = side_of(state, i, account)
    if int(state.control[0]["recording"]) == 0 or has(state, i, READ_SETTINGS, side):
        return
    _wait_for(state, int(state.accounts[account]["settings_seq"]))
    put(state, i, READ_SETTINGS, side, True)
    head = int(state.accounts[account]["readers_head"])
    if side == 0:
        state.pairs[i]["reader_next_low"] = head
    else:
        state.pairs[i]["reader_next_high"] = head
    state.accounts[account]["readers_head"] = i
    readers = int(state.accounts[account]["readers"]) + 1
    state.accounts[account]["readers"] = readers
    if readers > int(state.control[0]["most_readers"]):
        state.control[0]["most_readers"] = readers


@part
def _next_reader(state: State, i: int, side: int) -> int:
    if side == 0:
        return int(state.pairs[i]["reader_next_low"])
    return int(state.pairs[i]["reader_next_high"])


@part
def write_settings(state: State, account: int) -> None:
    """Order the coming row after the last change of settings and all that read them since."""
    _wait_for(state, int(state.accounts[account]["settings_seq"]))
    i = int(state.accounts[account]["readers_head"])
    while i >= 0:
        side = side_of(state, i, account)
        _wait_for(state, int(state.pairs[i]["last_seq"]))
        put(state, i, READ_SETTINGS, side, False)
        i = _next_reader(state, i, side)
    state.accounts[account]["readers_head"] = -1
    state.accounts[account]["readers"] = 0
