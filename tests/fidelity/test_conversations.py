"""Rows, turns, replies and rhythm, of conversations written down by hand."""

from typing import Any

import numpy as np
import pytest

from dmsim.fidelity.check import Check
from dmsim.fidelity.conversations import conversation_checks
from tests.fidelity.facts import facts, scenario

Message = dict[str, Any]
HOUR, DAY = 3600, 86_400
#: A brand in :func:`tests.fidelity.facts.facts` with 200 persons.
BRAND = 200


def check(messages: list[Message], words: str, *overrides: str) -> Check:
    """The check whose property begins with some words."""
    found, _ = conversation_checks(facts(scenario(*overrides), messages=messages))
    return next(one for one in found if one.property.startswith(words))


def say(at: float, actor: int, target: int, **more: Any) -> Message:
    return {"at": at, "actor": actor, "target": target, **more}


def dialogues(number: int, *moments: tuple[float, int]) -> list[Message]:
    """The same dialogue in so many pairs; moments are seconds and who of the two writes."""
    return [
        say(at + pair, 2 * (pair % 100) + side, 2 * (pair % 100) + 1 - side)
        for pair in range(number)
        for at, side in moments
    ]


def test_a_turn_ends_with_an_answer_or_a_long_pause() -> None:
    messages = dialogues(100, (0, 0), (200, 0), (300, 1), (400, 0), (400 + HOUR, 0))
    turns = check(messages, "messages in a turn")
    assert turns.measured == pytest.approx((2 + 1 + 1 + 1) / 4)
    assert check(messages, "pauses within such turns").measured == 200


def test_a_row_ends_where_a_pause_is_longer_than_those_stated() -> None:
    messages = dialogues(100, (0, 0), (10, 0), (20, 0), (1000, 0))
    row = check(messages, "messages in a row")
    assert row.measured == 2
    assert row.target == 1.5
    assert row.verdict == "fail"
    assert check(messages, "messages in a row", "behaviour.burst=2").verdict == "pass"


def test_a_row_that_the_other_side_writes_into_may_go_on() -> None:
    crossed = dialogues(100, (0, 0), (10, 1), (20, 0), (30, 0))
    row = check(crossed, "messages in a row", "behaviour.burst=2")
    assert row.measured == pytest.approx(4 / 3)
    assert row.verdict == "pass"
    apart = dialogues(100, (0, 0), (10, 1), (1000, 0), (1010, 0))
    assert check(apart, "messages in a row", "behaviour.burst=2").verdict == "fail"


def test_shared_content_and_refused_messages_belong_to_no_row() -> None:
    messages = dialogues(100, (0, 0), (10, 0))
    shared = [say(m["at"] + 1, m["actor"], m["target"], action="share_content") for m in messages]
    refused = [say(m["at"] + 2, m["actor"], m["target"], delivered=False) for m in messages]
    assert check(messages + shared + refused, "messages in a row").measured == 2


def test_rows_to_brands_are_measured_where_persons_do_not_converse() -> None:
    messages = [say(at + 60 * n, n % 200, BRAND) for n in range(200) for at in (0, 8, 16)]
    assert check(messages, "messages in a row").measured == 3
    # Their answers would stand between the messages, unseen.
    care = "care.teams={desk={brands=['b001'], agents=1}}"
    assert check(messages, "messages in a row", care).verdict == "unchecked"


def test_a_turn_is_answered_by_the_other_side_within_a_day() -> None:
    answered = dialogues(60, (0, 0), (600, 1))
    late = [
        say(m["at"], m["actor"] + 120, m["target"] + 120)
        for m in dialogues(40, (0, 0), (25 * HOUR, 1))
    ]
    share = check(answered + late, "turns between persons that are answered")
    # Answers of the last day's turns are not known yet; those here have days to come.
    assert share.measured == pytest.approx(60 / 200)
    delay = check(dialogues(100, (0, 0), (600, 1)), "time from a message to its reply")
    assert delay.measured == 600


def test_turns_of_the_last_day_are_not_judged() -> None:
    late = dialogues(150, (6.5 * DAY, 0))
    assert check(late, "turns between persons").because.startswith("fewer than 100 turns")


def test_only_peers_of_the_last_week_are_alive() -> None:
    old = [say(0, n, (n + 1) % 200) for n in range(200)]
    recent = [say(8 * DAY, n, (n + k) % 200) for n in range(120) for k in (2, 3)]
    found, _ = conversation_checks(facts(hours=(0, 14 * 24), messages=old + recent))
    alive = next(one for one in found if one.property.startswith("persons written to"))
    assert alive.measured == 2
    assert alive.verdict == "unchecked"
    assert alive.because == "no target: scenario"


def test_a_clock_is_not_bursty_and_heaps_are() -> None:
    clock = [say(600 * k, n, n + 100) for n in range(100) for k in range(12)]
    assert check(clock, "burstiness").measured == pytest.approx(-1)
    draws = np.random.default_rng(5)
    heaps = [
        say(float(at), n, n + 100)
        for n in range(100)
        for at in np.cumsum(draws.lognormal(4, 2.5, 40))
    ]
    assert (check(heaps, "burstiness").measured or 0) > 0.3
    poisson = [
        say(float(at), n, n + 100)
        for n in range(100)
        for at in np.cumsum(draws.exponential(600, 200))
    ]
    assert check(poisson, "burstiness").measured == pytest.approx(0, abs=0.05)


def contents(kinds: dict[str, int]) -> list[Message]:
    names = [kind for kind, number in kinds.items() for _ in range(number)]
    return [say(n, n % 200, BRAND, content=kind) for n, kind in enumerate(names)]


def test_what_messages_carry_is_held_to_the_scenario() -> None:
    stated = contents({"text": 8000, "emoji": 1500, "gif": 500})
    assert check(stated, "written messages that are text").verdict == "pass"
    other = contents({"text": 7000, "emoji": 2500, "gif": 500})
    assert check(other, "written messages that are text").because == "too low"
    assert check(other, "written messages that are emoji").because == "too high"
    assert check(stated[:50], "written messages that are gif").verdict == "unchecked"


def test_who_has_no_stickers_writes_text_instead() -> None:
    told = "behaviour.content={text=0.5, emoji=0.1, gif=0.1, sticker=0.3}"
    messages = contents({"text": 6500, "emoji": 1000, "gif": 1000, "sticker": 1500})
    half = {"sticker_sets": [0, 1] * 100}
    found, _ = conversation_checks(facts(scenario(told), messages=messages, traits=half))
    verdicts = {one.property.split()[-1]: one.verdict for one in found[:4]}
    assert verdicts == {"text": "pass", "emoji": "pass", "gif": "pass", "sticker": "pass"}
    assert check(messages, "written messages that are sticker", told).verdict == "fail"


def test_what_breaks_the_guidelines_is_text_whatever_the_shares() -> None:
    messages = contents({"text": 9000, "emoji": 750, "gif": 250})
    assert check(messages, "written messages that are emoji").verdict == "fail"
    wicked = "archetypes.subscriber.violation=0.5"
    assert check(messages, "written messages that are emoji", wicked).verdict == "pass"
