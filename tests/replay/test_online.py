"""Who is online when."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from dmsim.replay.online import SESSION_GAP_US, Online, online_of
from tests.replay.test_schedule import scheduled

MINUTE = 60_000_000


def sessions(online: Online) -> list[tuple[int, int, int]]:
    """Account, begin and end in ns."""
    return list(zip(*(c.tolist() for c in (online.account, online.begin, online.end)), strict=True))


def acts(*actions: tuple[int, int], speed: float = 1.0) -> Online:
    """Actions of actors at times."""
    rows = [{"actor": actor, "at": at} for actor, at in sorted(actions, key=lambda a: a[1])]
    return online_of(scheduled(rows, speed=speed))


def test_somebody_is_online_from_the_first_to_the_last_action_of_a_session() -> None:
    online = acts((5, 0), (5, MINUTE), (5, 7 * MINUTE), (5, 8 * MINUTE), (5, 20 * MINUTE))
    minute = 1000 * MINUTE
    # The last action stands alone.
    assert sessions(online) == [(5, 0, minute), (5, 7 * minute, 8 * minute)]


def test_a_gap_that_is_just_short_enough_ends_no_session() -> None:
    assert len(acts((5, 0), (5, SESSION_GAP_US), (5, 2 * SESSION_GAP_US))) == 1
    assert len(acts((5, 0), (5, SESSION_GAP_US + 1))) == 0


def test_sessions_are_as_fast_as_the_replay_but_cut_by_the_time_of_the_trace() -> None:
    online = acts((5, 0), (5, MINUTE), (5, 7 * MINUTE), (5, 8 * MINUTE), speed=60)
    assert sessions(online) == [(5, 0, 10**9), (5, 7 * 10**9, 8 * 10**9)]


def test_staff_is_never_online() -> None:
    rows = [{"actor": actor, "at": at} for at in (0, 1000) for actor in (1, 2)]
    assert sessions(online_of(scheduled(rows), [2])) == [(1, 0, 10**6)]
    assert sessions(online_of(scheduled(rows), [1, 2])) == []
    assert sessions(online_of(scheduled([]))) == []


def test_all_sessions_of_an_account_are_held_by_one_process() -> None:
    odd = 7 * MINUTE + 1
    online = acts((5, 0), (5, 10), (5, odd), (5, odd + 10), speed=1000)
    assert [len(online.part(index, 2)) for index in range(2)] == [0, 2]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 90 * MINUTE)), max_size=60),
       st.integers(1, 4))  # fmt: skip
def test_each_session_is_held_by_one_process_and_an_account_by_the_same(
    actions: list[tuple[int, int]], count: int
) -> None:
    online = acts(*actions)
    begins = [begin for _, begin, _ in sessions(online)]
    assert begins == sorted(begins)
    parts = [sessions(online.part(index, count)) for index in range(count)]
    assert sorted(one for part in parts for one in part) == sorted(sessions(online))
    holders = defaultdict(set)
    for index, part in enumerate(parts):
        for account, _, _ in part:
            holders[account].add(index)
    assert all(len(held_by) == 1 for held_by in holders.values())
    ends: dict[int, int] = {}
    for account, begin, end in sessions(online):
        assert end > begin
        assert begin > ends.get(account, -1)
        ends[account] = end
