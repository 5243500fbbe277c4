"""On which line of a TOML file a key stands; good enough to point at, not a parser."""

import re
from collections.abc import Sequence

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'|\s*\.\s*)+?)\s*=""")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def key_lines(text: str) -> dict[Path, int]:
    """The line (from 1) of every table header and every key that begins a line.

    Tables in a list are numbered as in the parsed document: ``("gate", "limits", 0, "bound")``.
    Keys inside inline tables and lists are not told apart from the key that holds them.
    """
    lines: dict[Path, int] = {}
    seen: dict[Path, int] = {}
    table: Path = ()
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        if fence:
            fence = "" if fence in line else fence
            continue
        if header := _HEADER.match(line):
            table = _parts(header[2])
            if header[1] == "[[":
                index = seen.get(table, 0)
                seen[table] = index + 1
                lines.setdefault(table, number)
                table = (*table, index)
            lines.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            lines.setdefault((*table, *_parts(assignment[1])), number)
        fence = next((q for q in ('"""', "'''") if line.count(q) % 2), "")
    return lines


def line_of(lines: dict[Path, int], path: Sequence[str | int]) -> int | None:
    """The line of the key or of the first one below it, else of the nearest table around it."""
    for length in range(len(path), 0, -1):
        around = tuple(path[:length])
        if found := [line for key, line in lines.items() if key[:length] == around]:
            return min(found)
    return None
