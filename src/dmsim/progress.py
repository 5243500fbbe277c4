"""How long work tells of itself, without knowing whether anybody watches.

Library code takes a :class:`Progress` and reports to it; the command line shows bars or plain
lines (``cli/console.py``), and everybody else gets the silent default.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Stage(Protocol):
    """One stage of work under way."""

    def advance(self, amount: float) -> None:
        """Add to what is done, in the stage's unit."""


class Progress(Protocol):
    """Somebody who is told of stages."""

    @contextmanager
    def stage(
        self, name: str, total: float | None, unit: str, *, at_most: bool = False
    ) -> Iterator[Stage]:
        """Open a stage of ``total`` units (``None``: unknown); it ends with the ``with`` block.

        ``at_most``: fewer than ``total`` may turn out to be enough.
        """
        ...  # pragma: no cover


class _SilentStage:
    def advance(self, amount: float) -> None:
        pass


class Silent:
    """The default: tells nobody."""

    @contextmanager
    def stage(
        self, name: str, total: float | None, unit: str, *, at_most: bool = False
    ) -> Iterator[Stage]:
        """Open a stage that shows nothing."""
        yield _SilentStage()
