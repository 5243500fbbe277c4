"""A small initial state with rows in every table, and texts that break what is careless."""

from pathlib import Path

import polars as pl

from dmsim.adapters import LabelledText, Pages
from dmsim.adapters.declared.sample import PAGE, SampleState
from dmsim.scenario import default_policy
from dmsim.trace.manifest import Manifest
from dmsim.trace.reader import Trace
from dmsim.trace.schema import INITIAL, Table

PLAIN = "hello"

HOSTILE = (
    'she said "no" & left=1; {text} {{ %s %b',
    "first\r\nX-Injected: yes\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    "a line\nand another\u2028and one more",
    "nul \0 and escape \x1b in the middle",
    "\N{WAVING HAND SIGN}\N{ZERO WIDTH JOINER}\N{PARTY POPPER} \U0001f1e9\U0001f1ea",
    "\N{ARABIC LETTER MEEM}\N{RIGHT-TO-LEFT OVERRIDE}abc\N{ZERO WIDTH SPACE}",
    "back\\slash \\u0041 'quote' `tick` <tag/> --boundary",
    "x" * 4000,
)

#: The object that sample actions name is a post, a comment, a video and a sticker set.
_OBJECT = 1

PAGES = Pages(brands=frozenset({PAGE}), posts={_OBJECT: PAGE}, comments={_OBJECT: _OBJECT})


class SampleTrace(Trace):
    """A trace of an initial state alone, that lies nowhere; it may lack a row.

    Args:
        without: a table and the row of it that is left out.
    """

    def __init__(self, without: tuple[Table, int] | None = None) -> None:
        policy = default_policy()._asdict()
        state = SampleState(policy)
        tables = {table: _filled(table, state.table(table)) for table in INITIAL}
        if without is not None:
            table, row = without
            frame = tables[table]
            tables[table] = pl.concat([frame.head(row), frame.slice(row + 1)])
        manifest = Manifest(
            dmsim_version="0",
            scenario={},
            policy=policy,
            seed=0,
            cells=1,
            from_us=0,
            until_us=1,
            actions=0,
            counts={table.path: frame.height for table, frame in tables.items()},
            by_action={},
            digest="sample",
        )
        super().__init__(Path("sample"), manifest)
        object.__setattr__(self, "_tables", tables)

    _tables: dict[Table, pl.DataFrame]

    def table(self, table: Table) -> pl.DataFrame:
        """The rows of a table."""
        return self._tables.get(table, table.schema.to_frame())


def texts(*written: str) -> dict[int, LabelledText]:
    """A bank of texts, by ids from 0."""
    return dict(enumerate(map(LabelledText, written)))


def _filled(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Tables that the sample leaves empty get a row, in which accounts differ."""
    if frame.height:
        return frame
    row = {name: _value(n, type_) for n, (name, type_) in enumerate(table.schema.items())}
    return pl.DataFrame([row], schema=table.schema)


def _value(place: int, type_: pl.DataType) -> object:
    if isinstance(type_, pl.Enum):
        return type_.categories[-1]
    if isinstance(type_, pl.Boolean):
        return False
    return "x" if isinstance(type_, pl.String) else place % 2
