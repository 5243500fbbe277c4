"""What an actor is about to do."""

from typing import NamedTuple

from dmsim.engine.compiled import part
from dmsim.vocabulary import Action, ContentKind, Topic, Via, Violation


class Intention(NamedTuple):
    """An action with all it names; fields without meaning for the action are -1.

    ``violation`` and ``detected`` label what is written; of a moderator, ``violation`` is what was
    found and ``until`` the end of the penalty. ``topic`` is what a comment is about.
    """

    action: Action | int
    target: int
    uses: int
    setting: int
    content: ContentKind | int
    switch: int
    violation: Violation | int
    detected: int
    until: int
    via: Via | int
    topic: Topic | int


NOTHING = Intention(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1)


@part
def intend(
    action: Action | int,
    via: Via | int,
    target: int = -1,
    uses: int = -1,
    setting: int = -1,
    content: ContentKind | int = -1,
    switch: int = -1,
    violation: Violation | int = -1,
    detected: int = -1,
    until: int = -1,
    topic: Topic | int = -1,
) -> Intention:
    """An intention whose fields are all of one width: adding 0 widens what was read narrow."""
    return Intention(
        action + 0,
        target + 0,
        uses + 0,
        setting + 0,
        content + 0,
        switch + 0,
        violation + 0,
        detected + 0,
        until + 0,
        via + 0,
        topic + 0,
    )
