"""The files that tell what an experiment found: tables, JSON and a page."""

from io import BytesIO
from pathlib import Path

import msgspec
import polars as pl

from dmsim.experiments.page import render
from dmsim.experiments.result import Result
from dmsim.paths import remove_partial, write_whole

PAGE = "experiment.html"


def write_result(result: Result, folder: Path) -> None:
    """Write tables (Parquet and CSV), JSON and the page into a folder, each file whole.

    The same outcome gives the same bytes, but for versions of Polars. Whoever writes holds the
    store of the folder, so that nobody else does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    remove_partial(folder)
    tables = {
        "values": result.values,
        "summary": result.summary,
        "differences": result.differences,
        "pairs": result.pairs,
    }
    for name, table in tables.items():
        write_whole(folder / f"{name}.csv", table.write_csv().encode())
        write_whole(folder / f"{name}.parquet", _parquet(table))
    text = msgspec.json.format(msgspec.json.encode(result.told()), indent=2)
    write_whole(folder / "experiment.json", text + b"\n")
    write_whole(folder / PAGE, render(result).encode())


def _parquet(table: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    table.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()
