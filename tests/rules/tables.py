"""The requirement tables as facts and verdicts."""

import tomllib
from enum import IntEnum
from pathlib import Path
from typing import Any

from dmsim.rules.facts import CommentFacts, DeliveryFacts, Policy
from dmsim.scenario import default_policy
from dmsim.vocabulary import Kind, Setting, Thread

FOLDER = Path(__file__).parents[1] / "requirements"

STRANGERS = DeliveryFacts(
    sender_registered=True,
    sender_age=30,
    sender_kind=Kind.PERSON,
    sender_setting=Setting.EVERYONE,
    recipient_registered=True,
    recipient_age=30,
    recipient_kind=Kind.PERSON,
    recipient_setting=Setting.EVERYONE,
    sender_follows=False,
    recipient_follows=False,
    contact_synced=False,
    sender_blocks=False,
    recipient_blocks=False,
    thread=Thread.NONE,
)
PAGE_AND_PERSON = STRANGERS._replace(sender_kind=Kind.BRAND, sender_age=0)
ANSWERED = CommentFacts(publicly_replied=True, privately_replied=False)

_ENUMS: dict[str, type[IntEnum]] = {
    "sender_kind": Kind,
    "recipient_kind": Kind,
    "sender_setting": Setting,
    "recipient_setting": Setting,
    "thread": Thread,
}


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a table by file name."""
    table: list[dict[str, Any]] = tomllib.loads((FOLDER / name).read_text())["row"]
    return table


def facts(row: dict[str, Any], usual: DeliveryFacts = STRANGERS) -> DeliveryFacts:
    """The usual facts with the row's changes."""
    changes: dict[str, Any] = {
        key: _ENUMS[key][value.upper()] if key in _ENUMS else value
        for key, value in row.get("facts", {}).items()
    }
    return usual._replace(**changes)


def policy(row: dict[str, Any]) -> Policy:
    """The default policy with the row's changes."""
    return default_policy()._replace(**row.get("policy", {}))
