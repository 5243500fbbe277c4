"""How busy a replaying process keeps its core: one figure per second of the run."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import gevent
import numpy as np

from dmsim.replay.result import Generator

#: So many seconds in a row must be busy: a burst of one second is caught up with.
BUSIEST_S = 5

_NS_PER_S = 1_000_000_000


@contextmanager
def sampled_core(shares: list[float]) -> Iterator[None]:
    """Append to ``shares``, for every second inside, the share of a core that this process used.

    The last second may be incomplete; it counts as a whole one in which the rest was idle.
    """
    sampler = _Sampler(shares)
    greenlet = gevent.spawn(sampler.run)
    try:
        yield
    finally:
        greenlet.kill()
        sampler.sample()


class _Sampler:
    def __init__(self, shares: list[float]) -> None:
        self._shares = shares
        self._wall, self._cpu = time.monotonic_ns(), time.process_time_ns()

    def run(self) -> None:
        while True:
            gevent.sleep(1)
            self.sample()

    def sample(self) -> None:
        wall, cpu = time.monotonic_ns(), time.process_time_ns()
        # A greenlet that is woken late has seen more than a second.
        passed = max(wall - self._wall, _NS_PER_S)
        self._shares.append(round((cpu - self._cpu) / passed, 4))
        self._wall, self._cpu = wall, cpu


def busiest(shares: Sequence[float]) -> float:
    """The mean share over the busiest five seconds in a row.

    What was not run through counts as idle, so a run of less than four seconds cannot be found to
    saturate a core by this alone: it is its lateness that tells.
    """
    padded = np.concatenate((shares, np.zeros(BUSIEST_S - 1)))
    sums = np.convolve(padded, np.ones(BUSIEST_S))[BUSIEST_S - 1 : len(padded)]
    return min(1.0, float(sums.max(initial=0.0)) / BUSIEST_S)


def generator(shares: Sequence[float], budget: float) -> Generator | None:
    """The figures of one replaying process; None if it ran through no time at all."""
    if not len(shares):
        return None
    p50, p95 = np.percentile(shares, (50, 95)).tolist()
    return Generator(
        core_p50=round(p50, 4),
        core_p95=round(p95, 4),
        core_max=max(shares),
        core_busiest=round(busiest(shares), 4),
        seconds_over_budget=sum(share > budget for share in shares),
    )
