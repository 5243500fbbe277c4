"""How the intended times of a schedule are moved: arithmetic on arrays of nanoseconds."""

import numpy as np
import numpy.typing as npt

from dmsim.replay.schedule import Ints

_NS_PER_S = 1_000_000_000


def ramped(intended: Ints, ramp: int) -> Ints:
    """Let the load rise linearly from nothing to its own over the first ``ramp`` ns.

    The axis of time is warped: at ``u`` of the replay the schedule has come to ``u² / (2 ramp)``,
    and from ``ramp`` on it is half of ``ramp`` behind. So no action is lost.

    Args:
        intended: times from T0, ascending.
        ramp: how long the load rises, 0 for not at all.
    """
    if not ramp:
        return intended
    rising = np.rint(np.sqrt(2.0 * ramp * np.minimum(intended, ramp))).astype(np.int64)
    return np.where(2 * intended <= ramp, rising, intended + ramp // 2)


def at_most(intended: Ints, per_second: int, offered: npt.NDArray[np.bool_]) -> Ints:
    """Move times back, each as little as possible, until any second has at most so many.

    Neighbours are then at least a ``per_second``-th of a second apart. A row that is not offered
    counts for nothing and only keeps its place in the order.

    Args:
        intended: times from T0, ascending.
        per_second: how many may be offered in a second.
        offered: which rows are.
    """
    count = int(np.count_nonzero(offered))
    # In whole numbers: a gap that is rounded would drift over millions of rows.
    spaced = -(np.arange(count, dtype=np.int64) * -_NS_PER_S // per_second)
    moved = intended.copy()
    moved[offered] = spaced + np.maximum.accumulate(intended[offered] - spaced)
    return np.maximum.accumulate(moved)
