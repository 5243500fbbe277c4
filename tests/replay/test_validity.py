"""When a run's figures must not be believed, and what is to be changed then."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.replay.core import BUSIEST_S, busiest, generator, sampled_core
from dmsim.replay.dispatcher import Fate
from dmsim.replay.histogram import Histogram
from dmsim.replay.judge import Judgement
from dmsim.replay.record import Record
from dmsim.replay.result import Validity, WorkerSummary
from dmsim.replay.settings import replay_settings
from dmsim.replay.validity import findings, late_stretch, void_because
from tests.replay.conftest import Row
from tests.replay.test_schedule import scheduled

SETTINGS = replay_settings({})
MS = 1_000_000
S = 1_000 * MS


@pytest.mark.parametrize(
    ("shares", "share"),
    [
        ([], 0.0),
        ([0.9] * 20, 0.9),
        # A burst of a second, or a run that is over before it can be told.
        ([0.1, 1.0, 0.1, 0.1, 0.1, 0.1], 0.28),
        ([1.0] * 3, 0.6),
        ([1.0] * 4, 0.8),
        ([0.0] * 30 + [0.9] * 5 + [0.0] * 30, 0.9),
        ([0.0] * 30 + [0.9] * 5, 0.9),
        # Threads of a library may use more than one core.
        ([1.7] * 9, 1.0),
    ],
)
def test_a_core_is_as_busy_as_in_its_busiest_five_seconds(
    shares: list[float], share: float
) -> None:
    assert busiest(shares) == pytest.approx(share)


@given(st.lists(st.floats(0, 1), max_size=40))
def test_a_core_is_never_busier_than_its_busiest_second(shares: list[float]) -> None:
    assert busiest(shares) <= max(shares, default=0.0) + 1e-9
    whole = [sum(shares[n : n + BUSIEST_S]) / BUSIEST_S for n in range(len(shares))]
    assert busiest(shares) == pytest.approx(max(whole, default=0.0))


def test_the_figures_of_a_generator_are_shares_of_its_seconds() -> None:
    figures = generator([0.5] * 9 + [0.9], 0.8)
    assert figures is not None
    assert (figures.core_p50, figures.core_max, figures.seconds_over_budget) == (0.5, 0.9, 1)
    assert figures.core_busiest == pytest.approx(0.58)
    assert generator([], 0.8) is None


def test_every_second_that_began_is_sampled() -> None:
    shares: list[float] = []
    with sampled_core(shares):
        sum(range(100_000))
    assert len(shares) == 1
    assert 0 < shares[0] <= 1


@pytest.mark.parametrize(
    ("seconds", "length", "stretch"),
    [
        ([], 10, None),
        ([3], 10, (3, 3)),
        ([12, 12, 13, 14, 15, 15], 30, (12, 15)),
        # What lies elsewhere is left out if it is little.
        ([1, 12, 12, 13, 13], 30, (12, 13)),
        ([1, 12, 20, 29], 30, None),
        ([0, 1], 2, None),
    ],
)
def test_a_run_that_was_late_in_one_stretch_says_when(
    seconds: list[int], length: int, stretch: tuple[int, int] | None
) -> None:
    assert late_stretch(np.array(seconds, dtype=np.int64), length) == stretch


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_a_stretch_holds_most_of_what_was_late_and_no_shorter_one_does(seconds: list[int]) -> None:
    stretch = late_stretch(np.array(seconds), 10**6)
    assert stretch is not None
    first, last = stretch

    def inside(first: int, last: int) -> int:
        return sum(first <= second <= last for second in seconds)

    assert inside(first, last) >= 0.8 * len(seconds)
    shorter = last - first - 1
    assert all(inside(n, n + shorter) < 0.8 * len(seconds) for n in range(31))


def ran(late: dict[int, int], length: int = 20, **more: object) -> Record:
    """An action in each second, as late as told in ms by its second."""
    rows: list[Row] = [{"at": n * 1_000_000} for n in range(length)]
    schedule = scheduled(rows)
    start = schedule.intended + [late.get(n, 0) * MS for n in range(length)]
    values: dict[str, object] = {
        "ready": schedule.intended,
        "start": start,
        "done": start + MS,
        "fates": np.full(length, Fate.ANSWERED, dtype=np.uint8),
        "judgements": np.full(length, Judgement.MATCH, dtype=np.uint8),
        "statuses": np.full(length, 200, dtype=np.int16),
    }
    return Record(schedule, **(values | more))  # type: ignore[arg-type]


def reasons(
    record: Record,
    cores: Sequence[Sequence[float]] = (),
    workers: Sequence[WorkerSummary] = (),
) -> list[str]:
    lateness = record.histograms()["lateness"]["all"]
    return void_because(record, findings(record, SETTINGS, lateness, cores, workers))


def worker(index: int, clock_error_ms: float) -> WorkerSummary:
    return WorkerSummary(
        index=index, actions=10, finished=10, lost=False, clock_offset_ms=7e6,
        clock_error_ms=clock_error_ms,
    )  # fmt: skip


def test_a_quiet_run_keeps_every_budget() -> None:
    record = ran({})
    workers = [worker(0, 0.5), worker(1, 1.5)]
    assert reasons(record, [[0.4] * 20], workers) == []
    lateness = record.histograms()["lateness"]["all"]
    table = [f.validity for f in findings(record, SETTINGS, lateness, [[0.4] * 20], workers)]
    assert [row.what for row in table] == [
        "lateness p99", "generator core", "clock skew", "dropped and skipped", "without an answer",
        "unordered", "unjudged",
    ]  # fmt: skip
    assert all(row.ok and not row.remedy for row in table)
    assert table[1].measured == 0.4
    assert table[2] == Validity(
        what="clock skew", measured=1.5, budget=5.0, unit="ms", ok=True, remedy=""
    )


LATE = {12: 400, 13: 500, 14: 100}


@pytest.mark.parametrize(
    ("cores", "cause"),
    [
        ([], "this machine was too busy to replay at that pace; lower --speed or free it"),
        ([[0.2] * 20], "another program kept this machine busy; free it, or lower --speed"),
        (
            [[0.2] * 20, [0.2] * 13 + [1.0] * 2 + [0.2] * 5],
            "the replaying process used up its core; lower --speed or add --workers",
        ),
        # It was busy while nothing was late.
        (
            [[1.0] * 2 + [0.2] * 18],
            "another program kept this machine busy; free it, or lower --speed",
        ),
    ],
)
def test_a_late_run_says_when_and_for_what_probable_cause(
    cores: list[list[float]], cause: str
) -> None:
    (reason,) = reasons(ran(LATE), cores)
    assert reason.startswith("lateness p99 of")
    assert reason.endswith(f"is over its budget of 50 ms, mostly in seconds 12-14: {cause}")


def test_a_run_that_was_late_all_along_names_no_stretch() -> None:
    (reason,) = reasons(ran(dict.fromkeys(range(20), 300)), [[0.9] * 3 + [0.2] * 17])
    assert "is over its budget of 50 ms: the replaying process" in reason


def test_a_saturated_core_voids_a_run_that_was_in_time() -> None:
    assert reasons(ran({}), [[0.1] * 20, [0.95] * 20]) == [
        "a replaying process used 95% of its core over 5 s, budget 80%: what it measured may be "
        "its own doing; lower --speed or add --workers"
    ]


def test_clocks_that_are_not_known_well_enough_void_a_run() -> None:
    assert reasons(ran({}), workers=[worker(0, 0.1), worker(3, 6.2)]) == [
        "the clock of worker 3 is known to 6.2 ms only, budget 5 ms: actions may have met out of "
        "order; run the workers on one machine, or on a quieter network"
    ]


def test_lost_workers_void_a_run() -> None:
    record = ran({}, stopped="interrupted")
    lost = ["worker 2 was lost"]
    assert void_because(record, [], lost) == ["stopped before its end: interrupted", *lost]


def test_nothing_measured_keeps_the_budget_of_lateness() -> None:
    found = findings(ran({}), SETTINGS, Histogram())[0].validity
    assert (found.what, found.measured, found.ok) == ("lateness p99", None, True)


def test_dropped_and_skipped_share_a_budget() -> None:
    fates = np.full(20, Fate.ANSWERED, dtype=np.uint8)
    fates[:2], fates[2] = Fate.DROPPED, Fate.SKIPPED
    record = ran({}, fates=fates)
    generous = msgspec.structs.replace(SETTINGS, dropped_budget=0.15)
    strict = msgspec.structs.replace(SETTINGS, dropped_budget=0.149)
    kept, missed = (findings(record, s, Histogram())[1] for s in (generous, strict))
    assert (kept.validity.measured, kept.validity.ok, kept.because) == (0.15, True, ())
    assert [told.split(" (")[0] for told in missed.because] == [
        "2 actions dropped", "1 actions skipped",
    ]  # fmt: skip


def test_the_unjudged_are_a_part_of_what_could_be_judged() -> None:
    """Neither what is unsupported nor what rests on a rule that nobody promised could be."""
    fates = np.full(20, Fate.UNSUPPORTED, dtype=np.uint8)
    fates[:4] = Fate.ANSWERED
    judgements = np.full(20, Judgement.NONE, dtype=np.uint8)
    judgements[:4] = [Judgement.MATCH, Judgement.UNJUDGED, Judgement.UNJUDGED, Judgement.UNJUDGED]
    record = ran({}, fates=fates, judgements=judgements, origins={2: 2, 3: 2}, unpromised={2})
    (told,) = [
        f.validity for f in findings(record, SETTINGS, Histogram()) if f.validity.what == "unjudged"
    ]
    assert (told.measured, told.ok) == (0.5, False)
    nothing = ran({}, judgements=np.full(20, Judgement.NONE, dtype=np.uint8))
    assert findings(nothing, SETTINGS, Histogram())[-1].validity.measured == 0
