"""How a schedule is dealt out: whole conversations, evenly, alike everywhere."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.replay.shards import deal, whole
from tests.replay.conftest import Row
from tests.replay.test_schedule import scheduled

ACCOUNTS = st.integers(0, 30) | st.integers(0, 3)
PAIRS = st.lists(st.tuples(ACCOUNTS, ACCOUNTS), min_size=1, max_size=60)


def between(pairs: list[tuple[int, int]]) -> list[Row]:
    """One action a pair, each after the one before it."""
    return [
        {"actor": actor, "target": target, "after": [n - 1] if n else []}
        for n, (actor, target) in enumerate(pairs)
    ]


@settings(max_examples=60)
@given(PAIRS, st.integers(1, 7))
def test_every_action_is_somebodys_and_a_pair_stays_whole(
    pairs: list[tuple[int, int]], count: int
) -> None:
    shards = deal(scheduled(between(pairs)), count)
    shares = [shards.share(index) for index in range(count)]
    assert sorted(np.concatenate([share.rows for share in shares]).tolist()) == list(
        range(len(pairs))
    )
    holders: dict[tuple[int, ...], int] = {}
    for pair, index in zip(pairs, shards.of.tolist(), strict=True):
        assert holders.setdefault(tuple(sorted(pair)), index) == index


@settings(max_examples=60)
@given(PAIRS, st.integers(1, 7))
def test_every_order_between_two_processes_is_told_to_the_other(
    pairs: list[tuple[int, int]], count: int
) -> None:
    shards = deal(scheduled(between(pairs)), count)
    shares = [shards.share(index) for index in range(count)]
    for row in range(1, len(pairs)):
        before, after = int(shards.of[row - 1]), int(shards.of[row])
        told = shares[before].told[row - 1]
        assert told == (1 << after if before != after else 0)


def test_shares_are_even_where_nobody_is_too_busy() -> None:
    rng = np.random.default_rng(1)
    pairs = [tuple(pair) for pair in rng.integers(0, 500, (4000, 2)).tolist()]
    shards = deal(scheduled(between(pairs)), 4)
    parts = [shards.part(index) for index in range(4)]
    assert max(parts) - min(parts) < 0.01
    assert sum(parts) == 1


def test_one_account_in_everything_does_not_end_up_on_one_process() -> None:
    pairs = [(7, other) for other in range(8, 108)] * 3
    parts = [deal(scheduled(between(pairs)), 3).part(index) for index in range(3)]
    assert max(parts) < 0.4


def test_conversations_follow_their_busier_account() -> None:
    """So what hangs on an account, such as a penalty, mostly stays in one process."""
    pairs = [(hub, 10 * hub + n) for hub in (1, 2, 3, 4) for n in range(10)]
    shards = deal(scheduled(between(pairs)), 2)
    for hub in (1, 2, 3, 4):
        rows = [n for n, (actor, _) in enumerate(pairs) if actor == hub]
        assert len(set(shards.of[rows].tolist())) == 1


def test_two_dealings_agree_only_about_the_same_schedule() -> None:
    pairs = [(n % 5, n % 7 + 5) for n in range(40)]
    one = deal(scheduled(between(pairs)), 2)
    assert one.digest() == deal(scheduled(between(pairs)), 2).digest()
    assert one.digest() != deal(scheduled(between(pairs)), 3).digest()
    assert one.digest() != deal(scheduled(between(pairs[:-1])), 2).digest()


def test_a_process_alone_holds_everything_and_tells_nobody() -> None:
    share = whole(4)
    assert (share.rows.tolist(), share.ours, share.told.tolist()) == (
        [0, 1, 2, 3],
        b"\1\1\1\1",
        [0, 0, 0, 0],
    )
