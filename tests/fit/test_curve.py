"""Fitted curves against known truths: how near, and how sure."""

import builtins
from typing import Any

import numpy as np
import pytest

from dmsim.errors import UsageError
from dmsim.fit.curve import Curve, fit_curve, poisson_deviance
from dmsim.fit.weeks import MONDAY_US, Weeks, count_weeks
from dmsim.scenario.units import DAY_US, HOUR_US, WEEK_US
from tests.fit.made_up import PER_WEEK, sampled, squared_error, truth

REPLICATIONS = 100


def covered(curve: Curve, true: Any) -> float:
    return float(((curve.low <= true) & (true <= curve.high)).mean())


@pytest.mark.parametrize("name", ["messages", "comments"])
def test_the_95_percent_intervals_cover_the_truth_in_90_to_99_percent(name: str) -> None:
    """Of 200 replications over both curves, half of them with bursts, by the hour and the week."""
    rng, true = np.random.default_rng(20), truth(name)
    hours, weeks, errors, raw = [], [], [], []
    for number in range(REPLICATIONS):
        found = fit_curve(sampled(rng, true, 5 + number % 3, 1.0 + number % 2))
        hours.append(covered(found, true))
        weeks.append(found.weekly_low <= PER_WEEK <= found.weekly_high)
        errors.append(squared_error(found.rate, true))
        raw.append(squared_error(found.raw, true))
    assert 0.90 <= np.mean(hours) <= 0.99
    assert 0.90 <= np.mean(weeks) <= 0.99
    assert np.mean(errors) <= 0.01
    assert np.mean(errors) < np.mean(raw) / 2


@pytest.mark.parametrize("dispersion", [1.0, 2.0, 4.0])
def test_bursts_widen_the_band_as_they_scatter_the_counts(dispersion: float) -> None:
    rng = np.random.default_rng(3)
    found = fit_curve(sampled(rng, truth("comments"), 20, dispersion))
    assert found.dispersion == pytest.approx(dispersion, rel=0.15)


def test_more_weeks_narrow_the_band_and_the_error() -> None:
    true = truth("messages")
    few, many = (fit_curve(sampled(np.random.default_rng(4), true, n)) for n in (3, 40))
    width = [np.median((curve.high - curve.low) / curve.rate) for curve in (few, many)]
    assert width[1] < width[0] / 2
    assert squared_error(many.rate, true) < squared_error(few.rate, true) / 3


def test_a_flat_week_is_fitted_flat() -> None:
    true = np.full(168, 30.0)
    found = fit_curve(sampled(np.random.default_rng(5), true, 6))
    assert squared_error(found.rate, true) < 0.001
    assert not found.raw_is_as_good


def test_where_there_is_very_much_the_raw_means_do_as_well() -> None:
    # A week without any smoothness between hours.
    true = np.random.default_rng(1).uniform(1_000, 50_000, 168)
    assert fit_curve(sampled(np.random.default_rng(6), true, 6)).raw_is_as_good


def test_the_week_closes_on_itself() -> None:
    """A peak at its end shows at its beginning, not a jump."""
    hours = np.arange(168)
    true = 10 + 40 * np.exp(-((((hours + 84) % 168) - 84) ** 2) / 200)
    found = fit_curve(sampled(np.random.default_rng(7), true, 8))
    assert abs(found.rate[0] - found.rate[-1]) < 3
    assert squared_error(found.rate, true) < 0.01


def office(per_hour: float) -> Any:
    """From Monday to Friday, 09:00 to 17:00, and nothing else."""
    hours = np.arange(168)
    open_ = (hours < 5 * 24) & (hours % 24 >= 9) & (hours % 24 < 17)
    return np.where(open_, per_hour, 0.0)


@pytest.mark.parametrize("per_hour", [3.0, 10.0, 300.0])
def test_hours_in_which_nothing_ever_happens_have_a_band_as_well(per_hour: float) -> None:
    true, weeks = office(per_hour), 6
    found = fit_curve(sampled(np.random.default_rng(11), true, weeks))
    assert np.all(np.isfinite([found.rate, found.low, found.high]))
    closed = true == 0
    assert np.all(found.low[closed] == 0)
    # With 97.5 % fewer than 3.7 are due where none came; if they are single ones.
    assert np.all(found.high[closed] <= 1.5 * 3.7 / weeks)
    assert squared_error(found.rate, true) < 0.06


@pytest.mark.parametrize("count", [1.0, 80.0, 1e6])
def test_a_week_of_a_single_hour_is_fitted(count: float) -> None:
    counts = np.zeros((4, 168))
    counts[:, 10] = count
    found = fit_curve(Weeks(counts, np.ones_like(counts)))
    assert np.all(np.isfinite([found.rate, found.low, found.high]))
    assert int(np.argmax(found.rate)) == 10


def test_hours_that_were_never_seen_are_filled_by_their_neighbours() -> None:
    true = truth("comments")
    weeks = sampled(np.random.default_rng(8), true, 6)
    observed = weeks.observed.copy()
    observed[:, 60:63] = 0
    found = fit_curve(Weeks(weeks.counts * observed, observed))
    assert np.all(np.abs(found.rate[60:63] / true[60:63] - 1) < 0.3)


def test_the_deviance_is_that_of_poisson() -> None:
    counts, expected = np.array([0.0, 1.0, 4.0]), np.array([0.5, 1.0, 2.0])
    by_hand = 2 * (0.5 + 0 + (4 * np.log(2) - 2))
    assert poisson_deviance(counts, expected) == pytest.approx(by_hand)


def wall(*hours: float) -> Any:
    """Times on the wall, in hours from a Monday on."""
    return np.array([MONDAY_US + round(hour * HOUR_US) for hour in hours], dtype=np.int64)


#: Something on each day of two weeks, so that they count as weeks.
DAILY = [24 * day + 12.5 for day in range(14)]


def test_events_are_counted_by_week_and_hour() -> None:
    weeks = count_weeks(wall(0.5, 0.9, 167.5, 168.2, 335.9, *DAILY), None, "log")
    assert weeks.counts.shape == (2, 168)
    assert weeks.counts[0, 0] == 2
    assert (weeks.counts[0, 167], weeks.counts[1, 0], weeks.counts[1, 167]) == (1, 1, 1)
    assert weeks.total == 5 + len(DAILY)
    assert np.all(weeks.observed == 1)


def test_what_was_not_observed_is_no_quiet_hour() -> None:
    """From Tuesday 06:00 of the first week to Wednesday 12:00 of the third."""
    weeks = count_weeks(wall(30.5, 200, 395.5, *(hour + 31 for hour in DAILY)), None, "log")
    assert weeks.counts.shape == (3, 168)
    assert weeks.observed[0, :30].sum() == 0
    assert weeks.observed[2, 60:].sum() == 0
    assert weeks.exposure[0] == 2
    assert weeks.exposure[40] == 3
    assert weeks.exposure[100] == 2
    assert len(weeks.whole) == 1


def test_a_window_that_is_known_is_taken_as_it_is() -> None:
    window = MONDAY_US + HOUR_US // 2, MONDAY_US + 2 * WEEK_US
    weeks = count_weeks(wall(5, 300, *DAILY), window, "log")
    assert weeks.observed[0, 0] == 0.5
    assert weeks.observed[1].sum() == 168


def test_silent_days_are_told() -> None:
    hours = [hour + 0.5 for hour in range(336) if hour // 24 not in (3, 8)]
    weeks = count_weeks(wall(*hours), None, "log")
    assert weeks.silent == ("1970-01-08", "1970-01-13")


def test_a_stray_stamp_far_away_is_refused_with_what_lies_between() -> None:
    times = wall(0.5, *range(168 * 52, 168 * 55))
    told = r"log: covers 385 days, of which 363 have no event \(1970-01-06 to 1971-01-03\)"
    with pytest.raises(UsageError, match=told):
        count_weeks(times, None, "log")


@pytest.mark.parametrize("days", [1, 7, 12])
def test_less_than_two_weeks_are_refused(days: int) -> None:
    times = wall(*range(24 * days))
    with pytest.raises(UsageError, match=rf"log: covers {days}\.0 days; a curve of the week needs"):
        count_weeks(times, None, "log")


def test_no_events_are_refused() -> None:
    with pytest.raises(UsageError, match="log: no events"):
        count_weeks(wall(), None, "log")


def test_two_weeks_of_which_the_ends_are_quiet_are_enough() -> None:
    assert count_weeks(wall(8, 14 * 24 - 4, *DAILY), None, "log").counts.shape == (2, 168)
    assert DAY_US == 24 * HOUR_US


def test_without_scikit_learn_its_installation_is_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("sklearn"):
            raise ModuleNotFoundError(name)
        return real(name, *rest, **more)

    weeks = sampled(np.random.default_rng(1), truth("comments"), 3)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UsageError, match=r"pip install 'dmsim\[fit\]'"):
        fit_curve(weeks)


@pytest.mark.parametrize("whole_weeks", [1, 2])
def test_the_total_of_few_weeks_that_are_alike_is_no_surer_than_counts_are(
    whole_weeks: int,
) -> None:
    counts = np.full((2, 168), 3.0)
    observed = np.ones_like(counts)
    if whole_weeks == 1:
        counts[1, 100:] = observed[1, 100:] = 0
    found = fit_curve(Weeks(counts, observed))
    half = 1.96 * 504 / np.sqrt(counts.sum())
    assert found.weekly == pytest.approx(504)
    assert found.weekly_high - found.weekly == pytest.approx(half, rel=0.01)
    assert found.weekly - found.weekly_low == pytest.approx(half, rel=0.01)
