"""A backend that runs, filled with a sample of traffic and replayed against by an adapter."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import polars as pl

from dmsim.adapters import adapter_named
from dmsim.adapters.declared import DeclaredAdapter
from dmsim.replay.judgements import read_judgements
from dmsim.replay.result import ReplaySummary
from dmsim.replay.run import replay
from dmsim.replay.settings import replay_settings
from dmsim.testing.subject import TOKEN, expect
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Reason, Verdict, word

#: What few persons do in half an hour in which they meet often.
_SCENARIO = "quickstart"
_LIVELY = (
    "population.persons=300",
    "population.limited_options=0.3",
    "population.without_stickers=0.2",
    "population.changed_defaults=0.3",
    "population.guardians=0.9",
    "population.graph.follows_mean=8",
    "time.warm_up=30m",
    "time.record=30m",
    "archetypes.ordinary.sessions_per_week=150",
    "archetypes.ordinary.new_conversation=0.25",
    "archetypes.ordinary.persist=0.05",
    "archetypes.ordinary.share_content=0.06",
    "archetypes.ordinary.follow=0.05",
    "archetypes.ordinary.unfollow=0.03",
    "archetypes.ordinary.block=0.1",
    "archetypes.ordinary.unblock=0.03",
    "archetypes.ordinary.change_setting=0.03",
    "archetypes.ordinary.manage_stickers=0.05",
    "archetypes.ordinary.check_read=0.04",
    "archetypes.ordinary.check_presence=0.04",
    "archetypes.ordinary.violation=0.2",
    "archetypes.ordinary.prior_violations=0.3",
    "archetypes.ordinary.young=0.3",
    "archetypes.ordinary.try_again=0.4",
)

#: Simulated seconds per second.
SPEED = 300.0

_FOR_A_REASON = frozenset({Verdict.REFUSED, Verdict.REMOVED, Verdict.HIDDEN})


@dataclass(frozen=True)
class Exercise:
    """What came of it.

    Attributes:
        summary: of the replay.
        exercised: the verdicts, and the reasons of refusals, that the backend was seen to keep.
        not_exercised: those that the adapter promises and nothing in the traffic asked for.
    """

    summary: ReplaySummary
    exercised: list[str]
    not_exercised: list[str]


def exercise(
    adapter: str, backend_url: str, trace: Path | None = None, allow_host: Sequence[str] = ()
) -> Exercise:
    """Fill a backend and replay against it; nothing that it promises may come out otherwise.

    Args:
        adapter: its name or file, as in ``--adapter``; its master token comes from ``DMSIM_TOKEN``.
        backend_url: the backend; what it holds is lost.
        trace: the traffic; by default a sample is simulated, by the policy of a declared adapter.
        allow_host: hosts that may be sent load although they are not this machine.

    Raises:
        AssertionError: an answer was wrong, or there was none.
        UsageError: the adapter, the backend or the trace cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="dmsim-testing-") as folder:
        path = trace or _sample(adapter, Path(folder) / "trace")
        settings = replay_settings(Trace.open(path).manifest.scenario)
        out = Path(folder) / "out"
        summary = replay(
            path,
            out=out,
            host=backend_url,
            adapter=adapter,
            allow_host=allow_host,
            settings=msgspec.structs.replace(settings, speed=SPEED),
        ).summary
        kept = _kept(Trace.open(path), read_judgements(out))
    _check(summary)
    promised = promises_of(adapter)
    missing = [told for told in promised if told not in kept]
    return Exercise(summary, [told for told in promised if told in kept], missing)


def _sample(adapter: str, folder: Path) -> Path:
    # The simulator is for those who bring no trace of their own.
    from dmsim.scenario import load_scenario  # noqa: PLC0415
    from dmsim.simulation import simulate  # noqa: PLC0415

    made = adapter_named(adapter, TOKEN)
    with_policy = isinstance(made, DeclaredAdapter) and made.declaration.policy
    policy = Path(adapter) if with_policy else None
    return simulate(load_scenario(_SCENARIO, None, _LIVELY, policy), folder).path


def _check(summary: ReplaySummary) -> None:
    expect(summary.matches > 0, "nothing that was sent could be judged; give another trace")
    wrong = [
        f"seq {one.seq} {one.action}: {_told(one.expected, one.expected_reason)} is demanded, "
        f"{_told(one.got, one.got_reason)} came"
        for one in summary.worst_mismatches[:3]
    ]
    expect(not summary.mismatches, f"{summary.mismatches} mismatches: {'; '.join(wrong)}")
    expect(not summary.errors, f"{summary.errors} actions without an answer: {summary.error_kinds}")


def _told(verdict: str, reason: str) -> str:
    return verdict if reason in {"", word(Reason.NONE)} else reason


def _kept(trace: Trace, judgements: pl.DataFrame) -> set[str]:
    """The words of verdicts and reasons of which an action matched."""
    demanded = trace.actions(["seq", "verdict", "reason"]).cast({"verdict": str, "reason": str})
    matched = judgements.filter(pl.col("judgement") == "match").select("seq")
    rows = matched.join(demanded, on="seq").select("verdict", "reason").unique().iter_rows()
    return {_told(verdict, reason) for verdict, reason in rows}


def promises_of(adapter: str) -> list[str]:
    """What an adapter promises: verdicts, and the reasons of refusals, by their words."""
    promises = adapter_named(adapter, TOKEN).promises
    plain = [v for v in Verdict if v not in _FOR_A_REASON and promises(v, Reason.NONE)]
    reasons = [r for r in Reason if r != Reason.NONE and any(promises(v, r) for v in _FOR_A_REASON)]
    return [*map(word, plain), *map(word, reasons)]
