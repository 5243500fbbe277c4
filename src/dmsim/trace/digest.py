"""A digest over logical rows: the same for the same rows, however they are stored or chunked."""

import hashlib

import numpy as np
import polars as pl


class TableDigest:
    """Takes a table's rows in order, in chunks of any size, and yields one digest.

    Every column has a running hash of its own, so that chunk boundaries leave no mark.
    """

    def __init__(self, schema: pl.Schema) -> None:
        self._columns = {name: hashlib.blake2b(digest_size=16) for name in schema}

    def update(self, frame: pl.DataFrame) -> None:
        """Add the next rows."""
        for name, column in self._columns.items():
            for part in _parts(frame[name]):
                column.update(part)

    def digest(self) -> bytes:
        """The digest of all rows so far."""
        whole = hashlib.blake2b(digest_size=16)
        for name, column in self._columns.items():
            whole.update(name.encode())
            whole.update(column.digest())
        return whole.digest()


def digest_of(frame: pl.DataFrame) -> bytes:
    """The digest of a whole table, its columns in the order of the schema."""
    digest = TableDigest(frame.schema)
    digest.update(frame)
    return digest.digest()


def combine(digests: list[bytes]) -> str:
    """One printable digest of several, in order."""
    whole = hashlib.blake2b(digest_size=16)
    for digest in digests:
        whole.update(digest)
    return whole.hexdigest()


def _parts(series: pl.Series) -> list[bytes]:
    """A column's values as bytes, in an order that concatenates over chunks.

    Variable-sized values are interleaved as length and value, row by row.
    """
    if series.dtype == pl.String:
        encoded = [text.encode() for text in series.to_list()]
        return [b"".join(len(text).to_bytes(4, "little") + text for text in encoded)]
    if isinstance(series.dtype, pl.List):
        lengths = series.list.len().to_numpy().astype(np.int64)
        values = series.explode(empty_as_null=False).fill_null(-1).to_numpy().astype(np.int64)
        starts = np.cumsum(lengths) - lengths
        return [np.insert(values, starts, lengths).tobytes()]
    filled = series.to_physical().cast(pl.Int64).fill_null(-1)
    return [filled.to_numpy().tobytes()]
