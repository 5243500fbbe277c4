"""The seeds say what their sources say; R-numbers are the statements of the sources."""

import csv
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dmsim.paths import data_path
from dmsim.population.curves import load_curve
from dmsim.rules.facts import Policy
from dmsim.scenario import Team, curve_names, default_policy
from dmsim.scenario.care import presets
from dmsim.scenario.policy import profile_policy

Week = NDArray[np.float64]

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WEEKDAYS = slice(MON, SAT)
WEEKS = 5
COMMENTS = 200_000
MESSAGES = 350_000
#: A weekend hour is popular from this multiple of the week's mean hour on.
POPULAR = 1.3


@dataclass(frozen=True)
class Reading:
    """One way to read the study: a pair of curves and the hours that they mean.

    ``last`` is 1 where the hour at which a period ends belongs to it (Q9); ``friday`` holds
    Friday's maximum (Q10).
    """

    comments: str = "comments"
    messages: str = "messages"
    last: int = 0
    friday: range = range(12, 18)

    def hours(self, start: int, end: int) -> range:
        """What "from start to end" means."""
        return range(start, end + self.last)


DEFAULT = Reading()
READINGS = {
    "half-open hours": DEFAULT,
    "inclusive hours": Reading("comments_inclusive", "messages_inclusive", last=1),
    "Friday evening": Reading(messages="messages_evening", friday=range(15, 20)),
}
every_reading = pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)


def panel(name: str, total: int) -> Week:
    """What the study's panel would count in its five weeks, shape (7 days, 24 hours)."""
    curve = load_curve(name)
    week: Week = (curve / curve.sum() * total).reshape(7, 24)
    return week


def busiest_window(day: Week, length: int) -> int:
    """The hour at which the busiest ``length`` hours of a day begin."""
    return int(np.argmax(np.convolve(day, np.ones(length), "valid")))


def busiest_hours(day: Week, count: int) -> set[int]:
    return {int(hour) for hour in np.argsort(day)[-count:]}


def check_comments(week: Week, reading: Reading = DEFAULT) -> None:
    """Everything the study says of comments (R107-R111)."""
    peak = reading.hours(16, 21)
    assert busiest_hours(week[WEEKDAYS].mean(axis=0), len(peak)) == set(peak), "R108"
    for day in week[WEEKDAYS]:
        assert busiest_window(day, len(peak)) == 16, "R108: every weekday peaks from 16:00 to 21:00"
        assert np.argmax(day) in peak, "R108"
    sunday = week[SUN]
    assert 12 <= np.argmax(sunday) <= 17, "R109: Sunday peaks in the daytime"
    assert sunday[12:18].mean() >= np.sort(week.ravel())[int(0.7 * week.size)], "R109: a peak"
    assert sunday[12:18].mean() > sunday[18:23].mean(), "R109: not in the evening"
    days = week.sum(axis=1)
    assert np.argmin(days) == SAT, "R110: Saturday is the quietest day"
    assert np.sum(days == days[SAT]) == 1, "R110"
    evenings = np.zeros_like(week, dtype=bool)
    evenings[WED : THU + 1, reading.hours(16, 20)] = True
    assert week[evenings].min() >= week[~evenings].max(), "R111: Wednesday and Thursday evenings"
    assert week.min() <= 0.25 * week.max(), "R107: a perceptible sag"


def check_messages(week: Week, reading: Reading = DEFAULT) -> None:
    """Everything the study says of messages (R115-R120)."""
    peak = reading.hours(15, 20)
    assert busiest_hours(week[WEEKDAYS].mean(axis=0), len(peak)) == set(peak), "R115"
    for day in week[:FRI]:
        assert busiest_window(day, len(peak)) == 15, "R115: weekdays peak from 15:00 to 20:00"
    popular = week >= POPULAR * week.mean()
    weekend = {(day, hour) for day in (SAT, SUN) for hour in range(24) if popular[day, hour]}
    assert weekend == {(SAT, hour) for hour in reading.hours(11, 14)}, "R116: the only popular one"
    friday = week[FRI]
    day, hour = divmod(int(np.argmax(week)), 24)
    assert day == FRI, "R120: the week's peak is on Friday"
    assert hour in reading.friday, "R120, Q10: in the daytime"
    noons = week[:, 12:15].mean(axis=1)
    assert np.argmax(noons) == FRI, "R117: active already from 12:00"
    assert friday[12:15].min() >= 0.9 * week[:FRI, peak].mean(), "R117"
    assert FRI in np.argsort(week.sum(axis=1))[-2:], "R117: one of the most active days"
    evening = reading.friday.stop
    assert np.all(np.diff(friday[evening - 1 :]) <= 0), "R118: falls towards the evening"
    assert friday[evening + 1 : 23].mean() < 0.75 * friday[reading.friday].mean(), "R118"
    assert week[:, 1:7].max() <= 0.05 * week.max(), "R119: silence from 01:00"
    assert week[:, 7].max() <= 0.12 * week.max(), "R119: to seven or eight"
    assert week[WEEKDAYS, 9].min() > 0.05 * week.max(), "R119: but no longer"


def test_a_curve_is_168_positive_hours_around_a_mean_of_one() -> None:
    for name in curve_names():
        curve = load_curve(name)
        assert curve.shape == (168,)
        assert curve.dtype == np.float64
        assert curve.min() > 0
        assert curve.mean() == pytest.approx(1)


def test_the_files_hold_the_counts_of_the_panels_mean_week() -> None:
    for name in curve_names():
        total = COMMENTS if name.startswith("comments") else MESSAGES
        with (data_path("seeds") / f"activity_{name}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [(int(r["day"]), int(r["hour"])) for r in rows] == [
            (day, hour) for day in range(7) for hour in range(24)
        ]
        assert WEEKS * sum(float(row["weight"]) for row in rows) == total, "R103, R104"


@every_reading
def test_each_readings_curves_say_what_the_study_says(reading: Reading) -> None:
    check_comments(panel(reading.comments, COMMENTS), reading)
    check_messages(panel(reading.messages, MESSAGES), reading)


def test_every_curve_belongs_to_a_reading() -> None:
    told = {name for reading in READINGS.values() for name in (reading.comments, reading.messages)}
    assert set(curve_names()) == told


@pytest.mark.parametrize(
    ("of", "read_as"),
    [
        ("half-open hours", "inclusive hours"),
        ("inclusive hours", "half-open hours"),
    ],
)
def test_the_two_readings_of_hours_contradict_each_other(of: str, read_as: str) -> None:
    with pytest.raises(AssertionError, match=r"R1\d\d"):
        check_messages(panel(READINGS[of].messages, MESSAGES), READINGS[read_as])
    with pytest.raises(AssertionError, match=r"R1\d\d"):
        check_comments(panel(READINGS[of].comments, COMMENTS), READINGS[read_as])


def test_friday_peaks_by_day_or_in_the_evening_like_other_weekdays() -> None:
    by_day, evening = (panel(name, MESSAGES)[FRI] for name in ("messages", "messages_evening"))
    assert busiest_window(by_day, 5) < 15, "Q10"
    assert busiest_window(evening, 5) == 15, "Q10"
    assert by_day[15:20].mean() < evening[15:20].mean()


@every_reading
def test_messages_exceed_comments_in_most_hours(reading: Reading) -> None:
    more = panel(reading.messages, MESSAGES) > panel(reading.comments, COMMENTS)
    assert more.mean() > 0.6, "R105"


@every_reading
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dispersion", [1, 2])
def test_a_sampled_panel_says_it_too(seed: int, dispersion: int, reading: Reading) -> None:
    """Also where people write in bursts, so that counts scatter twice as much as Poisson's."""
    draws = np.random.default_rng(seed)

    def sample(expected: Week) -> Week:
        if dispersion == 1:
            return draws.poisson(expected).astype(np.float64)
        heaps = expected / (dispersion - 1)
        return draws.negative_binomial(heaps, 1 / dispersion).astype(np.float64)

    check_comments(sample(panel(reading.comments, COMMENTS)), reading)
    check_messages(sample(panel(reading.messages, MESSAGES)), reading)


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
        registration_required=True,  # R11
        minimum_age=16,  # R12, Q1
        family_restrictions=True,  # R13
        family_age_from=16,  # Q1
        family_age_until=18,  # R13, Q1
        settings_hold=True,  # R16, R61-R68
        settings_hold_in_conversations=True,  # R19, R67
        no_one_may_send=True,  # Q4
        friends_are_mutual=True,  # R67, Q2
        contacts_are_suggested=True,  # R65, R66
        contacts_to_inbox=False,  # Q20
        acquaintances_may_write=False,  # R4, Q21
        options_are_limited=True,  # R60
        start_needs_friendship=False,  # R33, R37, Q15
        blocks_stop_messages=True,  # R91
        blocker_may_send=False,  # Q22
        blocks_stop_videos=True,  # R92
        followed_to_inbox=True,  # R62
        strangers_to_requests=True,  # R63
        stranger_message_limit=0,  # Q5
        deleted_request_may_be_repeated=True,  # Q7
        accepting_follows_back=False,  # Q6
        filter_unsafe_requests=True,  # R54
        filter_by_default=True,  # Q17
        unsafe_with_penalty=True,  # Q17
        unsafe_reports=3,  # Q17
        unsafe_report_days=30,  # Q17
        unsafe_account_days=7,  # Q17
        business_message_limit=3,  # R58
        deleting_resets_business_limit=False,  # Q19
        allow_business_opens_requests=True,  # R56
        allow_business_overrides_no_one=False,  # Q18
        filtered_business_requests_may_be_accepted=True,  # R55, Q14
        private_videos_stay=True,  # R29, R30
        stickers_by_region=True,  # R45
        sticker_sets_must_be_added=True,  # R40
        receipts_need_both=True,  # R72
        read_status_of_adults=True,  # R71
        read_status_of_teens=False,  # Q3
        active_minutes=60,  # R10
        remove_detected=True,  # R75
        sanctions_hold=True,  # R74
        dm_ban_stops_receiving=True,  # R81, Q16
        view_only_stops_receiving=False,  # Q16
        dm_ban_from=2,  # Q11
        view_only_from=3,  # Q11
        ban_from=5,  # Q11
        dm_ban_hours_least=24,  # R81
        dm_ban_hours_most=48,  # R81
        view_only_hours_least=72,  # R82
        view_only_hours_most=168,  # R82
        view_only_hours_vary=True,  # Q12
        zero_tolerance_bans=True,  # R79
        zero_tolerance_bans_device=True,  # R80
        device_ban_stops_other_accounts=False,  # Q25
        reports_outside_messages_count=True,  # R8, Q24
        staff_need_a_report=True,  # R99
        one_private_reply_per_comment=True,
        public_reply_first=True,  # R149, R159
        private_reply_days=7,
        private_reply_to_pages=False,
        private_replies_per_hour=750,
        messaging_window_hours=24,
        human_agent_hours=7 * 24,
        window_everywhere=False,
        mailings_per_second=300,
        sponsored_need_conversation=True,  # R156
    )


def test_the_profile_of_2016_knows_none_of_the_later_limits() -> None:
    announced = profile_policy("2016")
    later: dict[str, Any] = {
        "private_reply_days": 0,
        "private_replies_per_hour": 0,
        "messaging_window_hours": 0,
        "human_agent_hours": 0,
        "mailings_per_second": 0,
    }
    assert announced == default_policy()._replace(**later)


def test_every_preset_is_a_whole_team() -> None:
    assert list(presets()) == ["beauty", "eyewear", "fintech-247"]
    for name in presets():
        assert Team.model_validate({"preset": name, "brands": ["shop"], "agents": 1}).preset == name


def test_the_financial_service_is_staffed_round_the_clock_and_hands_off() -> None:
    team = Team.model_validate({"preset": "fintech-247", "brands": ["bank"]})
    assert team.agents >= 1, "R186"
    assert not team.roster, "R186: nobody goes home"
    assert team.hand_off > 0.5, "R187"


def test_every_seed_file_has_its_sources_told() -> None:
    told = (data_path("seeds") / "SOURCES.md").read_text(encoding="utf-8")
    for path in data_path("seeds").iterdir():
        assert path.name in told or path.name == "SOURCES.md"
