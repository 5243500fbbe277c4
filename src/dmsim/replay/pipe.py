"""Reading the lines that a process of ours writes, without missing Ctrl-C."""

import os
import select
import time
from collections.abc import Iterator
from typing import IO

# Polars takes SIGINT in such a way that a blocking read goes on after it; a short select does not.
_LOOK_UP_S = 0.2


def lines(pipe: IO[bytes], timeout_s: float = float("inf")) -> Iterator[bytes]:
    """Every whole line until the pipe is closed or ``timeout_s`` is over."""
    limit = time.monotonic() + timeout_s
    rest = b""
    while time.monotonic() < limit:
        readable, _, _ = select.select([pipe], [], [], _LOOK_UP_S)
        if not readable:
            continue
        data = os.read(pipe.fileno(), 1 << 16)
        if not data:
            return
        *whole, rest = (rest + data).split(b"\n")
        yield from whole
