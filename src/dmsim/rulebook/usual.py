"""The facts that a table does not name, and the names of those it may.

Two registered adults who do not know each other; the recipient is open to everyone and filters
requests; stickers are offered and the set is added; read status is on; a text is sent. The two
exceptions: what ``share_content`` shares is a video, and a ``private_reply`` is a brand's, to a
comment that it has answered publicly.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from dmsim.rulebook.values import Value, fields_of, hint
from dmsim.rules.facts import PLAIN, UNRELATED, Circumstances, ContentFacts, Facts, PairFacts, Side
from dmsim.vocabulary import (
    Action,
    ContentKind,
    Kind,
    Region,
    Setting,
    Standing,
    Via,
)

_ADULT = Side(
    registered=True,
    age=30,
    family_restricted=False,
    standing=Standing.GOOD,
    kind=Kind.PERSON,
    setting=Setting.EVERYONE,
    unsafe=False,
    filter_requests=True,
    allow_business=False,
    region=Region.WITH_STICKERS,
    read_status=True,
)
_BRAND = _ADULT._replace(kind=Kind.BRAND, age=0)
_NOTHING_SPECIAL = Circumstances(
    option_available=True,
    device_banned=False,
    recently_active=False,
    report_open=False,
    publicly_replied=False,
    privately_replied=False,
)
_TEXT = PLAIN._replace(set_added=True)
_USUAL = Facts(_ADULT, _ADULT, UNRELATED, _TEXT, _NOTHING_SPECIAL, Via.INBOX)


class Fact(NamedTuple):
    """Where a named fact stands: the part of the facts, its field there, what it holds."""

    part: str
    field: str
    kind: Any


#: The parts of the facts whose fields a flat name begins with, and those named without.
PREFIXED = {"sender": Side, "recipient": Side, "content": ContentFacts}
BARE = {"pair": PairFacts, "circumstances": Circumstances}

#: Every fact by its flat name, such as ``sender_age`` or ``thread``.
FACTS: dict[str, Fact] = {
    **{
        f"{part}_{field}": Fact(part, field, kind)
        for part, shape in PREFIXED.items()
        for field, kind in fields_of(shape).items()
    },
    **{
        field: Fact(part, field, kind)
        for part, shape in BARE.items()
        for field, kind in fields_of(shape).items()
    },
    "via": Fact("", "via", Via),
}


def fact_named(name: str) -> Fact:
    """Where a fact stands.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in FACTS:
        raise ValueError(f"unknown fact; {hint(name, FACTS)}")
    return FACTS[name]


def usual_facts(action: Action) -> Facts:
    """What is so unless somebody says otherwise."""
    if action == Action.PRIVATE_REPLY:
        answered = _NOTHING_SPECIAL._replace(publicly_replied=True)
        return _USUAL._replace(sender=_BRAND, circumstances=answered, via=Via.CARE_DESK)
    if action == Action.SHARE_CONTENT:
        return _USUAL._replace(content=_TEXT._replace(kind=ContentKind.VIDEO), via=Via.SHARE_SHEET)
    return _USUAL


def facts_with(action: Action, changes: Mapping[str, Value]) -> Facts:
    """The usual facts of an action with some changed.

    Args:
        action: the action.
        changes: values by the flat names of :data:`FACTS`.
    """
    facts = usual_facts(action)
    for name, value in changes.items():
        fact = FACTS[name]
        changed: Any = value
        if fact.part:
            changed = getattr(facts, fact.part)._replace(**{fact.field: value})
        facts = facts._replace(**{fact.part or fact.field: changed})
    return facts
