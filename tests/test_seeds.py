"""The seeds say what their sources say; R-numbers are the statements of the sources."""

import csv

import numpy as np
import pytest
from numpy.typing import NDArray

from dmsim.paths import data_path
from dmsim.population.curves import CurveName, load_curve
from dmsim.rules.facts import Policy
from dmsim.scenario import default_policy

Week = NDArray[np.float64]

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WEEKDAYS = slice(MON, SAT)
WEEKS = 5
COMMENTS = 200_000
MESSAGES = 350_000
#: A weekend hour is popular from this multiple of the week's mean hour on.
POPULAR = 1.3


def panel(name: CurveName, total: int) -> Week:
    """What the study's panel would count in its five weeks, shape (7 days, 24 hours)."""
    curve = load_curve(name)
    week: Week = (curve / curve.sum() * total).reshape(7, 24)
    return week


def busiest_window(day: Week, length: int) -> int:
    """The hour at which the busiest ``length`` hours of a day begin."""
    return int(np.argmax(np.convolve(day, np.ones(length), "valid")))


def busiest_hours(day: Week, count: int) -> set[int]:
    return {int(hour) for hour in np.argsort(day)[-count:]}


def check_comments(week: Week) -> None:
    """Everything the study says of comments (R107-R111)."""
    assert busiest_hours(week[WEEKDAYS].mean(axis=0), 5) == {16, 17, 18, 19, 20}, "R108"
    for day in week[WEEKDAYS]:
        assert busiest_window(day, 5) == 16, "R108: every weekday peaks from 16:00 to 21:00"
        assert 16 <= np.argmax(day) <= 20, "R108"
    sunday = week[SUN]
    assert 12 <= np.argmax(sunday) <= 17, "R109: Sunday peaks in the daytime"
    assert sunday[12:18].mean() >= np.sort(week.ravel())[int(0.7 * week.size)], "R109: a peak"
    assert sunday[12:18].mean() > sunday[18:23].mean(), "R109: not in the evening"
    days = week.sum(axis=1)
    assert np.argmin(days) == SAT, "R110: Saturday is the quietest day"
    assert np.sum(days == days[SAT]) == 1, "R110"
    evenings = np.zeros_like(week, dtype=bool)
    evenings[WED : THU + 1, 16:20] = True
    assert week[evenings].min() >= week[~evenings].max(), "R111: Wednesday and Thursday evenings"
    assert week.min() <= 0.25 * week.max(), "R107: a perceptible sag"


def check_messages(week: Week) -> None:
    """Everything the study says of messages (R115-R120)."""
    assert busiest_hours(week[WEEKDAYS].mean(axis=0), 5) == {15, 16, 17, 18, 19}, "R115"
    for day in week[:FRI]:
        assert busiest_window(day, 5) == 15, "R115: weekdays peak from 15:00 to 20:00"
    popular = week >= POPULAR * week.mean()
    weekend = {(day, hour) for day in (SAT, SUN) for hour in range(24) if popular[day, hour]}
    assert weekend == {(SAT, 11), (SAT, 12), (SAT, 13)}, "R116: the only popular window"
    friday = week[FRI]
    day, hour = divmod(int(np.argmax(week)), 24)
    assert day == FRI, "R120: the week's peak is on Friday"
    assert 12 <= hour <= 17, "R120: in the daytime"
    noons = week[:, 12:15].mean(axis=1)
    assert np.argmax(noons) == FRI, "R117: active already from 12:00"
    assert friday[12:15].min() >= 0.9 * week[:FRI, 15:20].mean(), "R117"
    assert FRI in np.argsort(week.sum(axis=1))[-2:], "R117: one of the most active days"
    assert np.all(np.diff(friday[17:]) <= 0), "R118: falls towards the evening"
    assert friday[19:23].mean() < 0.75 * friday[12:18].mean(), "R118"
    assert week[:, 1:7].max() <= 0.05 * week.max(), "R119: silence from 01:00"
    assert week[:, 7].max() <= 0.12 * week.max(), "R119: to seven or eight"
    assert week[WEEKDAYS, 9].min() > 0.05 * week.max(), "R119: but no longer"


def test_a_curve_is_168_positive_hours_around_a_mean_of_one() -> None:
    for name in ("comments", "messages"):
        curve = load_curve(name)
        assert curve.shape == (168,)
        assert curve.dtype == np.float64
        assert curve.min() > 0
        assert curve.mean() == pytest.approx(1)


def test_the_files_hold_the_counts_of_the_panels_mean_week() -> None:
    for name, total in (("comments", COMMENTS), ("messages", MESSAGES)):
        with (data_path("seeds") / f"activity_{name}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [(int(r["day"]), int(r["hour"])) for r in rows] == [
            (day, hour) for day in range(7) for hour in range(24)
        ]
        assert WEEKS * sum(float(row["weight"]) for row in rows) == total, "R103, R104"


def test_the_comment_curve_says_what_the_study_says() -> None:
    check_comments(panel("comments", COMMENTS))


def test_the_message_curve_says_what_the_study_says() -> None:
    check_messages(panel("messages", MESSAGES))


def test_messages_exceed_comments_in_most_hours() -> None:
    more = panel("messages", MESSAGES) > panel("comments", COMMENTS)
    assert more.mean() > 0.6, "R105"


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dispersion", [1, 2])
def test_a_sampled_panel_says_it_too(seed: int, dispersion: int) -> None:
    """Also where people write in bursts, so that counts scatter twice as much as Poisson's."""
    draws = np.random.default_rng(seed)

    def sample(expected: Week) -> Week:
        if dispersion == 1:
            return draws.poisson(expected).astype(np.float64)
        heaps = expected / (dispersion - 1)
        return draws.negative_binomial(heaps, 1 / dispersion).astype(np.float64)

    check_comments(sample(panel("comments", COMMENTS)))
    check_messages(sample(panel("messages", MESSAGES)))


def test_days_are_far_enough_apart_to_be_told_from_chance() -> None:
    """Four standard errors of a panel with bursts lie between what the study orders."""
    comments, messages = panel("comments", COMMENTS), panel("messages", MESSAGES)

    def sigmas(more: float, less: float) -> float:
        return (more - less) / float(np.sqrt(2 * (more + less)))

    quiet = comments.sum(axis=1)
    assert min(sigmas(quiet[day], quiet[SAT]) for day in range(7) if day != SAT) > 4
    evenings = comments[WED : THU + 1, 16:20].min()
    rest = np.delete(comments.ravel(), [24 * d + h for d in (WED, THU) for h in range(16, 20)])
    assert sigmas(evenings, rest.max()) > 4
    others = np.delete(messages, FRI, axis=0)
    assert sigmas(messages[FRI].max(), others.max()) > 4
    assert sigmas(messages[FRI, 12:15].sum(), others[:, 12:15].sum(axis=1).max()) > 4


def test_the_default_policy_is_the_one_the_sources_describe() -> None:
    assert default_policy() == Policy(
        minimum_age=16,  # R12, Q1
        no_one_may_send=True,  # Q4
        blocker_may_send=False,  # Q22
        deleted_request_may_be_repeated=True,  # Q7
        one_private_reply_per_comment=True,
        public_reply_first=True,  # R149, R159
    )


def test_every_seed_file_has_its_sources_told() -> None:
    told = (data_path("seeds") / "SOURCES.md").read_text(encoding="utf-8")
    for path in data_path("seeds").iterdir():
        assert path.name in told or path.name == "SOURCES.md"
