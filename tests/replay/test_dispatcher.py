"""Who is sent when, what waits, what is dropped and what is skipped."""

import time
from collections.abc import Callable

import gevent
import pytest

from dmsim.replay.dispatcher import Dispatcher, Fate
from dmsim.replay.rows import Rows
from dmsim.replay.shards import whole
from dmsim.replay.timer import new_timer
from tests.replay.conftest import Row
from tests.replay.test_schedule import scheduled

Takes = dict[int, float]


class World:
    """Lanes that take as long as they are told, and fail where they are told."""

    def __init__(self, takes: Takes, failing: tuple[int, ...] = ()) -> None:
        self.takes = takes
        self.failing = failing
        self.started: list[int] = []
        self.ended: list[int] = []

    def lane(self) -> "World":
        return self

    def perform(self, row: int) -> Fate:
        self.started.append(row)
        gevent.sleep(self.takes.get(row, 0.0))
        self.ended.append(row)
        return Fate.ERROR if row in self.failing else Fate.ANSWERED

    def close(self) -> None:
        pass


def dispatched(
    rows: list[Row],
    world: World,
    cap: int = 8,
    withheld: Callable[[int], Fate] = lambda row: Fate.PENDING,
) -> Dispatcher:
    timer = new_timer()
    schedule = scheduled(rows)
    share = whole(len(schedule))
    recorded = Rows(len(schedule))
    dispatcher = Dispatcher(schedule, world.lane, cap, timer, withheld, recorded, share)
    dispatcher.run(time.monotonic_ns())
    timer.close()
    return dispatcher


def fates(dispatcher: Dispatcher) -> list[str]:
    return [Fate(code).name.lower() for code in dispatcher.fates]


def test_an_action_begins_when_the_last_of_two_slow_prerequisites_is_done() -> None:
    rows: list[Row] = [{}, {}, {"after": [0, 1]}]
    world = World({0: 0.08, 1: 0.03})
    dispatcher = dispatched(rows, world)
    assert world.ended == [1, 0, 2]
    assert world.started == [0, 1, 2]
    intended = dispatcher.ready[0]
    assert dispatcher.ready[2] - intended >= 75_000_000


def test_the_next_action_does_not_wait_for_a_slow_one() -> None:
    world = World({0: 0.1})
    dispatched([{}, {"at": 20_000}], world)
    assert world.ended == [1, 0]


def test_without_a_free_lane_an_action_is_dropped_and_its_dependents_are_skipped() -> None:
    rows: list[Row] = [{}, {}, {"after": [1]}, {"after": [2], "at": 300_000}, {"at": 300_000}]
    dispatcher = dispatched(rows, World({0: 0.1}), cap=1)
    assert fates(dispatcher) == ["answered", "dropped", "skipped", "skipped", "answered"]
    assert dispatcher.cause == {2: 1, 3: 1}


def test_a_long_chain_behind_a_failure_is_skipped_and_names_the_failure() -> None:
    rows: list[Row] = [{"at": n, "after": [n - 1] if n else []} for n in range(3000)]
    dispatcher = dispatched(rows, World({0: 0.05}, failing=(0,)))
    assert fates(dispatcher) == ["error"] + ["skipped"] * 2999
    assert set(dispatcher.cause.values()) == {0}


def test_what_cannot_be_expressed_does_not_hold_up_what_follows() -> None:
    rows: list[Row] = [{"at": n, "after": [n - 1] if n else []} for n in range(3000)]

    def unsupported_but_last(row: int) -> Fate:
        return Fate.PENDING if row == 2999 else Fate.UNSUPPORTED

    dispatcher = dispatched(rows, World({}), withheld=unsupported_but_last)
    assert fates(dispatcher) == ["unsupported"] * 2999 + ["answered"]


def test_a_stopped_run_keeps_what_has_finished() -> None:
    rows: list[Row] = [{}, {"at": 60_000_000}]
    timer = new_timer()
    dispatcher = Dispatcher(
        scheduled(rows), World({}).lane, 8, timer, lambda row: Fate.PENDING, Rows(2), whole(2)
    )
    gevent.spawn_later(0.05, dispatcher.stop, "enough")
    dispatcher.run(time.monotonic_ns())
    timer.close()
    assert fates(dispatcher) == ["answered", "pending"]
    assert dispatcher.stopped == "enough"


def test_an_error_of_ours_ends_the_run_and_is_raised() -> None:
    class Broken(World):
        def perform(self, row: int) -> Fate:
            raise KeyError("text 7")

    timer = new_timer()
    dispatcher = Dispatcher(
        scheduled([{}, {}]), Broken({}).lane, 8, timer, lambda row: Fate.PENDING, Rows(2), whole(2)
    )
    with pytest.raises(KeyError, match="text 7"):
        dispatcher.run(time.monotonic_ns())
    timer.close()
    assert dispatcher.stopped == "internal error: KeyError: 'text 7'"


def test_nothing_to_send_ends_at_once() -> None:
    assert fates(dispatched([], World({}))) == []
