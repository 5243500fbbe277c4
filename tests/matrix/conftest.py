"""Tests against a real Synapse; `make test-matrix` installs it and says where it is."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dmsim.adapters.tokens import TOKEN_VARIABLE
from tests.matrix import synapse

#: The folder of a Synapse that `python tests/matrix/synapse.py install` has made.
FOLDER_VARIABLE = "DMSIM_SYNAPSE"

# Without one there is nothing to test: these are no part of `make test`.
collect_ignore_glob: list[str] = [] if os.environ.get(FOLDER_VARIABLE) else ["test_*.py"]


@contextmanager
def running(monkeypatch: pytest.MonkeyPatch, *, doors: bool = True) -> Iterator[str]:
    """A fresh Synapse; its administrator's token is where the replay looks for it."""
    folder = Path(os.environ[FOLDER_VARIABLE]).absolute()
    try:
        url = synapse.start(folder, doors=doors)
        monkeypatch.setenv(TOKEN_VARIABLE, (folder / "token").read_text())
        yield url
    finally:
        synapse.stop(folder)
