"""Facts and policy values as a command line gives them: ``age=15,kind=brand``."""

from collections.abc import Mapping, Sequence
from typing import Any

from dmsim.errors import UsageError
from dmsim.rulebook.usual import BARE, FACTS, PREFIXED, facts_with
from dmsim.rulebook.values import Value, fields_of, hint, parse_text
from dmsim.rules.facts import Facts, Policy
from dmsim.scenario import default_policy
from dmsim.vocabulary import Action, Via

#: What may be told of each part of the facts, by the option that tells it, with what each holds.
#: Whether the sender follows may be told of the sender as well as of the pair.
PARTS: dict[str, dict[str, Any]] = {
    **{
        part: {
            name.removeprefix(f"{part}_"): fact.kind
            for name, fact in FACTS.items()
            if name.startswith(f"{part}_")
        }
        for part in PREFIXED
    },
    **{part: fields_of(shape) for part, shape in BARE.items()},
}


def action_told(text: str) -> Action:
    """The action of ``--action``.

    Raises:
        UsageError: there is none of that name.
    """
    action: Action = _value(f"--action {text}", Action, text)
    return action


def facts_told(action: Action, parts: Mapping[str, Sequence[str]], via: str | None) -> Facts:
    """The usual facts of an action with those changed that the options tell.

    Args:
        action: the action.
        parts: the texts of each part's option, by the part's name in :data:`PARTS`.
        via: the text of ``--via``.

    Raises:
        UsageError: a key or value that is none, with what was meant.
    """
    changes: dict[str, Value] = {}
    for part, texts in parts.items():
        told = _assignments(f"--{part}", texts, PARTS[part])
        prefix = f"{part}_" if part in PREFIXED else ""
        changes |= {prefix + name: value for name, value in told.items()}
    if via is not None:
        changes["via"] = _value(f"--via {via}", Via, via)
    return facts_with(action, changes)


def policy_told(texts: Sequence[str]) -> Policy:
    """The default policy with the values changed that ``--set policy.KEY=VALUE`` tells.

    Raises:
        UsageError: a key or value that is none, with what was meant.
    """
    return default_policy()._replace(**_assignments("--set", texts, fields_of(Policy), "policy."))


def _assignments(
    option: str, texts: Sequence[str], fields: Mapping[str, Any], prefix: str = ""
) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for assignment in (part.strip() for text in texts for part in text.split(",")):
        key, equals, text = (part.strip() for part in assignment.partition("="))
        if not equals:
            example = next(iter(fields))
            raise UsageError(
                f"{option} {assignment}: not key=value; such as {option} {prefix}{example}=…"
            )
        name = key.removeprefix(prefix)
        if name not in fields or not key.startswith(prefix):
            known = [prefix + field for field in fields]
            raise UsageError(f"{option} {assignment}: unknown key; {hint(key, known)}")
        told[name] = _value(f"{option} {assignment}", fields[name], text)
    return told


def _value(place: str, kind: Any, text: str) -> Any:
    try:
        return parse_text(kind, text)
    except ValueError as error:
        raise UsageError(f"{place}: {error}") from None
