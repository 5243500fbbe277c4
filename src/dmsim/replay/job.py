"""What a replay is told."""

from collections.abc import Sequence

import msgspec

from dmsim.errors import UsageError
from dmsim.replay.controls import Controls
from dmsim.replay.settings import ReplaySettings
from dmsim.replay.transport import DEFAULT, Transport

#: As many as a word has bits, but for the sign.
MOST_WORKERS = 63


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One replay.

    Attributes:
        trace: the trace's folder.
        host: the backend's URL.
        out: the folder for the results.
        settings: instead of those of the trace's scenario.
        speed: instead of the settings' own.
        connections: instead of the settings' own.
        provision: whether to fill the backend first.
        filling: a file that tells how far the backend is filled and what that gave; empty for none.
        workers: how many processes replay it together.
        controls: what of the trace is sent, and at which pace.
        rows: whether to write the raw rows.
        transport: how connections to the backend are made.
        hdr: whether to write a log of HdrHistograms.
        listen: whether users who are online hold a connection, whatever the settings say.
    """

    trace: str
    host: str
    out: str
    adapter: str = "reference"
    settings: ReplaySettings | None = None
    speed: float | None = None
    connections: int | None = None
    allow_hosts: Sequence[str] = ()
    provision: bool = True
    filling: str = ""
    workers: int = 1
    controls: Controls = Controls()
    rows: bool = False
    transport: Transport = DEFAULT
    hdr: bool = False
    listen: bool = False


def check_speed(speed: float) -> None:
    """Refuse a speed at which nothing can be replayed.

    Raises:
        UsageError: it is not above 0, infinite or no number.
    """
    if not 0 < speed < float("inf"):
        raise UsageError(f"--speed {speed:g}: must be above 0 and finite")


def check_workers(workers: int) -> None:
    """Refuse a number of processes that cannot replay together.

    Raises:
        UsageError: it is not between 1 and :data:`MOST_WORKERS`.
    """
    if not 1 <= workers <= MOST_WORKERS:
        raise UsageError(f"--workers {workers}: must be between 1 and {MOST_WORKERS}")
