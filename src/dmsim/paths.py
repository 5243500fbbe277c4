"""Where the files that travel with dmsim are found."""

from pathlib import Path
from typing import Literal

Room = Literal["seeds", "scenarios", "locustfiles"]

_PACKAGE = Path(__file__).resolve().parent


def data_path(room: Room) -> Path:
    """The folder of packaged data: inside an installed wheel, else in the repository.

    An editable install runs from ``src/dmsim``, which holds no ``data`` folder, so it always reads
    the repository's own files and never a stale copy.
    """
    packaged = _PACKAGE / "data" / room
    return packaged if packaged.is_dir() else _PACKAGE.parents[1] / room
