"""Time stamps of a log: of which kind they are, and which instants and wall clock they mean."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import polars as pl

from dmsim.errors import UsageError
from dmsim.fit.zones import Zone

Kind = Literal["a number", "no time zone", "a time zone"]

_FORMATS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y%m%d %H%M%S%.f")
_NUMBER = r"^-?\d+(?:\.\d+)?$"
_OFFSET = r"(?:[+-]\d{2}(?::?\d{2})?|Z|UTC)$"
#: Unix time by its size: in seconds until the year 5138, then in ms, µs and ns.
_UNITS = (
    (1e11, 1e6, "seconds"),
    (1e14, 1e3, "milliseconds"),
    (1e17, 1.0, "microseconds"),
    (float("inf"), 1e-3, "nanoseconds"),
)
_MINUTE_US = 60_000_000
_MOST_OFFSET_US = 14 * 60 * _MINUTE_US


def _year(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


#: Stamps outside these years are taken for mistakes.
_FIRST, _LAST = _year(1990), _year(2100)


@dataclass
class Stamps:
    """Reads the stamps of a log, part by part; all of them must be of one kind.

    Attributes:
        where: Names file and column in complaints.
        zone: Whose wall clock counts, if somebody says so.
        kind: What the stamps have, known after the first part.
        unit: Of Unix time.
        ambiguous: How many stamps meant either of two instants, when clocks were put back; the
            earlier is taken.
    """

    where: str
    zone: Zone | None
    kind: Kind | None = None
    unit: str = ""
    ambiguous: int = 0
    _factor: float = field(default=1.0, repr=False)
    _first_offset: tuple[int, int] | None = field(default=None, repr=False)

    @property
    def clock(self) -> str:
        """Whose wall clock it is."""
        if self.zone is not None:
            return self.zone.name
        minutes = self._first_offset[1] // _MINUTE_US if self._first_offset else 0
        if not minutes:
            return "UTC"
        return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

    def read(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add ``instant`` and ``wall`` (µs); ``instant`` is null where a stamp cannot be read.

        Args:
            frame: with ``line`` and, as text, ``time``.

        Raises:
            UsageError: stamps of several kinds or zones are mixed, or a zone is needed.
        """
        text = pl.col("time").str.strip_chars()
        is_number = frame.select(text.str.contains(_NUMBER).mean()).item() or 0.0
        found = self._numbers(frame) if is_number > 0.5 else self._clock_times(frame)
        sane = pl.col("instant").is_between(_FIRST, _LAST - 1)
        return found.with_columns(instant=pl.when(sane).then(pl.col("instant")))

    def _numbers(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Unix time."""
        text = pl.col("time").str.strip_chars()
        # Whole numbers of ns have more digits than a float.
        frame = frame.with_columns(
            whole=text.cast(pl.Int64, strict=False), number=text.cast(pl.Float64, strict=False)
        )
        self._expect("a number", frame)
        if not self.unit:
            size = abs(float(frame["number"].abs().median() or 0))  # type: ignore[arg-type]
            _, self._factor, self.unit = next(unit for unit in _UNITS if size < unit[0])
        if self._factor >= 1:
            exact = pl.col("whole") * int(self._factor)
        else:
            exact = pl.col("whole") // round(1 / self._factor)
        rounded = (pl.col("number") * self._factor).round().cast(pl.Int64, strict=False)
        found = frame.with_columns(instant=pl.coalesce(exact, rounded))
        return self._with_wall(found).drop("whole", "number")

    def _clock_times(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Dates with times, with or without an offset."""
        text = pl.col("time").str.strip_chars()
        clock = text.str.replace(_OFFSET, "").str.strip_chars().str.replace("T", " ", literal=True)
        tries = [clock.str.to_datetime(form, strict=False, time_unit="us") for form in _FORMATS]
        parts = frame.with_columns(
            wall=pl.coalesce(tries).cast(pl.Int64), offset=text.str.extract(f"({_OFFSET})")
        )
        readable = parts.filter(pl.col("wall").is_not_null())
        aware, naive = (readable.filter(has) for has in _has_offset())
        if aware.height and naive.height:
            told = f"line {aware['line'][0]} ({aware['time'][0]}) has a time zone"
            other = f"line {naive['line'][0]} ({naive['time'][0]}) has none"
            raise UsageError(f"{self.where}: {told}, {other}; write all with one, or none")
        if aware.height:
            self._expect("a time zone", aware)
            return self._shifted(parts)
        self._expect("no time zone", naive)
        return self._placed(parts) if naive.height else parts.with_columns(instant=pl.col("wall"))

    def _shifted(self, parts: pl.DataFrame) -> pl.DataFrame:
        """With offsets; what is written is the wall clock if all have the same one."""
        digits = pl.col("offset").str.replace(":", "", literal=True)
        hours, minutes = (
            digits.str.slice(start, 2).cast(pl.Int64, strict=False).fill_null(0) for start in (1, 3)
        )
        sign = pl.when(digits.str.starts_with("-")).then(-1).otherwise(1)
        shift = sign * (hours * 60 + minutes) * _MINUTE_US
        no_offset = (minutes >= 60) | (shift.abs() > _MOST_OFFSET_US)
        # What no clock of the world shows is no stamp.
        parts = parts.with_columns(shift=shift, wall=pl.when(~no_offset).then(pl.col("wall")))
        if self.zone is None:
            self._expect_one_offset(parts.filter(pl.col("wall").is_not_null()))
            return parts.with_columns(instant=pl.col("wall") - pl.col("shift"))
        return self._with_wall(parts.with_columns(instant=pl.col("wall") - pl.col("shift")))

    def _placed(self, parts: pl.DataFrame) -> pl.DataFrame:
        """Without a zone, which somebody has to say."""
        if self.zone is None:
            remedy = 'say whose: --time-zone Europe/Moscow, or --time-zone "+03:00"'
            raise UsageError(f"{self.where}: the time stamps have no time zone; {remedy}")
        wall = pl.col("wall")
        found = parts.with_columns(
            instant=self.zone.instant(wall), later=self.zone.instant(wall, later=True)
        )
        self.ambiguous += int((found["instant"] != found["later"]).sum())
        return found.drop("later")

    def _with_wall(self, found: pl.DataFrame) -> pl.DataFrame:
        instant = pl.col("instant")
        return found.with_columns(wall=instant if self.zone is None else self.zone.wall(instant))

    def _expect(self, kind: Kind, frame: pl.DataFrame) -> None:
        if self.kind is None and frame.height:
            self.kind = kind
        elif frame.height and self.kind != kind:
            told = f"from line {frame['line'][0]} on, time stamps have {kind}"
            raise UsageError(f"{self.where}: {told}, before {self.kind}; write all alike")

    def _expect_one_offset(self, good: pl.DataFrame) -> None:
        if self._first_offset is None and good.height:
            self._first_offset = int(good["line"][0]), int(good["shift"][0])
        if self._first_offset is None:
            return
        line, shift = self._first_offset
        other = good.filter(pl.col("shift") != shift)
        if other.height:
            told = (
                f"line {other['line'][0]} ({other['time'][0]}) has another offset than line {line}"
            )
            remedy = "say whose clock counts: --time-zone Europe/Moscow, or --time-zone UTC"
            raise UsageError(f"{self.where}: {told}; {remedy}")


def _has_offset() -> tuple[pl.Expr, pl.Expr]:
    has = pl.col("offset").is_not_null()
    return has, ~has
