"""``slice_trace``: from a trace and a window to a trace of that window."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from dmsim.errors import UsageError
from dmsim.progress import Progress, Silent
from dmsim.slicing.reenact import world_at
from dmsim.slicing.tables import state_tables
from dmsim.trace.digest import combine, digest_of
from dmsim.trace.manifest import Manifest
from dmsim.trace.reader import Trace
from dmsim.trace.schema import CASES, CELL_SHIFT, INITIAL, RESULTS, STAFF, TEXTS, Table
from dmsim.trace.writer import ActionWriter, new_trace, write_manifest, write_table
from dmsim.vocabulary import Ending, word

_HOUR_US = 3_600_000_000
_MOMENTS = ("public", "private", "returned", "answered", "ended")


def slice_trace(
    trace: Trace,
    out: Path,
    *,
    from_us: int,
    until_us: int,
    progress: Progress | None = None,
    force: bool = False,
) -> Manifest:
    """Write the part of a trace that lies in a window, with the state at its begin.

    The earlier actions are played against the rules in this process; what they leave behind is the
    slice's initial state. What they created keeps the ids by which later actions name it.

    Args:
        trace: the whole.
        out: the slice's folder.
        from_us: the begin of the window, in simulated µs.
        until_us: its end, which no longer belongs to it.
        progress: told of the earlier actions.
        force: whether an earlier trace at ``out`` may be overwritten.

    Returns:
        the manifest of the slice.

    Raises:
        UsageError: the window is not inside the recorded one, ``out`` cannot be written to, or the
            trace is damaged or comes out otherwise than it says.
    """
    _check_window(trace, from_us, until_us)
    progress = progress or Silent()
    trace.verify(progress)
    with new_trace(out, force=force) as folder:
        tables = dict(_tables(trace, from_us, until_us, progress))
        for table, frame in tables.items():
            write_table(folder, table, frame)
        writers = _write_actions(trace, folder, from_us, until_us)
        by_action: dict[str, int] = {}
        for writer in writers:
            for kind, count in writer.by_action.items():
                by_action[kind] = by_action.get(kind, 0) + count
        manifest = Manifest(
            dmsim_version=trace.manifest.dmsim_version,
            scenario=trace.manifest.scenario,
            policy=trace.manifest.policy,
            seed=trace.manifest.seed,
            cells=trace.manifest.cells,
            from_us=from_us,
            until_us=until_us,
            actions=sum(by_action.values()),
            counts={table.path: frame.height for table, frame in tables.items()},
            by_action=dict(sorted(by_action.items())),
            digest=combine(
                [*map(digest_of, tables.values()), *(writer.digest() for writer in writers)]
            ),
            slice_of=trace.manifest.digest,
        )
        write_manifest(folder, manifest)
    return manifest


def _check_window(trace: Trace, from_us: int, until_us: int) -> None:
    recorded = trace.manifest
    if not recorded.from_us <= from_us < until_us <= recorded.until_us:
        raise UsageError(
            f"{trace.path}: recorded from {recorded.from_us} to {recorded.until_us} µs, there is "
            f"no slice from {from_us} to {until_us}"
        )


def _tables(
    trace: Trace, from_us: int, until_us: int, progress: Progress
) -> Iterator[tuple[Table, pl.DataFrame]]:
    """All tables but the actions, in the order in which they are digested."""
    state = state_tables(world_at(trace, from_us, progress), trace)
    results = {
        CASES: _cases(trace.table(CASES), from_us, until_us),
        STAFF: _staff(trace.table(STAFF), from_us, until_us),
    }
    for table in INITIAL:
        yield table, state[table]
    for table in RESULTS:
        yield table, results[table]
    yield TEXTS, trace.table(TEXTS)


def _cases(cases: pl.DataFrame, from_us: int, until_us: int) -> pl.DataFrame:
    """The cases that were open in the window, as they stood at its end."""
    ended = pl.col("ended")
    is_open = ended.is_null() | (ended >= until_us)
    known = [pl.when(pl.col(name) < until_us).then(pl.col(name)).alias(name) for name in _MOMENTS]
    ending = pl.when(is_open).then(pl.lit(word(Ending.OPEN), dtype=CASES.columns["ending"]))
    return cases.filter(
        pl.col("written") < until_us, ended.is_null() | (ended >= from_us)
    ).with_columns(*known, ending.otherwise(pl.col("ending")).alias("ending"))


def _staff(staff: pl.DataFrame, from_us: int, until_us: int) -> pl.DataFrame:
    """The hours of the clock that lie in the window whole: a part of one cannot be told."""
    at = pl.col("at")
    return staff.filter(at >= from_us, at + _HOUR_US <= until_us)


def _write_actions(trace: Trace, folder: Path, from_us: int, until_us: int) -> list[ActionWriter]:
    actions = trace.actions().filter(pl.col("at").is_between(from_us, until_us, closed="left"))
    cell = pl.col("seq") // (1 << CELL_SHIFT)
    writers = []
    for number in range(trace.manifest.cells):
        writer = ActionWriter(folder, number)
        writer.write(actions.filter(cell == number))
        writers.append(writer)
    return writers
