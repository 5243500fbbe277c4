"""Two accounts and what stands between them: one record, found by hash, made at first touch.

``low`` and ``high`` are the two ids in order. Every flag that belongs to one of the two is a pair
of bits, the low account's first; ``side`` (0 low, 1 high) shifts to the right one.
"""

from numpy import int32
from numpy.typing import NDArray

from dmsim.draws import scramble
from dmsim.engine.compiled import part, rare_part
from dmsim.engine.state import State

FOLLOWS = 1
BLOCKS = 4
#: The pair stands in this side's stack of unread threads or of requests.
STACKED = 16
#: The pair read this side's account since it was last written (see conflicts).
READ_ACCOUNT = 64
CONTACT = 256
#: Who asked for the conversation: the high account if set.
HIGH_REQUESTED = 512
#: The open request stands among the filtered ones.
FILTERED = 1024
MUTED = 2048
#: The platform suggests the two to each other.
ACQUAINTED = 8192
#: A private reply opened the conversation (R131).
BY_PRIVATE_REPLY = 16384
#: The newest message of the brand expects an answer.
EXPECTS_ANSWER = 32768


@part
def pair_of(state: State, a: int, b: int) -> int:
    """The index of the pair of two accounts, created from the graph if it was never touched."""
    low = min(a, b)
    high = max(a, b)
    key = (low << 32) | high
    mask = len(state.slots) - 1
    slot = scramble(scramble(low) ^ high) & mask
    while True:
        i = int(state.slots[slot])
        if i < 0:
            break
        if int(state.pairs[i]["key"]) == key:
            return i
        slot = (slot + 1) & mask
    return _new_pair(state, low, high, key, slot)


@rare_part
def _new_pair(state: State, low: int, high: int, key: int, slot: int) -> int:
    i = int(state.control[0]["pairs"])
    state.control[0]["pairs"] = i + 1
    state.slots[slot] = i
    flags = 0
    a = state.accounts[low]
    b = state.accounts[high]
    if _linked(state.links, int(a["follow_start"]), int(a["follows"]), high):
        flags |= FOLLOWS
    if _linked(state.links, int(b["follow_start"]), int(b["follows"]), low):
        flags |= FOLLOWS << 1
    if _linked(state.contacts, int(a["contact_start"]), int(a["contacts"]), high):
        flags |= CONTACT
    known = state.profiles[low]
    if _linked(
        state.acquaintances, int(known["acquaintance_start"]), int(known["acquaintances"]), high
    ):
        flags |= ACQUAINTED
    pair = state.pairs[i]
    pair["key"] = key
    pair["last_seq"] = -1
    pair["answered"] = -1
    pair["flags"] = flags
    pair["next_low"] = -1
    pair["next_high"] = -1
    pair["reader_next_low"] = -1
    pair["reader_next_high"] = -1
    pair["visible_low"] = 0
    pair["visible_high"] = 0
    pair["video"] = -1
    pair["unread_low"] = 0
    pair["unread_high"] = 0
    pair["requested"] = 0
    pair["thread"] = 0
    pair["label_low"] = 0
    pair["label_high"] = 0
    return i


@part
def _linked(targets: NDArray[int32], start: int, count: int, wanted: int) -> bool:
    """Whether a sorted run of targets holds one."""
    low = start
    end = start + count
    high = end
    while low < high:
        middle = (low + high) >> 1
        if int(targets[middle]) < wanted:
            low = middle + 1
        else:
            high = middle
    return low < end and int(targets[low]) == wanted


@part
def side_of(state: State, i: int, account: int) -> int:
    """0 if the account is the pair's low one, 1 if it is the high one."""
    return 0 if (int(state.pairs[i]["key"]) >> 32) == account else 1


@part
def peer_of(state: State, i: int, account: int) -> int:
    """The other account of a pair."""
    key = int(state.pairs[i]["key"])
    low = key >> 32
    return (key & 0xFFFFFFFF) if low == account else low


@part
def has(state: State, i: int, bit: int, side: int) -> bool:
    """Whether a side's flag is set."""
    return (int(state.pairs[i]["flags"]) & (bit << side)) != 0


@part
def put(state: State, i: int, bit: int, side: int, on: bool) -> None:
    """Set or clear a side's flag."""
    flags = int(state.pairs[i]["flags"])
    state.pairs[i]["flags"] = (flags | (bit << side)) if on else (flags & ~(bit << side))


@part
def requester_side(state: State, i: int) -> int:
    """The side that asked for the conversation."""
    return 1 if (int(state.pairs[i]["flags"]) & HIGH_REQUESTED) != 0 else 0


@part
def unread(state: State, i: int, side: int) -> int:
    """How many messages a side has not read."""
    return int(state.pairs[i]["unread_low"]) if side == 0 else int(state.pairs[i]["unread_high"])


@part
def set_unread(state: State, i: int, side: int, count: int) -> None:
    """Set how many messages a side has not read."""
    if side == 0:
        state.pairs[i]["unread_low"] = min(count, 32767)
    else:
        state.pairs[i]["unread_high"] = min(count, 32767)


@part
def visible(state: State, i: int, side: int) -> int:
    """How many messages stand in a side's own view of the conversation."""
    return int(state.pairs[i]["visible_low"]) if side == 0 else int(state.pairs[i]["visible_high"])


@part
def set_visible(state: State, i: int, side: int, count: int) -> None:
    """Set how many messages a side sees."""
    if side == 0:
        state.pairs[i]["visible_low"] = count
    else:
        state.pairs[i]["visible_high"] = count


@part
def label(state: State, i: int, side: int) -> int:
    """The violation in the newest message that reached a side."""
    return int(state.pairs[i]["label_low"]) if side == 0 else int(state.pairs[i]["label_high"])


@part
def set_label(state: State, i: int, side: int, violation: int) -> None:
    """Note the violation in a message that reached a side."""
    if side == 0:
        state.pairs[i]["label_low"] = violation
    else:
        state.pairs[i]["label_high"] = violation


@part
def rehash(state: State) -> None:
    """Fill an empty index with all pairs."""
    mask = len(state.slots) - 1
    for i in range(int(state.control[0]["pairs"])):
        key = int(state.pairs[i]["key"])
        slot = scramble(scramble(key >> 32) ^ (key & 0xFFFFFFFF)) & mask
        while int(state.slots[slot]) >= 0:
            slot = (slot + 1) & mask
        state.slots[slot] = i
