"""The reference backend as a process of its own, for the time of one replay."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from dmsim.adapters.tokens import TOKEN_VARIABLE
from dmsim.errors import UsageError
from dmsim.replay.pipe import lines

_START_S = 30.0
_STOP_S = 10.0


@contextmanager
def reference_backend(token: str) -> Iterator[str]:
    """Run ``dmsim serve`` on a free loopback port and yield its URL; it ends with the block.

    It takes the simulated time of each request, so that whatever depends on elapsed time means the
    same at every speed.

    Args:
        token: its master token.

    Raises:
        UsageError: it does not come up.
    """
    with tempfile.TemporaryDirectory(prefix="dmsim-backend-") as folder:
        errors = Path(folder) / "stderr.txt"
        with errors.open("wb") as stderr:
            serve = [sys.executable, "-m", "dmsim", "serve", "--json", "--port", "0", "--db"]
            process = subprocess.Popen(
                [*serve, str(Path(folder) / "backend.sqlite"), "--simulated-time", "--until-eof"],
                # Its end tells the backend that we are gone, however that came about.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={**os.environ, TOKEN_VARIABLE: token},
                # Ctrl-C is for us; we stop the backend when the replay has written its result.
                start_new_session=True,
            )
        try:
            yield _url(process, errors)
        finally:
            _stop(process)


def _url(process: "subprocess.Popen[bytes]", errors: Path) -> str:
    assert process.stdout is not None
    line = next(lines(process.stdout, _START_S), b"")
    try:
        return str(msgspec.json.decode(line)["url"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        said = errors.read_text(errors="replace").strip().splitlines()
        detail = said[-1].removeprefix("error: ") if said else _fate(process)
        raise UsageError(
            f"the reference backend did not start: {detail}; try: dmsim serve"
        ) from None


def _fate(process: "subprocess.Popen[bytes]") -> str:
    try:
        return f"it ended with exit code {process.wait(1)}"
    except subprocess.TimeoutExpired:
        return f"no word from it within {_START_S:g} s"


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        pipe.close()
