"""Where finished runs are kept, so that an experiment goes on where it was stopped.

One SQLite file; each finished run is one row in one transaction, there whole or not at all, also
when the process is killed. What a run is depends on its key alone: the digest of the resolved
scenario and of the files that it names, the extent and the teams, the replication (and so its
seed), the version of dmsim.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

import dmsim
from dmsim.errors import UsageError
from dmsim.experiments.design import Design
from dmsim.experiments.measures import Measures
from dmsim.experiments.named_files import named_files
from dmsim.experiments.run import Extent
from dmsim.scenario import Scenario

FILE = "runs.sqlite"

_CHANGED = "the scenario was changed, or a file that it names"
_TABLES = """
CREATE TABLE experiment (told TEXT NOT NULL);
CREATE TABLE runs (
    point TEXT NOT NULL, replication INTEGER NOT NULL, measures TEXT NOT NULL,
    PRIMARY KEY (point, replication)
) WITHOUT ROWID;
"""


class Experiment(NamedTuple):
    """What is run: a design, and what each of its points is as a scenario."""

    design: Design
    scenarios: tuple[Scenario, ...]
    extent: Extent
    teams: tuple[str, ...]

    @property
    def compares(self) -> bool:
        """Whether the points are scenarios of their own, not one that is varied."""
        return self.design.keys == ("scenario",)

    def names(self) -> list[str]:
        """How the scenarios are called: those of a comparison as they were told apart."""
        if self.compares:
            return [point[0] for point in self.design.points]
        return list(dict.fromkeys(scenario.name for scenario in self.scenarios))

    def keys(self) -> list[str]:
        """The key of each point: a digest of all that its runs depend on, but the replication."""
        beside = [self.extent, list(self.teams), dmsim.__version__]
        files = named_files(self.scenarios)
        return [
            _digest([scenario.to_dict(), *beside, named])
            for scenario, named in zip(self.scenarios, files, strict=True)
        ]

    def told(self) -> dict[str, Any]:
        """What makes it this experiment and no other."""
        return {
            "dmsim_version": dmsim.__version__,
            "scenario": self.scenarios[0].name,
            "seed": self.scenarios[0].seed,
            "extent": self.extent,
            "teams": list(self.teams),
            "keys": list(self.design.keys),
            "points": [list(point) for point in self.design.points],
            "digest": _digest(self.keys()),
        }


class Store:
    """The finished runs of an experiment, by the number of their point and their replication.

    Attributes:
        folder: where they are kept.
        experiment: what they are of.
    """

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, experiment: Experiment
    ) -> None:
        self.folder = folder
        self.experiment = experiment
        self._connection = connection
        self._keys = experiment.keys()

    def runs(self) -> list[dict[int, Measures]]:
        """All runs: for each point its measures by replication."""
        found: dict[str, dict[int, Measures]] = {key: {} for key in self._keys}
        for key, replication, told in self._connection.execute("SELECT * FROM runs"):
            found[key][replication] = msgspec.json.decode(told, type=Measures)
        return [dict(found[key]) for key in self._keys]

    def put(self, point: int, replication: int, measures: Measures) -> None:
        """Keep a run; it is on the disk when this returns."""
        row = self._keys[point], replication, msgspec.json.encode(measures).decode()
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", row)


@contextmanager
def open_store(folder: Path, experiment: Experiment) -> Iterator[Store]:
    """The store in a folder, made if there is none; nobody else may write to it meanwhile.

    Raises:
        UsageError: The folder holds the runs of another experiment, or another process fills it, or
            it cannot be written.
    """
    file = folder / FILE
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(file, timeout=0)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA synchronous = FULL")
            _begin(connection, file, experiment)
            yield Store(connection, folder, experiment)
    except sqlite3.OperationalError as error:
        told = "another process is filling it" if "locked" in str(error) else str(error)
        raise UsageError(f"{folder}: {told}; mend that, or choose another --out") from None
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{file}: no store of runs ({error}); choose another --out") from None


def _begin(connection: sqlite3.Connection, file: Path, experiment: Experiment) -> None:
    mine = experiment.told()
    with connection:
        connection.execute("BEGIN EXCLUSIVE")
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            for statement in _TABLES.split(";")[:-1]:
                connection.execute(statement)
            told = msgspec.json.encode(mine).decode()
            connection.execute("INSERT INTO experiment VALUES (?)", (told,))
        (told,) = connection.execute("SELECT told FROM experiment").fetchone()
    if (there := msgspec.json.decode(told)) != mine:
        why = _difference(there, mine)
        raise UsageError(f"{file.parent}: holds another experiment ({why}); choose another --out")


def _difference(there: dict[str, Any], mine: dict[str, Any]) -> str:
    """The first thing in which two experiments differ."""
    key = next((key for key in mine if there.get(key) != mine[key]), "digest")
    if key in ("points", "digest"):
        return "other values" if key == "points" else _CHANGED
    told = there.get(key)
    return f"{key} {', '.join(told) if isinstance(told, list) else told}"


def _digest(value: Any) -> str:
    text = msgspec.json.encode(value, order="deterministic")
    return hashlib.blake2b(text, digest_size=16).hexdigest()
