"""How ``messages.csv.gz`` was made: a log in the form in which public ones are given.

Columns ``source``, ``target`` and ``time`` (Unix seconds). People write in rows of messages, answer
or not, by the weekly curve of the seeds at UTC+3.

    python tests/data/make_log.py [FILE [ROWS]]
"""

import gzip
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

import numpy as np

from dmsim.population.curves import load_curve

SEED = 2004
#: Monday 2004-04-12, midnight at UTC+3.
START = int(datetime(2004, 4, 11, 21, tzinfo=UTC).timestamp())
WEEK_S, HOUR_S = 604_800, 3_600
WEEKS, PERSONS, ROWS = 8, 400, 16_000
BURST, REPLY = 1.5, 0.4
#: Median in seconds and sigma: between messages in a row, and to an answer.
GAP, DELAY = (10, 0.9), (120, 1.2)


def conversations(rng: np.random.Generator, rows: int) -> Iterator[tuple[int, int, float]]:
    """Source, target and second of messages."""
    curve = load_curve("messages")
    turns_each = 1 / (1 - REPLY)
    count = rng.poisson(rows / BURST / turns_each)
    week = rng.integers(0, WEEKS, count)
    hour = rng.choice(len(curve), count, p=curve / curve.sum())
    begun = START + week * WEEK_S + (hour + rng.random(count)) * HOUR_S
    activity = rng.lognormal(0, 0.8, PERSONS)
    activity /= activity.sum()
    for at in begun.tolist():
        pair = rng.choice(PERSONS, 2, replace=False, p=activity).tolist()
        yield from conversation(rng, at, pair)


def conversation(
    rng: np.random.Generator, at: float, pair: list[int]
) -> Iterator[tuple[int, int, float]]:
    """Turns to and fro, until one is not answered."""
    while True:
        for number in range(rng.geometric(1 / BURST)):
            at += rng.lognormal(np.log(GAP[0]), GAP[1]) if number else 0
            yield pair[0] + 1, pair[1] + 1, at
        if rng.random() >= REPLY:
            return
        at += rng.lognormal(np.log(DELAY[0]), DELAY[1])
        pair.reverse()


def write(file: Path, rows: int, seed: int = SEED) -> int:
    """Write a log of about so many rows, in the order of time; how many there are."""
    found = sorted(conversations(np.random.default_rng(seed), rows), key=lambda row: row[2])
    until = START + WEEKS * WEEK_S
    lines = [f"{source},{target},{int(at)}\n" for source, target, at in found if at < until]
    head = "source,target,time\n"
    if file.suffix == ".gz":
        # Without name and time, the same bytes every time.
        with file.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
            TextIOWrapper(packed, "utf-8", write_through=True).writelines([head, *lines])
    else:
        file.write_text(head + "".join(lines), encoding="utf-8")
    return len(lines)


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("messages.csv.gz")
    print(write(where, int(sys.argv[2]) if len(sys.argv) > 2 else ROWS))
