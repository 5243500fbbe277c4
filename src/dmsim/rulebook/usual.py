"""The facts that a table does not name, and the names of those it may.

Two registered adults who do not know each other; the recipient is open to everyone and filters
requests; stickers are offered and the set is added; read status is on; a text is sent. The
exceptions: what ``share_content`` shares is a video; replies, reminders, mailings, sponsored
messages and the end of a case are a brand's, of its care desk or its campaigns; a ``private_reply``
is one to a comment of this minute that the brand has answered publicly; and who reads a comment
does so on a brand's page.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from dmsim.rulebook.values import Value, fields_of, hint
from dmsim.rules.facts import (
    NOTHING_SPECIAL,
    PLAIN,
    UNRELATED,
    Circumstances,
    ContentFacts,
    Facts,
    PairFacts,
    Side,
)
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
_TEXT = PLAIN._replace(set_added=True)
_USUAL = Facts(_ADULT, _ADULT, UNRELATED, _TEXT, NOTHING_SPECIAL, Via.INBOX)


#: What only brands do, and the one path by which they do it.
WAYS = {
    Action.PUBLIC_REPLY: Via.CARE_DESK,
    Action.PRIVATE_REPLY: Via.CARE_DESK,
    Action.RESOLVE: Via.CARE_DESK,
    Action.HAND_OFF: Via.CARE_DESK,
    Action.FOLLOW_UP: Via.CARE_DESK,
    Action.MAILING: Via.CAMPAIGN,
    Action.SPONSORED_MESSAGE: Via.CAMPAIGN,
}


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
    if action in WAYS:
        answered = NOTHING_SPECIAL._replace(publicly_replied=action == Action.PRIVATE_REPLY)
        return _USUAL._replace(sender=_BRAND, circumstances=answered, via=WAYS[action])
    if action == Action.READ_COMMENT:
        return _USUAL._replace(recipient=_BRAND, via=Via.FEED)
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
        facts = with_fact(facts, FACTS[name], value)
    return facts


def with_fact(facts: Facts, fact: Fact, value: Value) -> Facts:
    """Facts with one of them changed."""
    changed: Any = value
    if fact.part:
        changed = getattr(facts, fact.part)._replace(**{fact.field: value})
    return facts._replace(**{fact.part or fact.field: changed})
