"""How often each requirement was met in traces, and judged in their replays."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dmsim.errors import UsageError
from dmsim.progress import Progress, Silent
from dmsim.replay.judgements import read_judgements
from dmsim.replay.result import read_result
from dmsim.rulebook.mirror import mirror_of
from dmsim.rulebook.requirements import REQUIREMENTS, Requirement
from dmsim.rulebook.steps import Step, steps
from dmsim.trace.reader import Trace

Status = Literal["traced", "broken", "proved", "context", "missing"]

#: Between two reports of progress.
_ACTIONS = 1000


@dataclass(frozen=True)
class Covered:
    """What traces and replays hold of one requirement.

    Attributes:
        requirement: the requirement.
        happened: by part, how often it happened.
        judged: by part, how often of these a replay's judgement was match or mismatch; without
            replays, how often the reference backend in this process came to the same verdict.
        mismatches: how often, over all parts, it was a mismatch.
    """

    requirement: Requirement
    happened: dict[str, int]
    judged: dict[str, int]
    mismatches: int

    @property
    def missing(self) -> list[str]:
        """The parts that never happened, or were never judged."""
        return [part for part in self.requirement.parts if not self.judged[part]]

    @property
    def status(self) -> Status:
        """``traced`` needs all parts; a proof speaks where a trace cannot, or cannot alone.

        ``broken`` is whatever a replay judged a mismatch.
        """
        if self.mismatches:
            return "broken"
        if self.requirement.is_context:
            return "context"
        if self.requirement.parts and not self.missing:
            return "traced"
        return "proved" if self.requirement.proof else "missing"

    def as_json(self) -> dict[str, Any]:
        """Everything in plain values."""
        return {
            "requirement": self.requirement.number,
            "says": self.requirement.says,
            "status": self.status,
            "exercised": sum(self.happened.values()),
            "judged": sum(self.judged.values()),
            "mismatches": self.mismatches,
            "parts": {
                part: {"exercised": self.happened[part], "judged": self.judged[part]}
                for part in self.requirement.parts
            },
            "missing": self.missing if self.status == "missing" else [],
            "proof": self.requirement.proof or None,
        }


@dataclass(frozen=True)
class Coverage:
    """The coverage of all requirements by some traces.

    Attributes:
        covered: one entry per requirement, in order.
        actions: how many actions the traces hold.
        judged: how many of them were judged.
        mismatches: how many of these a replay found to be mismatches.
        disagreements: the actions whose verdict the reference backend does not come to, as
            (trace, seq); none, unless the rules have changed since the simulation.
    """

    covered: list[Covered]
    actions: int
    judged: int
    mismatches: int
    disagreements: list[tuple[str, int]]

    @property
    def missing(self) -> list[Covered]:
        """What nothing covers."""
        return [covered for covered in self.covered if covered.status == "missing"]

    def as_json(self) -> dict[str, Any]:
        """Everything in plain values."""
        return {
            "actions": self.actions,
            "judged": self.judged,
            "mismatches": self.mismatches,
            "disagreements": [
                {"trace": trace, "seq": seq} for trace, seq in self.disagreements[:100]
            ],
            "statuses": dict(Counter(covered.status for covered in self.covered)),
            "requirements": [covered.as_json() for covered in self.covered],
        }


class _Tally:
    """Counts parts of requirements over any number of traces."""

    def __init__(self) -> None:
        self.happened: Counter[tuple[str, str]] = Counter()
        self.judged: Counter[tuple[str, str]] = Counter()
        self.mismatches: Counter[str] = Counter()
        self._parts = [
            ((requirement.number, name), part)
            for requirement in REQUIREMENTS
            for name, part in requirement.parts.items()
        ]

    def count(self, step: Step, *, judged: bool, mismatch: bool) -> None:
        for key, part in self._parts:
            if part(step):
                self.happened[key] += 1
                self.judged[key] += judged
                self.mismatches[key[0]] += mismatch

    def covered(self) -> list[Covered]:
        return [
            Covered(
                requirement,
                {part: self.happened[requirement.number, part] for part in requirement.parts},
                {part: self.judged[requirement.number, part] for part in requirement.parts},
                self.mismatches[requirement.number],
            )
            for requirement in REQUIREMENTS
        ]


def cover(
    traces: Sequence[Path], replays: Sequence[Path] = (), progress: Progress | None = None
) -> Coverage:
    """Count what some traces exercise, and what of it was judged.

    Args:
        traces: folders of traces.
        replays: folders of results of replays of these traces, each with its judgements; without
            any, what counts as judged is what the reference backend in this process agrees with.
        progress: told of every action.

    Raises:
        UsageError: a folder holds no trace or no results, a trace is given twice, or results
            belong to none of the traces.
    """
    opened = _different([Trace.open(path) for path in traces])
    judgements = _judgements(opened, replays)
    progress = progress or Silent()
    tally = _Tally()
    disagreements: list[tuple[str, int]] = []
    judged_actions = mismatches = 0
    for trace in opened:
        trace.verify(progress)
        _expect_verdicts(trace)
        known = judgements.get(trace.manifest.digest, {})
        with (
            progress.stage("cover", trace.manifest.actions, "actions") as stage,
            mirror_of(trace) as mirror,
        ):
            for number, step in enumerate(steps(trace, mirror), start=1):
                judged = step.seq in known if replays else step.agrees
                judged_actions += judged
                mismatch = known.get(step.seq) == "mismatch"
                mismatches += mismatch
                tally.count(step, judged=judged, mismatch=mismatch)
                if not step.agrees:
                    disagreements.append((str(trace.path), step.seq))
                if number % _ACTIONS == 0:
                    stage.advance(_ACTIONS)
    actions = sum(trace.manifest.actions for trace in opened)
    return Coverage(tally.covered(), actions, judged_actions, mismatches, disagreements)


def _expect_verdicts(trace: Trace) -> None:
    if trace.actions(["verdict"])["verdict"].null_count():
        told = "has actions without a verdict, which exercise no rule that is known"
        raise UsageError(f"{trace.path}: {told}; give simulated traces")


def _different(traces: list[Trace]) -> list[Trace]:
    seen: dict[str, Path] = {}
    for trace in traces:
        first = seen.setdefault(trace.manifest.digest, trace.path)
        if first is not trace.path:
            raise UsageError(f"{trace.path}: the same trace as {first}; give it once")
    return traces


def _judgements(traces: Iterable[Trace], replays: Iterable[Path]) -> Mapping[str, dict[int, str]]:
    """By the digest of a trace, the actions that replays of it have judged, a mismatch first."""
    digests = {trace.manifest.digest for trace in traces}
    found: dict[str, dict[int, str]] = {}
    for folder in replays:
        digest = read_result(folder).summary.digest
        if digest not in digests:
            raise UsageError(f"--replay {folder}: replays none of these traces; give its trace too")
        frame = read_judgements(folder)
        judged = found.setdefault(digest, {})
        for judgement in ("match", "mismatch"):
            seqs = frame.filter(frame["judgement"] == judgement)["seq"].to_list()
            judged.update(dict.fromkeys(seqs, judgement))
    return found
