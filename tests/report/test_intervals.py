import pytest
from scipy import stats

from dmsim.report.intervals import interval


@pytest.mark.parametrize("count", [2, 3, 10, 31, 32, 40, 100, 1000])
def test_the_interval_is_student_s(count: int) -> None:
    values = [float(number % 7) for number in range(count)]
    spread = stats.tstd(values) / count**0.5
    low, high = stats.t.interval(0.95, count - 1, loc=sum(values) / count, scale=spread)
    found = interval(values)
    assert found.count == count
    assert found.mean is not None
    assert found.half_width is not None
    assert found.mean - found.half_width == pytest.approx(low, rel=1e-3, abs=2e-3)
    assert found.mean + found.half_width == pytest.approx(high, rel=1e-3, abs=2e-3)


def test_one_replication_tells_nothing_of_the_spread() -> None:
    found = interval([3.0, None])
    assert (found.count, found.mean, found.half_width) == (1, 3.0, None)
    assert interval([None]).mean is None
