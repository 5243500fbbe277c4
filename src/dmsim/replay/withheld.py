"""Which actions are not sent, because the adapter cannot express them or they are left out."""

from collections.abc import Collection

import numpy as np

from dmsim.adapters.base import Adapter
from dmsim.replay.schedule import Ints, Schedule, not_sent_because_of
from dmsim.vocabulary import Action


def withheld_because_of(schedule: Schedule, adapter: Adapter, left_out: Collection[Action]) -> Ints:
    """For each row the one that is left out or cannot be expressed and without which it stays out.

    That is the row itself, or the one that creates what it names; -1 where nothing is in the way.
    """
    chosen = not_sent_because_of(schedule, left_out)
    return np.where(chosen >= 0, chosen, unsupported_because_of(schedule, adapter))


def unsupported_because_of(schedule: Schedule, adapter: Adapter) -> Ints:
    """For each row the one that cannot be expressed and without which it stays out; -1 for none."""
    lacking = [action for action in Action if not adapter.supports(action)]
    return not_sent_because_of(schedule, lacking)
