from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.inprocess import InProcess, backend


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[InProcess]:
    with backend(tmp_path / "backend.db") as opened:
        yield opened


@pytest.fixture
def small(empty: InProcess) -> InProcess:
    empty.fill()
    return empty
