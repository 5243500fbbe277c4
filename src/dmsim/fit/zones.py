"""Time zones: from instants (µs of UTC since 1970) to the wall clock (likewise) and back."""

import re
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from dmsim.errors import UsageError

_FIXED = re.compile(r"([+-])(\d{2}):?(\d{2})")


@dataclass(frozen=True)
class Zone:
    """A name of the IANA data base, or a fixed offset such as ``+03:00``."""

    name: str
    fixed_us: int | None

    @classmethod
    def parse(cls, text: str) -> "Zone":
        """Read a zone.

        Raises:
            UsageError: there is no such zone.
        """
        fixed = _FIXED.fullmatch(text)
        if fixed and int(fixed[2]) <= 14 and int(fixed[3]) < 60:
            size = timedelta(hours=int(fixed[2]), minutes=int(fixed[3])) // timedelta(
                microseconds=1
            )
            return cls(text, -size if fixed[1] == "-" else size)
        if not _is_known(text):
            remedy = 'write a name such as "Europe/Moscow" or an offset such as "+03:00"'
            raise UsageError(f"--time-zone {text}: no such time zone; {remedy}")
        return cls(text, None)

    def wall(self, instant: pl.Expr) -> pl.Expr:
        """The wall clock at instants."""
        if self.fixed_us is not None:
            return instant + self.fixed_us
        local = instant.cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(self.name)
        return local.dt.replace_time_zone(None).cast(pl.Int64)

    def instant(self, wall: pl.Expr, *, later: bool = False) -> pl.Expr:
        """The instants of times on the wall: where two are meant the earlier, or the later.

        Null where a clock that is put forward skips the time.
        """
        if self.fixed_us is not None:
            return wall - self.fixed_us
        local = wall.cast(pl.Datetime("us")).dt.replace_time_zone(
            self.name, ambiguous="latest" if later else "earliest", non_existent="null"
        )
        return local.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Int64)


def _is_known(name: str) -> bool:
    try:
        pl.Series([0]).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(name)
    except pl.exceptions.PolarsError:
        return False
    return name != ""
