"""The log of HdrHistograms, read back by HdrHistogram's own reader."""

import sys
from pathlib import Path

import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.replay.hdr import HDR_LOG, check_hdr, write_hdr
from dmsim.replay.run import replay
from tests.replay.conftest import MakeTrace
from tests.replay.test_end_to_end import says
from tests.replay.test_slots import SECOND, answered


def read(folder: Path) -> list[tuple[str | None, float, HdrHistogram]]:
    """Tag, start in seconds and histogram of every line."""
    reader = HistogramLogReader(str(folder / HDR_LOG), HdrHistogram(1, 10 * SECOND, 3))
    found = []
    try:
        while (histogram := reader.get_next_interval_histogram()) is not None:
            found.append((histogram.get_tag(), histogram.get_start_time_stamp() / 1000, histogram))
    finally:
        reader.close()
    return found


@settings(deadline=None)
@given(st.lists(st.integers(1, 40 * SECOND), min_size=1, max_size=200))
def test_a_log_gives_the_percentiles_of_the_raw_times(
    tmp_path_factory: pytest.TempPathFactory, done: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("hdr")
    write_hdr(answered([(0, 0, 0, instant) for instant in done]), folder)
    whole = HdrHistogram(1, 100 * SECOND, 3)
    for tag, _, histogram in read(folder):
        if tag == "service":
            whole.add(histogram)
    assert whole.get_total_count() == len(done)
    for rank, exact in enumerate(sorted(done), start=1):
        percent = 100 * rank / len(done)
        assert whole.get_value_at_percentile(percent) == pytest.approx(exact, rel=0.001)


def test_lines_without_a_tag_are_the_response_of_all_actions(tmp_path: Path) -> None:
    late = (1_000_000, 3_000_000, 6_000_000, SECOND + 10_000_000)
    write_hdr(answered([(0, 0, 0, 2_000_000), late]), tmp_path)
    found = [
        (tag, start, h.get_total_count(), h.get_max_value()) for tag, start, h in read(tmp_path)
    ]
    assert [line[:3] for line in found] == [
        (tag, start, 1)
        for start in (0, 1)
        for tag in (None, "service", "lateness", "blocked", "response.send_message")
    ]
    assert found[5][3] == pytest.approx(SECOND + 9_000_000, rel=0.001)
    assert found[8][3] == pytest.approx(2_000_000, rel=0.001)


def test_a_log_of_nothing_can_be_read(tmp_path: Path) -> None:
    write_hdr(answered([]), tmp_path)
    assert read(tmp_path) == []


def test_a_replay_writes_the_log_where_asked(
    make_trace: MakeTrace, backend: str, tmp_path: Path
) -> None:
    trace, out = make_trace(says("inbox", "inbox")), tmp_path / "out"
    result = replay(trace, host=backend, out=out, hdr=True)
    ((_, _, histogram),) = [line for line in read(out) if line[0] is None]
    longest_ms = result.summary.response_ms.max
    assert longest_ms is not None
    assert histogram.get_max_value() / 1e6 == pytest.approx(longest_ms, rel=0.001)
    replay(trace, host=backend, out=out)
    assert not (out / HDR_LOG).exists()


def test_a_missing_package_is_told_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "hdrh", None)
    with pytest.raises(UsageError, match=r"pip install 'dmsim\[hdr\]'"):
        check_hdr()
