"""The modified offered load."""

from math import atan, cos, pi, sin

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.staffing.offered_load import mean_in_hand, offered_load

volumes = st.lists(st.floats(0, 500), min_size=1, max_size=30)


def test_a_sinusoidal_rate_lags_and_swings_as_published() -> None:
    """λ(t) = 100 + 20 sin t with services of 1: m(t) = 100 + 10 (sin t - cos t), at most
    114.142135623731 (Eick, Massey and Whitt 1993)."""
    steps = 20_000
    length = 2 * pi / steps
    middle = (np.arange(steps) + 0.5) * length
    loads = mean_in_hand((100 + 20 * np.sin(middle)) * length, length, 1.0)
    assert loads.max() == pytest.approx(114.142135623731, abs=1e-5)
    begin = np.arange(steps) * length
    expected = 100 + 10 * (np.sin(begin) - np.cos(begin))
    assert loads == pytest.approx(expected, abs=1e-4)


def test_the_published_peak_of_a_sinusoid_is_met_to_twelve_digits_as_intervals_shrink() -> None:
    """The peak stands at t = 3π/4; steps of a rate miss it by the square of their length, and two
    lengths tell the limit (Richardson)."""

    def peak(steps: int) -> float:
        length = 2 * pi / steps
        middle = (np.arange(steps) + 0.5) * length
        rates = 100 + 20 * np.sin(middle)
        return float(mean_in_hand(rates * length, length, 1.0)[3 * steps // 8])

    limit = (4 * peak(2_000) - peak(1_000)) / 3
    assert limit == pytest.approx(114.142135623731, rel=1e-12)


@given(volumes, st.floats(60, 1e6))
def test_a_week_ends_as_it_begins_and_loses_no_work(contacts: list[float], handle: float) -> None:
    begins = mean_in_hand(np.array(contacts), 3600.0, handle)
    steady = np.array(contacts) / 3600 * handle
    ends = steady + (begins - steady) * np.exp(-3600 / handle)
    assert ends == pytest.approx(np.roll(begins, -1), rel=1e-9, abs=1e-9)
    load = offered_load(np.array(contacts), 3600.0, handle)
    assert load.mean() == pytest.approx(steady.mean(), rel=1e-9)
    assert (load >= -1e-9).all()


@given(volumes)
def test_short_handling_leaves_nothing_to_the_next_hour(contacts: list[float]) -> None:
    load = offered_load(np.array(contacts), 3600.0, 0.01)
    assert load == pytest.approx(np.array(contacts) / 3600 * 0.01, rel=1e-3, abs=3e-6)


def test_the_mean_over_an_hour_is_the_integral() -> None:
    contacts = np.array([10.0, 200.0, 50.0])
    fine = np.repeat(contacts / 1000, 1000)
    apart = mean_in_hand(fine, 3.6, 2400.0).reshape(3, 1000).mean(axis=1)
    assert offered_load(contacts, 3600.0, 2400.0) == pytest.approx(apart, rel=1e-3)


def test_the_lag_of_a_sinusoid_is_an_eighth_of_a_period_where_it_is_as_fast_as_service() -> None:
    steps, omega = 4_000, 1.0
    length = 2 * pi / steps
    rates = 1 + 0.3 * np.sin(omega * (np.arange(steps) + 0.5) * length)
    lag = atan(omega)
    found = mean_in_hand(rates * length, length, 1.0)
    expected = [1 + 0.3 * cos(lag) * sin(omega * n * length - lag) for n in range(steps)]
    assert found == pytest.approx(np.array(expected), abs=1e-4)
