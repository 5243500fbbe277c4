"""``export_trace``: from a trace to a folder of files, which is there whole or not at all."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import polars as pl

from dmsim.adapters.base import Adapter
from dmsim.errors import UsageError
from dmsim.exporting import har, sql
from dmsim.exporting.tables import Exported, flat_parts, nested_parts
from dmsim.paths import check_writable, new_folder
from dmsim.progress import Progress, Silent, Stage
from dmsim.trace.reader import Trace
from dmsim.trace.schema import INITIAL, TEXTS

#: What an export says of itself; by it one is told from any other folder.
FACTS = "export.json"

#: The formats of tables.
FORMATS = ("csv", "ndjson", "sql")

#: Entries of a HAR between two words of progress.
_BETWEEN = 1_000


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What was exported.

    Attributes:
        exported: the format.
        trace: the digest of the trace.
        from_us: when its recorded window begins, in simulated µs; ``until_us``: when it ends.
        policy: the rules' policy in force.
        rows: by table, or of ``requests``.
        unsupported: actions that the adapter cannot express.
    """

    exported: str
    trace: str
    from_us: int
    until_us: int
    policy: dict[str, int | bool]
    rows: dict[str, int]
    unsupported: int = 0


def export_trace(
    trace: Trace, out: Path, form: str, *, force: bool = False, progress: Progress | None = None
) -> Export:
    """Write the initial state and the actions of a trace as tables.

    Args:
        trace: the whole.
        out: the folder to write.
        form: one of :data:`FORMATS`.
        force: whether an earlier export at ``out`` may be overwritten.
        progress: told of the rows.

    Raises:
        UsageError: the format is none, ``out`` cannot be written to, or the trace is damaged.
    """
    if form not in FORMATS:
        raise UsageError(f"--as {form}: no such format; choose {', '.join(FORMATS)} or har")
    counts = trace.manifest.counts
    total = trace.manifest.actions + sum(counts.get(table.path, 0) for table in (*INITIAL, TEXTS))
    with (
        _new_export(out, force) as folder,
        (progress or Silent()).stage("export", total, "rows") as stage,
    ):
        write = {"csv": _csv, "ndjson": _ndjson, "sql": _sql}[form]
        facts = _facts(trace, form, write(trace, folder, stage))
        _write_facts(folder, facts)
    return facts


def export_requests(
    trace: Trace,
    out: Path,
    adapter: Adapter,
    url: str,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Export:
    """Write the actions of a trace as the requests of an adapter: ``trace.har``.

    Args:
        trace: the whole.
        out: the folder to write.
        adapter: how actions become requests.
        url: the backend, ``http://host:port``; nothing is sent.
        force: whether an earlier export at ``out`` may be overwritten.
        progress: told of the requests.

    Raises:
        UsageError: the URL cannot be used, ``out`` cannot be written to, or the trace is damaged.
    """
    requests = har.har_entries(trace, adapter, url)
    sent = requests.actions - requests.unsupported
    with (
        _new_export(out, force) as folder,
        (progress or Silent()).stage("export", sent, "requests") as stage,
    ):
        with (folder / "trace.har").open("wb") as file:
            file.write(har.HEAD)
            for number, entry in enumerate(requests.entries):
                file.write(b",\n" + entry if number else entry)
                if number % _BETWEEN == 0:
                    stage.advance(min(_BETWEEN, sent - number))
            file.write(har.TAIL)
        facts = _facts(trace, "har", {"requests": sent}, requests.unsupported)
        _write_facts(folder, facts)
    return facts


def check_export_free(path: Path, *, force: bool) -> None:
    """Refuse a folder that must not be written to, before any work is done.

    Raises:
        UsageError: it holds something else than an export, or one and ``force`` is not given.
    """
    check_writable(path)
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    if not _is_export(path):
        raise UsageError(f"{path}: exists and is not an export of dmsim; choose another --out")
    if not force:
        raise UsageError(f"{path}: an export is already there; add --force or choose another --out")


def _new_export(out: Path, force: bool) -> AbstractContextManager[Path]:
    return new_folder(out, lambda: check_export_free(out, force=force))


def _is_export(path: Path) -> bool:
    try:
        msgspec.json.decode((path / FACTS).read_bytes(), type=Export)
    except (OSError, msgspec.MsgspecError):
        return False
    return True


def _facts(trace: Trace, form: str, rows: Mapping[str, int], unsupported: int = 0) -> Export:
    manifest = trace.manifest
    return Export(
        exported=form,
        trace=manifest.digest,
        from_us=manifest.from_us,
        until_us=manifest.until_us,
        policy=manifest.policy,
        rows=dict(rows),
        unsupported=unsupported,
    )


def _write_facts(folder: Path, facts: Export) -> None:
    text = msgspec.json.format(msgspec.json.encode(facts), indent=2)
    (folder / FACTS).write_bytes(text + b"\n")


def _csv(trace: Trace, folder: Path, stage: Stage) -> dict[str, int]:
    def write(frame: pl.DataFrame, file: BinaryIO) -> None:
        # A text is quoted, also an empty one; null is nothing at all: so both can be told apart.
        frame.write_csv(file, include_header=False, quote_style="non_numeric")

    def head(table: Exported) -> bytes:
        return ",".join(table.columns).encode() + b"\n"

    return _files(flat_parts(trace), folder, "csv", write, stage, head)


def _ndjson(trace: Trace, folder: Path, stage: Stage) -> dict[str, int]:
    def write(frame: pl.DataFrame, file: BinaryIO) -> None:
        frame.write_ndjson(file)

    return _files(nested_parts(trace), folder, "ndjson", write, stage, lambda _: b"")


def _files(
    parts: Iterator[tuple[Exported, Iterator[pl.DataFrame]]],
    folder: Path,
    suffix: str,
    write: Callable[[pl.DataFrame, BinaryIO], Any],
    stage: Stage,
    head: Callable[[Exported], bytes],
) -> dict[str, int]:
    """One file for each table; returns their rows."""
    rows: dict[str, int] = {}
    for table, chunks in parts:
        rows[table.name] = 0
        with (folder / f"{table.name}.{suffix}").open("wb") as file:
            file.write(head(table))
            for frame in chunks:
                write(frame, file)
                _count(rows, table, frame, stage)
    return rows


def _sql(trace: Trace, folder: Path, stage: Stage) -> dict[str, int]:
    rows: dict[str, int] = {}
    with (folder / "trace.sql").open("w", encoding="utf-8", newline="") as file:
        file.write(sql.HEAD)
        for table, chunks in flat_parts(trace):
            rows[table.name] = 0
            file.write(sql.create_table(table))
            for frame in chunks:
                file.writelines(sql.inserts(table, frame))
                _count(rows, table, frame, stage)
        file.write(sql.TAIL)
    return rows


def _count(rows: dict[str, int], table: Exported, frame: pl.DataFrame, stage: Stage) -> None:
    rows[table.name] += frame.height
    stage.advance(frame.height)
