"""The backend at work: its world, its store, its clock, its policy and the rules it asks."""

import msgspec

from dmsim.rules.facts import Policy
from dmsim.server.changes import Changes
from dmsim.server.clock import Clock
from dmsim.server.decisions import Decisions
from dmsim.server.state.world import World
from dmsim.server.store import Store


class Service:
    """What every action works on.

    Args:
        store: the open store; the world is rebuilt from it.
        decisions: the rules to ask.
        clock_master: the master token, if requests may tell the time.
    """

    def __init__(self, store: Store, decisions: Decisions, clock_master: str | None) -> None:
        self.store = store
        self.decisions = decisions
        self.world, notes = store.load()
        self.digest = notes.get("digest")
        self.clock = Clock(int(notes.get("clock", 0)), clock_master)
        self._policy = Policy(**msgspec.json.decode(notes["policy"])) if "policy" in notes else None

    @property
    def changes(self) -> Changes:
        """Where to note what has to become durable."""
        return self.store.changes

    @property
    def is_ready(self) -> bool:
        """Whether provisioning has ended."""
        return self._policy is not None

    @property
    def policy(self) -> Policy:
        """The numbers and switches of the rules; only a ready backend has them."""
        assert self._policy is not None
        return self._policy

    def empty(self) -> None:
        """Begin anew: no accounts, no policy, not ready."""
        self.store.empty()
        self.world = World()
        self.digest = None
        self._policy = None

    def make_ready(self, digest: str, policy: Policy, now: int) -> None:
        """End provisioning: from now on actions are judged under ``policy``."""
        self.digest, self._policy = digest, policy
        self.clock.set(now)
        self.changes.meta["digest"] = digest
        self.changes.meta["policy"] = msgspec.json.encode(policy._asdict()).decode()
        self.changes.meta["clock"] = str(self.clock.offset)
