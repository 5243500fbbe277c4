"""dmsim: simulation and load testing for direct messaging."""

from importlib import import_module
from importlib.metadata import version
from typing import Any

__version__ = version("dmsim")

#: What is imported only when it is asked for, because it brings the simulator along.
_LATE = ("compare", "simulate", "sweep")


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module("dmsim.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_LATE]
