"""From a file to a checked adapter."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dmsim.adapters.declared.adapter import DeclaredAdapter
from dmsim.adapters.declared.checks import check
from dmsim.adapters.declared.model import Declaration
from dmsim.errors import UsageError
from dmsim.scenario import complaint, lines

#: No adapter needs more; a larger file is another one by mistake.
MOST_BYTES = 1 << 20


def declared_adapter(path: Path, token: str) -> DeclaredAdapter:
    """The adapter that a file describes.

    Args:
        path: the TOML file.
        token: the backend's master token, empty where there is none.

    Raises:
        UsageError: in one line, what cannot be used, where it stands and what to do.
    """
    return DeclaredAdapter(load_declaration(path), path, token)


def load_declaration(path: Path) -> Declaration:
    """Read and check a file.

    Raises:
        UsageError: as :func:`declared_adapter`.
    """
    text = _read(path)
    document = _parse(path, text)
    numbers = lines.key_lines(text)

    def place(key: lines.Path) -> str:
        line = lines.line_of(numbers, key)
        return f"{path}:{line}" if line else str(path)

    try:
        declaration = Declaration.model_validate(document)
    except ValidationError as error:
        raise UsageError(complaint.one_line(error, place, Declaration)) from None
    for fault in check(declaration):
        where = f"{place(fault.key)}: {complaint.dotted(fault.key)}"
        value = "" if fault.value is None else f" = {complaint.literal(fault.value)}"
        raise UsageError(f"{where}{value}: {fault.text}")
    return declaration


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{path}: cannot be read ({reason}); check the path") from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"{path}: larger than {MOST_BYTES} bytes; is this an adapter? shorten it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not valid TOML: {error}; mend that line") from None
