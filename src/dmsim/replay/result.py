"""What a replay found, as other programs read it: ``summary.json`` and ``histograms.json``."""

from pathlib import Path

import msgspec

from dmsim.errors import ExitCode, UsageError
from dmsim.paths import write_whole
from dmsim.replay.controls import Controls
from dmsim.replay.histogram import MANTISSA_BITS, Histogram
from dmsim.replay.settings import ReplaySettings
from dmsim.replay.thinning import Thinned

SUMMARY = "summary.json"
HISTOGRAMS = "histograms.json"
SCHEMA_VERSION = 2

#: How many mismatches a summary spells out.
WORST = 50

#: How many origins a summary names.
WORST_ORIGINS = 20

#: What is measured of a sample of the messages, beside the four times of every action.
DELIVERY = "delivery"

#: What is measured of held connections: from a session's intended begin until it listened, and
#: from the start of sending a message, or from its intended start, until its recipient heard of it.
OPENING, ARRIVAL, ARRIVAL_INTENDED = "opening", "arrival", "arrival_from_intended"

METRICS = ("response", "service", "lateness", "blocked")


class Percentiles(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds; null where nothing was measured."""

    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    max: float | None


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How the actions of a replay, or of one kind, came out.

    ``sent`` were begun; of these ``errors`` had no answer. ``dropped`` found no free
    connection, ``skipped`` came after an action without an answer, ``unsupported`` cannot be
    expressed by the adapter, or names what an unsupported action would have created; ``left_out``
    was not to be sent, or names what such an action would have created.
    """

    sent: int
    matches: int
    mismatches: int
    unordered: int
    unjudged: int
    unsupported: int
    dropped: int
    skipped: int
    errors: int
    left_out: int = 0


class ActionSummary(Tally, frozen=True, kw_only=True):
    """One kind of action."""

    response_ms: Percentiles
    service_ms: Percentiles
    lateness_ms: Percentiles
    blocked_ms: Percentiles


class VerdictSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The judged actions of one kind and demanded verdict."""

    expected: int
    matches: int
    mismatches: int


class Mismatch(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that differs from what the rules demand, and the trace line that shows it.

    ``expected_sign`` and ``got_sign`` are how the backend writes the two, for people to look up
    (``code 10900``); empty where it writes the reasons themselves.
    """

    seq: int
    cell: int
    row: int
    at_us: int
    action: str
    actor: int
    target: int
    expected: str
    expected_reason: str
    got: str
    got_reason: str
    status: int
    expected_sign: str = ""
    got_sign: str = ""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """An action because of which others could not be judged or sent.

    ``judgement`` is its own, or its fate (``error``, ``dropped``) where there was nothing to judge,
    or ``time`` where it rests on elapsed time that the backend did not promise: such an action is
    its own origin. ``unjudged``, ``skipped``, ``unsupported`` and ``left_out`` count those that are
    so because of it.
    """

    seq: int
    cell: int
    row: int
    action: str
    judgement: str
    unjudged: int
    skipped: int
    unsupported: int
    left_out: int = 0


class Second(msgspec.Struct, frozen=True, kw_only=True):
    """One second of the run: what was sent in it, and the times of what ended in it.

    In a long run it stands for the ``slot_s`` seconds that begin with it.
    """

    second: int
    sent: int
    done: int
    response_p50_ms: float | None
    response_p99_ms: float | None
    service_p50_ms: float | None = None
    service_p99_ms: float | None = None
    lateness_p50_ms: float | None = None
    lateness_p99_ms: float | None = None
    blocked_p50_ms: float | None = None
    blocked_p99_ms: float | None = None
    mismatches: int
    errors: int


class Validity(msgspec.Struct, frozen=True, kw_only=True):
    """A budget of the run's own conduct, and what was measured against it.

    ``measured`` and ``budget`` are in ``unit``: ``ms``, or a ``share`` between 0 and 1; null where
    nothing was measured. ``remedy`` is empty where the budget was kept.
    """

    what: str
    measured: float | None
    budget: float
    unit: str
    ok: bool
    remedy: str


class Generator(msgspec.Struct, frozen=True, kw_only=True):
    """How busy the replaying process kept its core, as shares over the seconds of the run.

    ``core_busiest`` is the mean over the busiest five seconds in a row, which is what the budget
    holds against; ``seconds_over_budget`` counts single seconds above it.
    """

    core_p50: float
    core_p95: float
    core_max: float
    core_busiest: float
    seconds_over_budget: int


class DeliverySummary(msgspec.Struct, frozen=True, kw_only=True):
    """How long messages took from the end of sending them until their recipients saw them.

    Of ``probes`` messages the backend was asked as the recipient; ``seen`` were seen and
    ``never_seen`` were not within the limit on waiting; of the others it did not tell.
    ``delivery_ms`` is of those seen, until the end of the probe that showed the message: an upper
    bound, since probes come ever more seldom, and never below what one of them takes.
    """

    probes: int
    seen: int
    never_seen: int
    delivery_ms: Percentiles


class ListeningSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What users who were online were told over held connections.

    Of ``sessions`` that were to be held ``opened`` were, ``broken`` of them before their end;
    ``refused`` were answered otherwise or not at all, ``unopened`` had ended before they were open,
    ``dropped`` found as many held as allowed; ``troubles`` says why, by how many.

    ``expected`` messages were answered as delivered (inbox or requests, unless the adapter says
    otherwise) while their recipient listened: ``seen`` arrived, ``never_seen`` did not although the
    recipient listened for a second more; of ``unknown`` that did not last so long, and
    ``unidentified`` were answered without an id to know them by. ``unexplained`` arrived under an
    id that no answer told, ``garbled`` could not be understood. ``leaked`` messages
    arrived that the rules refuse or remove.

    ``opening_ms`` is from the intended begin of a session until it listened, ``arrival_ms`` from
    the start of sending a message until it arrived, the other from its intended start.
    """

    sessions: int
    opened: int
    refused: int
    unopened: int
    dropped: int
    broken: int
    troubles: dict[str, int]
    most_at_once: int
    expected: int
    seen: int
    never_seen: int
    unknown: int
    unidentified: int
    unexplained: int
    garbled: int
    leaked: int
    worst_leaks: list[Mismatch]
    opening_ms: Percentiles
    arrival_ms: Percentiles
    arrival_from_intended_ms: Percentiles


class WorkerSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One of several processes that replayed a trace together.

    ``actions`` of the trace were its share, ``finished`` of them met their fate. Its clock was
    ``clock_offset_ms`` ahead of the master's, which was allowed for, give or take
    ``clock_error_ms``.
    """

    index: int
    actions: int
    finished: int
    lost: bool
    clock_offset_ms: float
    clock_error_ms: float


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """One of several replays of a trace, whose results lie in ``folder`` beside the summary."""

    folder: str
    valid: bool
    exit_code: int
    sent: int
    mismatches: int
    actions_per_second: float
    response_ms: Percentiles


class ReplaySummary(Tally, frozen=True, kw_only=True):
    """A whole replay; the object in ``summary.json``.

    ``time_promised`` says whether as much time passed for the backend as in the trace (at speed 1,
    or because it takes the simulated time of each request). Where it did not, differences that may
    come from elapsed time are unjudged: ``unjudged_by_time`` counts them and what rests on them.
    ``unjudged_by_left_out`` counts what is unjudged because it rests on what was left out; the
    budget of the unjudged is not for them, nor for ``unjudged_by_promise``: what came out otherwise
    than a rule demands that the adapter does not promise, and what rests on it. ``not_promised``
    counts the former by the rule's word. ``thinned`` is what ``--users`` left of the trace.
    ``repeats`` is empty where the trace was replayed once.
    ``workers`` is empty where one process did it all. ``insecure`` says that nobody checked whose
    certificate the backend showed. ``slot_s`` says how many seconds each entry of ``over_time``
    stands for. ``delivery`` is null where no message was probed, ``listening`` where nobody was to
    listen.
    """

    schema_version: int = SCHEMA_VERSION
    trace: str
    digest: str
    report: str | None = None
    actions: int
    actions_per_second: float
    seconds: dict[str, float]
    valid: bool
    invalid_because: list[str]
    validity: list[Validity] = []
    generator: Generator | None = None
    response_ms: Percentiles
    service_ms: Percentiles
    lateness_ms: Percentiles
    blocked_ms: Percentiles
    by_action: dict[str, ActionSummary]
    by_verdict: dict[str, dict[str, VerdictSummary]]
    worst_mismatches: list[Mismatch]
    worst_origins: list[Origin]
    error_kinds: dict[str, int]
    over_time: list[Second]
    slot_s: int = 1
    delivery: DeliverySummary | None = None
    listening: ListeningSummary | None = None
    workers: list[WorkerSummary] = []
    insecure: bool = False
    time_promised: bool = True
    unjudged_by_time: int = 0
    unjudged_by_left_out: int = 0
    unjudged_by_promise: int = 0
    not_promised: dict[str, int] = {}
    speed: float
    controls: Controls = Controls()
    thinned: Thinned | None = None
    repeats: list[Repeat] = []
    host: str
    adapter: str
    limits: ReplaySettings


class HistogramFile(msgspec.Struct, frozen=True, kw_only=True):
    """Log-linear counters of nanoseconds: metric, then action (or ``all``), then buckets."""

    schema_version: int = SCHEMA_VERSION
    unit: str = "ns"
    mantissa_bits: int = MANTISSA_BITS
    metrics: dict[str, dict[str, "Buckets"]]


class Buckets(msgspec.Struct, frozen=True, kw_only=True):
    """One histogram: pairs (bucket, count) and the exact maximum."""

    longest: int
    counts: list[tuple[int, int]]


class ReplayResult(msgspec.Struct, frozen=True, kw_only=True):
    """A replay as a library caller gets it.

    ``histograms`` are keyed by metric (:data:`METRICS`, and :data:`DELIVERY` where messages were
    probed, :data:`OPENING` and so on where somebody listened) and by an action's word or ``all``.
    """

    summary: ReplaySummary
    histograms: dict[str, dict[str, Histogram]]

    @property
    def leaked(self) -> int:
        """How many messages arrived that the rules refuse or remove; 0 where nobody listened."""
        return self.summary.listening.leaked if self.summary.listening is not None else 0

    @property
    def exit_code(self) -> ExitCode:
        """What the process should end with; a mismatch counts even in an invalid run."""
        if self.summary.mismatches or self.leaked:
            return ExitCode.MISMATCH
        return ExitCode.PASS if self.summary.valid else ExitCode.INVALID_RUN


def percentiles_ms(histogram: Histogram) -> Percentiles:
    """The usual percentiles of a histogram of nanoseconds."""
    return Percentiles(
        p50=_ms(histogram.percentile(50)),
        p90=_ms(histogram.percentile(90)),
        p95=_ms(histogram.percentile(95)),
        p99=_ms(histogram.percentile(99)),
        max=_ms(histogram.percentile(100)),
    )


def _ms(nanoseconds: float | None) -> float | None:
    return None if nanoseconds is None else round(nanoseconds / 1e6, 6)


def write_result(result: ReplayResult, folder: Path) -> None:
    """Write both files; each appears whole or not at all, the summary last."""
    folder.mkdir(parents=True, exist_ok=True)
    histograms = HistogramFile(
        metrics={
            metric: {
                action: Buckets(longest=h.longest, counts=sorted(h.counts.items()))
                for action, h in of_actions.items()
            }
            for metric, of_actions in result.histograms.items()
        }
    )
    summary = msgspec.json.format(msgspec.json.encode(result.summary), indent=2)
    write_whole(folder / HISTOGRAMS, msgspec.json.encode(histograms) + b"\n")
    write_whole(folder / SUMMARY, summary + b"\n")


def read_result(folder: Path) -> ReplayResult:
    """Read back what :func:`write_result` wrote.

    Raises:
        UsageError: the folder holds no replay of this schema.
    """
    try:
        summary = msgspec.json.decode((folder / SUMMARY).read_bytes(), type=ReplaySummary)
        file = msgspec.json.decode((folder / HISTOGRAMS).read_bytes(), type=HistogramFile)
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(f"{folder}: no result of a replay ({error}); replay again") from None
    if summary.schema_version != SCHEMA_VERSION or file.schema_version != SCHEMA_VERSION:
        raise UsageError(f"{folder}: written by another version of dmsim; replay again")
    histograms = {
        metric: {a: Histogram(dict(b.counts), b.longest) for a, b in of_actions.items()}
        for metric, of_actions in file.metrics.items()
    }
    return ReplayResult(summary=summary, histograms=histograms)
