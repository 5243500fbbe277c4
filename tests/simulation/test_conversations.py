"""How people talk: messages in a row, a few close ones, a word to a brand outside a session."""

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest

from dmsim.draws import lognormal_table
from dmsim.population.model import Population
from dmsim.vocabulary import Action, Verdict, Via
from tests.simulation.lives import BUSY, THINK_US, Row, addressees, by_person, lived, of
from tests.worlds import everybody

#: Everybody writes to somebody followed now and then; nobody answers.
GAP_US = 3_000_000
WRITERS = [
    *BUSY,
    *everybody(new_conversation=0.1, actions_per_session=40),
    *addressees(followed=1),
    "behaviour.notified_visit=0",
    f"behaviour.burst_gap_median={GAP_US}us",
    "behaviour.burst_gap_sigma=0",
]


def in_a_row(population: Population, rows: list[Row]) -> list[list[Row]]:
    """The messages of persons, those to the same addressee after the gap of a row together."""
    found: list[list[Row]] = []
    for deeds in by_person(population, rows).values():
        for before, row in pairwise([{"action": None, "at": 0, "target": -1}, *deeds]):
            if row["action"] != Action.SEND_MESSAGE:
                continue
            if before["target"] == row["target"] and row["at"] == before["at"] + GAP_US:
                found[-1].append(row)
            else:
                found.append([row])
    return found


@pytest.mark.parametrize("burst", [1.0, 1.5, 4.0])
def test_people_write_several_messages_in_a_row_on_average(burst: float) -> None:
    rows = in_a_row(*lived(*WRITERS, f"behaviour.burst={burst}"))
    sizes = np.array([len(row) for row in rows])
    assert len(sizes) > 300
    # Geometric; the last row of a run may be cut off by its end.
    sigma = np.sqrt(burst * (burst - 1) / len(sizes))
    assert abs(sizes.mean() - burst) <= 5 * sigma + 0.01 * burst
    ones = np.count_nonzero(sizes == 1) / len(sizes)
    assert abs(ones - 1 / burst) <= 5 * np.sqrt(0.25 / len(sizes)) + 0.01


def test_a_row_goes_on_in_the_open_chat_and_counts_as_one_step_of_a_session() -> None:
    population, rows = lived(*WRITERS, "behaviour.burst=4")
    for row in in_a_row(population, rows):
        assert all(message["via"] == Via.CHAT for message in row[1:])
    once = by_person(*lived(*WRITERS, "behaviour.burst=1"))
    often = by_person(population, rows)
    # Both have the same draws in their first session, up to the first message.
    for person, deeds in once.items():
        first = deeds[0]
        assert (often[person][0]["at"], often[person][0]["action"]) == (
            first["at"],
            first["action"],
        )


def test_who_is_refused_does_not_go_on() -> None:
    population, rows = lived(
        *WRITERS,
        "behaviour.burst=50",
        "population.settings.adults={everyone=0, suggested=0, friends=0, no_one=1}",
        "population.settings.teens={everyone=0, suggested=0, friends=0, no_one=1}",
    )
    to_persons = [
        row for row in in_a_row(population, rows) if row[0]["target"] < population.persons
    ]
    assert len(to_persons) > 100
    assert {message["verdict"] for row in to_persons for message in row} == {Verdict.REFUSED}
    assert {len(row) for row in to_persons} == {1}


#: Everybody follows many, and writes often.
TALKATIVE = [
    *WRITERS,
    "behaviour.burst=1",
    "population.graph.follows_mean=30",
    *everybody(new_conversation=0.4),
]


def addressees_of(rows: list[Row], population: Population) -> dict[int, Counter[int]]:
    """How often each person wrote to whom."""
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for row in of(rows, Action.SEND_MESSAGE):
        if row["actor"] < population.persons:
            found[row["actor"]][row["target"]] += 1
    return found


@pytest.mark.parametrize(("circle", "share"), [(3, 1.0), (3, 0.5), (1, 1.0)])
def test_most_is_written_to_the_few_who_are_close(circle: int, share: float) -> None:
    told = [f"behaviour.circle={circle}", f"behaviour.circle_share={share}"]
    population, rows = lived(*TALKATIVE, *told)
    written = addressees_of(rows, population)
    close = total = 0.0
    for person, counts in written.items():
        follows = int(population.follows.start[person + 1] - population.follows.start[person])
        if follows < 4 * circle:
            continue
        if share == 1:
            assert len(counts) <= circle
        total += counts.total()
        close += sum(number for _, number in counts.most_common(circle))
    assert total > 300
    # The others reach the close ones by chance as well, and some messages of few are to few.
    assert close / total >= share


def test_without_a_circle_people_write_to_all_they_follow_alike() -> None:
    population, rows = lived(*TALKATIVE, "behaviour.circle_share=0")
    anybody = addressees_of(rows, population)
    narrow_population, narrow = lived(
        *TALKATIVE, "behaviour.circle_share=0.9", "behaviour.circle=2"
    )
    wide = np.mean([len(counts) for counts in anybody.values()])
    assert wide > 1.5 * np.mean(
        [len(counts) for counts in addressees_of(narrow, narrow_population).values()]
    )


TO_BRANDS = [
    *BUSY,
    *everybody(brand_messages_per_week=500, sessions_per_week=0.001),
    "behaviour.burst=2",
    f"behaviour.burst_gap_median={GAP_US}us",
    "behaviour.burst_gap_sigma=0.5",
    "behaviour.notified_visit=0",
    "care.teams={}",
]


def test_people_write_to_brands_they_follow_outside_sessions() -> None:
    population, rows = lived(*TO_BRANDS)
    messages = of(rows, Action.SEND_MESSAGE)
    assert len(messages) > 300
    for row in messages:
        run = slice(*population.follows.start[row["actor"] : row["actor"] + 2])
        assert row["target"] in population.follows.targets[run]
        assert row["target"] >= population.persons
    first = [row for row in messages if row["via"] == Via.PROFILE]
    assert len(messages) / len(first) == pytest.approx(2, rel=0.15)


def test_a_row_to_a_brand_is_over_with_its_last_message() -> None:
    """Between two rows nothing else is done, and the pauses are those of a row."""
    _, rows = lived(*TO_BRANDS)
    gaps = []
    for before, row in pairwise(sorted(rows, key=lambda row: (row["actor"], row["at"]))):
        if row["actor"] == before["actor"] and row["via"] == Via.CHAT:
            assert row["action"] == Action.SEND_MESSAGE
            gaps.append(row["at"] - before["at"])
    table = lognormal_table(GAP_US, 0.5)
    assert len(gaps) > 100
    assert table.min() <= min(gaps)
    assert max(gaps) <= table.max()
    assert np.median(gaps) == pytest.approx(GAP_US, rel=0.15)


def test_who_is_in_a_session_writes_to_a_brand_all_the_same() -> None:
    """The session goes on as it would; a row is not begun beside it."""
    told = [*BUSY, *everybody(sessions_per_week=300, search_content=1, actions_per_session=30)]
    _, rows = lived(*told, *everybody(brand_messages_per_week=300), "behaviour.burst=50")
    sessions = defaultdict(list)
    for row in rows:
        if row["action"] == Action.SEARCH_CONTENT:
            sessions[row["actor"]].append(row["at"])
    for at in sessions.values():
        pauses = np.diff(at)
        assert np.all(pauses >= THINK_US - 1)
    assert of(rows, Action.SEND_MESSAGE)
