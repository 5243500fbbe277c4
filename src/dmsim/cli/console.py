"""What the user sees while work goes on: progress on stderr, results on stdout."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from dmsim.progress import Progress, Silent, Stage

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

#: A line about a stage under way is written at most this often.
SECONDS_BETWEEN_LINES = 5.0
#: A handful of units has no rate worth telling: how long they took says more.
FEWEST_FOR_RATE = 10


@contextmanager
def console_progress(quiet: bool = False) -> Iterator[Progress]:
    """Somebody who shows stages on stderr: bars on a terminal, plain lines elsewhere.

    Args:
        quiet: show nothing.
    """
    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        with _bars() as bars:
            yield _Bars(bars)
    else:
        yield _Lines(sys.stderr)


def print_json(value: Any) -> None:
    """Write one JSON object and a line end to standard output.

    Args:
        value: anything msgspec can encode.
    """
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    sys.stdout.write(text.decode() + "\n")
    sys.stdout.flush()


def say(line: str) -> None:
    """Write a line for a human reader to stderr."""
    print(line, file=sys.stderr, flush=True)


def compact(number: float) -> str:
    """A count as people say it: ``950``, ``12.3k``, ``4.56M``."""
    for bound, scale, unit in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if number >= bound:
            return f"{number / scale:.3g}{unit}"
    return f"{number:,.0f}"


def duration(seconds: float) -> str:
    """A span of time as people say it: ``0.3 s``, ``42 s``, ``3 min 05 s``, ``2 h 03 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def _bars() -> "Bars":
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bars

    return Bars(
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TextColumn("{task.fields[figures]}"),
        console=Console(stderr=True),
    )


class _Bars:
    """Stages as rich bars with amount, rate and time left."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars

    @contextmanager
    def stage(
        self, name: str, total: float | None, unit: str, *, at_most: bool = False
    ) -> Iterator[Stage]:
        figures = _Figures(total, unit, at_most=at_most)
        task = self._bars.add_task(name, total=total, figures="")
        yield _BarStage(self._bars, task, figures)
        self._bars.update(
            task,
            total=figures.done or 1,
            completed=figures.done or 1,
            figures=figures.finished(),
        )


class _BarStage:
    def __init__(self, bars: "Bars", task: "TaskID", figures: "_Figures") -> None:
        self._bars = bars
        self._task = task
        self._figures = figures

    def advance(self, amount: float) -> None:
        self._figures.done += amount
        self._bars.update(self._task, advance=amount, figures=self._figures.running())


class _Lines:
    """Stages as plain lines: one now and then, one at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @contextmanager
    def stage(
        self, name: str, total: float | None, unit: str, *, at_most: bool = False
    ) -> Iterator[Stage]:
        line = _LineStage(self._stream, name, _Figures(total, unit, at_most=at_most))
        yield line
        line.finish()


class _LineStage:
    def __init__(self, stream: TextIO, name: str, figures: "_Figures") -> None:
        self._stream = stream
        self._name = name
        self._figures = figures
        self._next = figures.started + SECONDS_BETWEEN_LINES

    def advance(self, amount: float) -> None:
        self._figures.done += amount
        # The line at the end tells of the last unit.
        if time.monotonic() >= self._next and self._figures.done != self._figures.total:
            self._next = time.monotonic() + SECONDS_BETWEEN_LINES
            self._write(self._figures.running())

    def finish(self) -> None:
        self._write(self._figures.finished())

    def _write(self, figures: str) -> None:
        print(f"{self._name}: {figures}", file=self._stream, flush=True)


class _Figures:
    """How far a stage is, in words."""

    def __init__(self, total: float | None, unit: str, *, at_most: bool) -> None:
        self.total = total
        self.unit = unit
        self.most = "at most " if at_most else ""
        self.done = 0.0
        self.started = time.monotonic()

    def running(self) -> str:
        elapsed = max(time.monotonic() - self.started, 1e-9)
        rate = self.done / elapsed
        parts = [self._amount()]
        if self.done >= FEWEST_FOR_RATE:
            parts.append(_per_second(rate))
        if self.total and rate > 0:
            left = max(self.total - self.done, 0) / rate
            parts.append(f"{self.most}{duration(left)} left")
        return ", ".join(parts)

    def finished(self) -> str:
        elapsed = max(time.monotonic() - self.started, 1e-9)
        short = self._is_short()
        if not self.done:
            return f"{'stopped after' if short else 'done in'} {duration(elapsed)}"
        unit = self.unit.removesuffix("s") if self.done == 1 else self.unit
        amount = self._amount() if short else f"{compact(self.done)} {unit}"
        told = f"{amount} in {duration(elapsed)}"
        if self.done < FEWEST_FOR_RATE:
            return told
        return f"{told} ({_per_second(self.done / elapsed)})"

    def _is_short(self) -> bool:
        return bool(self.total) and not self.most and self.done < 0.999 * (self.total or 0)

    def _amount(self) -> str:
        of = f" of {self.most}{compact(self.total)}" if self.total else ""
        return f"{compact(self.done)}{of} {self.unit}"


def _per_second(rate: float) -> str:
    """A rate with two digits at least: of long runs there is less than one in a second."""
    return f"{rate:.2g}/s" if rate < 10 else f"{compact(rate)}/s"
