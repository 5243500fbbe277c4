import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from dmsim.errors import UsageError
from dmsim.replay.backend import reference_backend

HOLD = """
import time
from dmsim.replay.backend import reference_backend
with reference_backend("token") as url:
    print(url, flush=True)
    time.sleep(60)
"""


def accepts(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), 1).close()
    except OSError:
        return False
    return True


def test_the_backend_ends_even_if_whoever_started_it_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        url = holder.stdout.readline().strip()
        assert accepts(url)
        holder.kill()
    end = time.monotonic() + 15
    while accepts(url) and time.monotonic() < end:
        time.sleep(0.1)
    assert not accepts(url)


def test_a_backend_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(UsageError, match="it ended with exit code 1"), reference_backend("token"):
        pass
