"""What actions change of what others rest on: the table of races, held against the backend."""

from pathlib import Path
from typing import Any, cast

import pytest

from dmsim.adapters.base import ActionRow, Outcome
from dmsim.rulebook.mirror import Mirror, mirror_of
from dmsim.rulebook.steps import steps
from dmsim.rules.facts import PLAIN, Facts
from dmsim.rules.races import CHANGES
from dmsim.server.decisions import Decisions
from dmsim.server.facts import gather
from dmsim.server.state.world import World
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action, Setting, Via
from tests.worlds import everything

#: Between them they ask for every fact of two accounts and of a comment.
PROBES = (
    Action.SEND_MESSAGE, Action.CHECK_PRESENCE, Action.REGISTER, Action.STAFF_ACCESS,
    Action.PRIVATE_REPLY, Action.MAILING,
)  # fmt: skip


class Watched:
    """A mirror that notes which facts its actions change."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self.changed: dict[Action, set[str]] = {}

    @property
    def world(self) -> World:
        return self._mirror.world

    def do(self, row: ActionRow, bound: bytes) -> tuple[Outcome, Facts | None]:
        named = int(bound or row.uses)
        before = self._look(row, named)
        answer = self._mirror.do(row, bound)
        after = self._look(row, named)
        fields = {
            field
            for one, other in zip(before, after, strict=True)
            for part, changed in zip(one[:5], other[:5], strict=True)
            for field in part._fields
            if getattr(part, field) != getattr(changed, field)
        }
        self.changed.setdefault(Action(row.action), set()).update(fields)
        return answer

    def _look(self, row: ActionRow, comment: int) -> list[Any]:
        """The facts of both, as each of them would be decided on now."""
        peer = row.target if row.target >= 0 else int(row.actor == 0)
        found = []
        for actor, target in ((row.actor, peer), (peer, row.actor)):
            for action in PROBES:
                of_comment = self.world.comments.get(comment)
                facts = gather(
                    self.world, Decisions(), self._mirror.policy, row.at, action, actor, target,
                    PLAIN, Via.INBOX, Setting.EVERYONE,
                    of_comment if action == Action.PRIVATE_REPLY else None,
                )  # fmt: skip
                found.append(facts)
        return found


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> dict[Action, set[str]]:
    folder: Path = tmp_path_factory.mktemp("races")
    trace = Trace.open(simulate(everything(), folder / "trace").path)
    with mirror_of(trace) as mirror:
        watched = Watched(mirror)
        for _ in steps(trace, cast(Mirror, watched)):
            pass
    return watched.changed


#: What changes with the time of the request itself.
_BY_TIME = {"comment_minutes"}


def test_no_action_changes_more_than_the_table_of_races_says(
    changed: dict[Action, set[str]],
) -> None:
    more = {
        action.name: fields - CHANGES.get(action, frozenset()) - _BY_TIME
        for action, fields in changed.items()
        if fields - CHANGES.get(action, frozenset()) - _BY_TIME
    }
    assert more == {}


def test_every_fact_of_the_table_is_seen_to_change(changed: dict[Action, set[str]]) -> None:
    seen = {field for fields in changed.values() for field in fields}
    # What is shared or used is no fact of the accounts.
    assert set().union(*CHANGES.values()) - seen == {"private", "set_added"}
