"""From a TOML file to checked shifts."""

import tomllib
from pathlib import Path

from pydantic import ValidationError

from dmsim.errors import UsageError
from dmsim.rostering.model import ShiftsFile
from dmsim.scenario import complaint, lines


def load_shifts(path: Path) -> ShiftsFile:
    """Read and check a shifts file.

    Raises:
        UsageError: in one line, what cannot be used, where it stands and what to do.
    """
    text = _read(path)
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path}: not valid TOML: {error}; mend that line, or name the file of shifts"
        ) from None
    numbers = lines.key_lines(text)

    def place(key: lines.Path) -> str:
        line = lines.line_of(numbers, key)
        return f"{path}:{line}" if line else str(path)

    try:
        return ShiftsFile.model_validate(document)
    except ValidationError as error:
        raise UsageError(complaint.one_line(error, place, ShiftsFile)) from None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check the path") from None
