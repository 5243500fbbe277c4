"""The rule policy of a scenario: the seed's defaults and what the scenario changes in them."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Annotated, get_type_hints

from pydantic import BeforeValidator

from dmsim.errors import UsageError
from dmsim.paths import data_path
from dmsim.rules.facts import Policy
from dmsim.scenario.fields import fault


def _plain(value: object) -> object:
    if not isinstance(value, int):
        raise ValueError("must be true, false or a whole number")  # noqa: TRY004
    return value


#: A switch or a number of the policy.
PolicyValue = Annotated[bool | int, BeforeValidator(_plain)]

_TYPES = get_type_hints(Policy)


def check_policy(values: Mapping[str, PolicyValue], prefix: str = "") -> None:
    """Refuse keys that :class:`Policy` does not have and values of another type.

    ``prefix`` stands before the keys that errors name.
    """
    for key, value in values.items():
        if key not in _TYPES:
            close = get_close_matches(key, Policy._fields, 1)
            hint = f'did you mean "{close[0]}"?' if close else f"known: {', '.join(Policy._fields)}"
            raise fault(prefix + key, f"unknown key; {hint}", value)
        if _TYPES[key] is bool and not isinstance(value, bool):
            raise fault(prefix + key, "must be true or false", value)
        if _TYPES[key] is int and (isinstance(value, bool) or value < 0):
            raise fault(prefix + key, "must be a whole number, 0 or more", value)


@cache
def default_policy() -> Policy:
    """The policy of ``seeds/policy.toml``.

    Raises:
        UsageError: The file is missing or does not hold exactly the fields of :class:`Policy`.
    """
    path = data_path("seeds") / "policy.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        check_policy(values)
        return Policy(**values)
    except (OSError, ValueError, TypeError) as error:
        remedy = "restore the file as it came with dmsim"
        raise UsageError(f"{path}: not a whole rule policy ({error}); {remedy}") from error
