"""Which earlier actions a row must come after (conflict order, as ROOT/ARTC define it).

The resources are those of ``rules/resources.py``. An action that writes one waits for the last
write and for every read since; one that reads it waits for the last write. Pairs, comments,
presence and devices are chains: whoever touches one waits for whoever touched it last. So is what
an account does without touching a pair. A pair that read an account is put on that account's list
of readers, once until the next write: later reads by the same pair are ordered by the pair itself.
Nothing is tracked before the recorded window, where rows have no ``seq``.
"""

from dmsim.engine.compiled import part, rare_part
from dmsim.engine.pairs import READ_ACCOUNT, has, put, side_of
from dmsim.engine.state import State

# Entries of a row that are searched for a repetition: all of nearly every row.
_LOOK_BACK = 64


@part
def wait_for(state: State, seq: int) -> None:
    """Order the coming row after another one."""
    n = int(state.control[0]["afters"])
    if seq < 0 or _is_named(state, n, seq):
        return
    state.afters[n] = seq
    state.control[0]["afters"] = n + 1


@part
def _is_named(state: State, n: int, seq: int) -> bool:
    """Whether the coming row waits for it already.

    Only a share leaves one ``seq`` in two pairs; that far back a repetition does no harm.
    """
    rows = int(state.control[0]["rows"])
    start = int(state.rows[rows - 1]["afters_end"]) if rows > 0 else 0
    start = max(start, n - _LOOK_BACK)
    while n > start:
        n -= 1
        if int(state.afters[n]) == seq:
            return True
    return False


@part
def read_account(state: State, i: int, account: int) -> None:
    """Order the coming row, an action of the pair, after the account's last change."""
    side = side_of(state, i, account)
    if int(state.control[0]["recording"]) == 0 or has(state, i, READ_ACCOUNT, side):
        return
    wait_for(state, int(state.accounts[account]["written_seq"]))
    put(state, i, READ_ACCOUNT, side, True)
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
def read_own(state: State, actor: int) -> None:
    """Order what an actor does alone after the last thing it did alone, and the last change."""
    own = int(state.accounts[actor]["own_seq"])
    written = int(state.accounts[actor]["written_seq"])
    wait_for(state, own)
    if written > own:
        wait_for(state, written)


@part
def _next_reader(state: State, i: int, side: int) -> int:
    if side == 0:
        return int(state.pairs[i]["reader_next_low"])
    return int(state.pairs[i]["reader_next_high"])


@rare_part
def write_account(state: State, account: int, pair: int) -> None:
    """Order the coming row after the account's last change and all that read it since.

    ``pair`` is the row's own, which it waits for already.
    """
    wait_for(state, int(state.accounts[account]["written_seq"]))
    wait_for(state, int(state.accounts[account]["own_seq"]))
    i = int(state.accounts[account]["readers_head"])
    while i >= 0:
        side = side_of(state, i, account)
        if i != pair:
            wait_for(state, int(state.pairs[i]["last_seq"]))
        put(state, i, READ_ACCOUNT, side, False)
        i = _next_reader(state, i, side)
    state.accounts[account]["readers_head"] = -1
    state.accounts[account]["readers"] = 0
