"""The rule policy of a scenario: the seed's defaults and what the scenario changes in them."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal, get_type_hints

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


def _written(value: object) -> object:
    # On a command line, 2016 is a number.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


#: Which private-reply interface holds: that of ``seeds/profile-2016.toml``, or today's (R138).
Profile = Annotated[Literal["2016", "current"], BeforeValidator(_written)]

_TYPES = get_type_hints(Policy)
#: Far more than any age, number of messages or hours, and far less than clocks hold.
_LARGEST = 1_000_000
#: Numbers of which the first must not exceed the second.
_IN_ORDER = (
    ("dm_ban_hours_least", "dm_ban_hours_most"),
    ("view_only_hours_least", "view_only_hours_most"),
    ("family_age_from", "family_age_until"),
)


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
        if _TYPES[key] is int and (isinstance(value, bool) or not 0 <= value <= _LARGEST):
            raise fault(prefix + key, f"must be a whole number from 0 to {_LARGEST}", value)


def changed_policy(
    changes: Mapping[str, PolicyValue], prefix: str = "", profile: Profile = "current"
) -> Policy:
    """The policy of a profile with some changes that :func:`check_policy` has let through.

    Raises:
        PydanticCustomError: Numbers that belong together contradict each other.
    """
    values: dict[str, Any] = {**profile_policy(profile)._asdict(), **changes}
    for low, high in _IN_ORDER:
        if values[low] > values[high]:
            key, text = (
                (low, f"must not be more than {high} = {values[high]}; lower it")
                if low in changes
                else (high, f"must not be less than {low} = {values[low]}; raise it")
            )
            raise fault(prefix + key, text, values[key])
    return Policy(**values)


def default_policy() -> Policy:
    """The policy of ``seeds/policy.toml``.

    Raises:
        UsageError: The file is missing or does not hold exactly the fields of :class:`Policy`.
    """
    return profile_policy("current")


@cache
def profile_policy(profile: Profile) -> Policy:
    """The default policy, changed by a profile's file unless it is today's.

    Raises:
        UsageError: A file is missing, or does not hold what it should.
    """
    values: dict[str, Any] = _read("policy.toml")
    if profile != "current":
        values |= _read(f"profile-{profile}.toml")
    try:
        return Policy(**values)
    except TypeError as error:
        path = data_path("seeds") / "policy.toml"
        remedy = "restore the file as it came with dmsim"
        raise UsageError(f"{path}: not a whole rule policy ({error}); {remedy}") from error


def _read(name: str) -> dict[str, Any]:
    path = data_path("seeds") / name
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        check_policy(values)
    except (OSError, ValueError) as error:
        remedy = "restore the file as it came with dmsim"
        raise UsageError(f"{path}: not a rule policy ({error}); {remedy}") from error
    return values
