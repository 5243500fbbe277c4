"""What a run under way leaves in its folder, so that it can be summed up by somebody else.

``parts/run.json`` says what was begun, ``parts/N.rows`` what the process N has finished of it. They
go when the results are written.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from dmsim.errors import UsageError
from dmsim.paths import write_whole
from dmsim.replay.job import Job
from dmsim.replay.rows import discard


class RunFacts(msgspec.Struct, kw_only=True):
    """What is known of a run at its first action.

    Attributes:
        job: what it was told.
        seconds: how long the stages before took.
        timed: whether requests carry the time at which they happen in the trace.
        count: how many processes replay.
    """

    job: Job
    seconds: dict[str, float]
    timed: bool
    count: int


def rows_file(out: str, index: int) -> Path:
    """Where the process ``index`` of a replay keeps its rows while it runs."""
    return Path(out) / "parts" / f"{index}.rows"


def kept_rows(out: str) -> list[int]:
    """Of which processes rows lie in a folder, however many replayed."""
    return [int(file.stem) for file in (Path(out) / "parts").glob("*.rows") if file.stem.isdigit()]


def write_facts(facts: RunFacts) -> None:
    """Keep the facts of a run beside its rows.

    Raises:
        UsageError: they cannot be written.
    """
    file = _facts_file(facts.job.out)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, msgspec.json.encode(facts))
    except OSError as error:
        raise UsageError(
            f"{facts.job.out}: the results cannot be written ({error.strerror}); make room or "
            "choose another --out"
        ) from None


def read_facts(out: str) -> RunFacts | None:
    """The facts of a run that nobody summed up; None where there is none.

    Raises:
        UsageError: they were written by another version.
    """
    try:
        return msgspec.json.decode(_facts_file(out).read_bytes(), type=RunFacts)
    except OSError:
        return None
    except msgspec.MsgspecError as error:
        raise UsageError(f"{_facts_file(out)}: not of this version ({error})") from None


def facts_left(out: str) -> bool:
    """Whether a run lies in a folder that is not summed up yet."""
    return _facts_file(out).exists()


def forget_run(out: str, processes: Iterable[int]) -> None:
    """The run is summed up: remove its facts, and the rows of these processes."""
    _facts_file(out).unlink(missing_ok=True)
    forget_rows(out, processes)


def forget_rows(out: str, processes: Iterable[int]) -> None:
    """Remove the rows of these processes."""
    for index in processes:
        discard(rows_file(out, index))
    with suppress(OSError):  # others may have theirs there
        _facts_file(out).parent.rmdir()


def _facts_file(out: str) -> Path:
    return Path(out) / "parts" / "run.json"
