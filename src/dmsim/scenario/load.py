"""From a file or a name to a checked scenario."""

import re
import tomllib
from collections.abc import Sequence
from datetime import date, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dmsim.errors import UsageError
from dmsim.paths import data_path
from dmsim.scenario import complaint, lines
from dmsim.scenario.fields import FOLDER
from dmsim.scenario.model import Scenario

Document = dict[str, Any]

_KEY = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_TOML_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


def scenario_names() -> list[str]:
    """The names of the scenarios that come with dmsim, in alphabetical order."""
    return sorted(path.stem for path in data_path("scenarios").glob("*.toml"))


def find_scenario(name_or_path: str) -> Path:
    """The file of a scenario: one that comes with dmsim by its name, or any by its path.

    Raises:
        UsageError: There is no such scenario.
    """
    known = scenario_names()
    if name_or_path in known:
        return data_path("scenarios") / f"{name_or_path}.toml"
    path = Path(name_or_path)
    try:
        if path.is_dir():
            raise UsageError(f"{path}: a folder, not a scenario; give the .toml file in it")
        if path.exists():
            return path
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; check the path") from error
    if path.suffix == ".toml" and path.parent != Path():
        remedy = f"check the path, or use a name: {', '.join(known)}"
        raise UsageError(f"{path}: no such file; {remedy}")
    close = get_close_matches(name_or_path.removesuffix(".toml"), known, 1)
    hint = f'did you mean "{close[0]}"? ' if close else ""
    raise UsageError(
        f'no scenario "{_flat(name_or_path)}"; {hint}known: {", ".join(known)}; or give a path'
    )


def load_scenario(
    name_or_path: str,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    policy: Path | None = None,
    varied: Sequence[str] = (),
) -> Scenario:
    """Read, change and check a scenario.

    What is told twice is settled in this order: ``varied``, ``overrides``, the policy file, the
    scenario's own table ``[policy]``, ``seeds/policy.toml``.

    Args:
        name_or_path: A scenario that comes with dmsim, by name, or the path of a TOML file.
        seed: Replaces the scenario's seed.
        overrides: Changes such as ``"population.persons=2M"``: a dotted key (numbers count the
            entries of a list) and a TOML value, which may also be bare text. The last one wins.
        policy: A TOML file with keys of ``seeds/policy.toml``: the rules of another service.
        varied: Changes in the same form, which errors call ``--vary``.

    Raises:
        UsageError: In one line, what cannot be used, where it stands and what to do.
    """
    path = find_scenario(name_or_path)
    text = _read(path)
    document = _parse(path, text)
    changed: dict[lines.Path, str] = {}
    rules = _with_policy(document, policy) if policy else {}
    for option, override in _with_options(overrides, varied):
        key = _apply(document, override, option)
        changed[key] = f"{option} {_flat(override)}"
        rules = {rule: place for rule, place in rules.items() if rule[: len(key)] != key}
    if seed is not None:
        document["seed"] = seed
        changed["seed",] = f"--seed {seed}"
    try:
        return Scenario.model_validate(document, context={FOLDER: str(path.parent)})
    except ValidationError as error:
        numbers = lines.key_lines(text)
        told = complaint.one_line(
            error, lambda key: rules.get(key) or _place(path, key, numbers, changed)
        )
        raise UsageError(told) from error


def change_scenario(scenario: Scenario, varied: Sequence[str]) -> Scenario:
    """A scenario with changes such as ``"care.teams.beauty.agents=4"``.

    Raises:
        UsageError: As of :func:`load_scenario`.
    """
    document = scenario.to_dict()
    changed = {_apply(document, change, "--vary"): f"--vary {_flat(change)}" for change in varied}
    own = Path(f"scenario {scenario.name}")
    try:
        return Scenario.model_validate(document)
    except ValidationError as error:
        told = complaint.one_line(error, lambda key: _place(own, key, {}, changed))
        raise UsageError(told) from error


def _with_options(overrides: Sequence[str], varied: Sequence[str]) -> list[tuple[str, str]]:
    """Changes in their order, each with the option that a user knows it by."""
    return [*(("--set", told) for told in overrides), *(("--vary", told) for told in varied)]


def _with_policy(document: Document, path: Path) -> dict[lines.Path, str]:
    """Put the rules of a file over the scenario's own; where each of their keys stands."""
    text = _read(path)
    rules = _parse(path, text)
    inside: lines.Path = ()
    if "actions" in rules and isinstance(rules.get("policy"), dict):
        # An adapter, which brings the policy of its service.
        inside, rules = ("policy",), rules["policy"]
    numbers = lines.key_lines(text)
    places: dict[lines.Path, str] = {
        ("policy", key): _place(path, (*inside, key), numbers, {}) for key in rules
    }
    for key, value in rules.items():
        if isinstance(value, dict | list):
            remedy = "write the keys of seeds/policy.toml, one on a line, without tables"
            raise UsageError(f"{places['policy', key]}: {key}: not a rule; {remedy}")
    own = document.setdefault("policy", {})
    if isinstance(own, dict):
        own.update(rules)
    return places


def _place(
    path: Path, key: lines.Path, numbers: dict[lines.Path, int], changed: dict[lines.Path, str]
) -> str:
    for changed_key, origin in changed.items():
        if key[: len(changed_key)] == changed_key or changed_key[: len(key)] == key != ():
            return origin
    line = lines.line_of(numbers, key)
    return f"{path}:{line}" if line else str(path)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{path}: cannot be read ({reason}); check the file") from error


def _parse(path: Path, text: str) -> Document:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = str(error)
        found = _TOML_LINE.search(reason)
        line = f":{found[1]}" if found else ""
        reason = _TOML_LINE.sub("", reason)
        raise UsageError(f"{path}{line}: not valid TOML: {reason}; mend that line") from error
    except ValueError as error:
        # Python reads no integer of thousands of digits.
        raise UsageError(f"{path}: holds a number of too many digits; shorten it") from error


def _apply(document: Document, override: str, option: str) -> lines.Path:
    """Change the document as one override says; the key it changed."""
    dotted, equals, text = override.partition("=")
    dotted = dotted.strip()
    if not equals or not _KEY.fullmatch(dotted):
        example = f"write {option} key.path=value, such as {option} population.persons=2M"
        raise UsageError(f"{option} {complaint.literal(override)}: not key=value; {example}")
    *parents, last = dotted.split(".")
    key: list[str | int] = []
    holder: Any = document
    for part in parents:
        index = _index(holder, part, f"{option} {_flat(override)}")
        key.append(index)
        holder = holder.setdefault(part, {}) if isinstance(holder, dict) else holder[int(index)]
    index = _index(holder, last, f"{option} {_flat(override)}")
    holder[index] = _value(text.strip())
    return (*key, index)


def _index(holder: Any, part: str, told: str) -> str | int:
    if isinstance(holder, dict):
        return part
    if not isinstance(holder, list):
        raise UsageError(f"{told}: {part} cannot be set inside a plain value; check the key")
    if not part.isdecimal() or int(part) >= len(holder):
        entries = f"the list has entries 0 to {len(holder) - 1}" if holder else "the list is empty"
        raise UsageError(f"{told}: no entry {part}; {entries}")
    return int(part)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _value(text: str) -> Any:
    """A TOML value, or the text itself where it is none (``2M``, ``24h``, ``fri 13:00``)."""
    try:
        document = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    value = document["value"]
    return text if len(document) > 1 or isinstance(value, date | time) else value
