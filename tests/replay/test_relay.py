"""Several dispatchers over one schedule: each order is kept, whoever holds its two ends."""

import time
from functools import partial

import gevent
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.replay.dispatcher import Dispatcher, Fate
from dmsim.replay.messages import Fated, Settled
from dmsim.replay.relay import Outbox
from dmsim.replay.rows import Rows
from dmsim.replay.shards import deal
from dmsim.replay.timer import new_timer
from tests.replay.conftest import Row
from tests.replay.test_dispatcher import World
from tests.replay.test_schedule import scheduled


class Crew:
    """Dispatchers that replay a schedule together, in this process."""

    def __init__(self, rows: list[Row], world: World, count: int) -> None:
        schedule = scheduled(rows)
        shards = deal(schedule, count)
        self.of = shards.of.tolist()
        self.timers = [new_timer() for _ in range(count)]
        self.outboxes = [Outbox(self._deliver) for _ in range(count)]
        self.rows = [Rows(len(rows)) for _ in range(count)]
        self.dispatchers = [
            Dispatcher(
                schedule,
                world.lane,
                len(rows),
                self.timers[index],
                lambda row: Fate.PENDING,
                self.rows[index],
                share,
                partial(self._announce, index, share.told),
            )
            for index, share in enumerate(map(shards.share, range(count)))
        ]

    def run(self) -> None:
        t0 = time.monotonic_ns()
        greenlets = [gevent.spawn(dispatcher.run, t0) for dispatcher in self.dispatchers]
        gevent.joinall(greenlets, raise_error=True, timeout=20)
        for timer, outbox in zip(self.timers, self.outboxes, strict=True):
            timer.close()
            outbox.close()

    def _announce(self, index: int, told: memoryview, row: int, fate: Fate, when: int) -> None:
        cause = self.dispatchers[index].cause.get(row, row)
        self.outboxes[index].add(Fated(row, int(fate), when, cause), told[row])

    def _deliver(self, settled: Settled) -> None:
        for fated in settled.fates:
            self.dispatchers[settled.to].settled_elsewhere(
                fated.row, Fate(fated.fate), fated.when, fated.cause
            )

    def fates(self) -> list[Fate]:
        return [Fate(self.rows[index].fates[row]) for row, index in enumerate(self.of)]

    def causes(self) -> dict[int, int]:
        return {row: cause for rows in self.rows for row, cause in rows.notes.causes.items()}

    def ready(self, row: int) -> int:
        return int(self.rows[self.of[row]].ready[row])


#: Pairs of accounts that weigh the same, so two processes hold them in turn.
PAIRS = ((0, 1), (2, 3))


def chain(length: int) -> list[Row]:
    """Each action of another pair than the one it comes after."""
    return [
        {"actor": PAIRS[n % 2][0], "target": PAIRS[n % 2][1], "after": [n - 1] if n else []}
        for n in range(length)
    ]


def test_an_action_begins_when_its_prerequisite_elsewhere_is_done() -> None:
    world = World({0: 0.05, 1: 0.05})
    crew = Crew(chain(4), world, 2)
    assert crew.of == [0, 1, 0, 1]
    crew.run()
    assert world.started == world.ended == [0, 1, 2, 3]
    assert crew.fates() == [Fate.ANSWERED] * 4
    assert crew.ready(2) - crew.ready(0) >= 95_000_000


def test_what_is_skipped_elsewhere_names_the_failure_that_began_the_chain() -> None:
    crew = Crew(chain(5), World({}, failing=(1,)), 2)
    crew.run()
    assert crew.fates() == [Fate.ANSWERED, Fate.ERROR, *[Fate.SKIPPED] * 3]
    assert crew.causes() == {2: 1, 3: 1, 4: 1}


@st.composite
def schedules(draw: st.DrawFn) -> list[Row]:
    size = draw(st.integers(1, 25))
    return [
        {
            "actor": draw(st.integers(0, 5)),
            "target": draw(st.integers(0, 5)),
            "at": draw(st.integers(0, 3)) if n == 0 else 3,
            "after": sorted(draw(st.sets(st.integers(0, n - 1), max_size=3))) if n else [],
        }
        for n in range(size)
    ]


@settings(max_examples=40, deadline=None)
@given(schedules(), st.sets(st.integers(0, 24), max_size=3), st.integers(2, 4))
def test_together_they_do_what_one_would_do_alone(
    rows: list[Row], failing: set[int], count: int
) -> None:
    alone, together = (Crew(rows, World({}, tuple(failing)), n) for n in (1, count))
    alone.run()
    together.run()
    assert together.fates() == alone.fates()
    # Of two failures that keep an action from being sent, either may come first.
    assert set(together.causes()) == set(alone.causes())
    assert all(together.fates()[cause] == Fate.ERROR for cause in together.causes().values())
