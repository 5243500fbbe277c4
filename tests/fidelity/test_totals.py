"""Daily active users and what they write, counted by hand."""

import pytest

from dmsim.fidelity.check import Check
from dmsim.fidelity.totals import total_checks
from tests.fidelity.facts import Event, facts, scenario

#: Half of 200 persons open the inbox every day, at noon and twice on the first.
OPENS: list[Event] = [(24 * day + 12, n) for day in range(7) for n in range(100)]
OPENS += [(13, n) for n in range(100)]
#: Each of them writes three messages a day, one of them in vain.
MESSAGES = [
    {"at": 3600 * (24 * day + 12) + k, "actor": n, "target": n + 100, "delivered": k > 0}
    for day in range(7)
    for n in range(100)
    for k in range(3)
]


def found(*overrides: str, hours: tuple[float, float] = (0, 168)) -> list[Check]:
    return total_checks(facts(scenario(*overrides), opens=OPENS, messages=MESSAGES, hours=hours))


def test_a_person_is_active_on_a_day_however_often() -> None:
    users, messages = found()
    assert users.measured == 100
    assert messages.measured == 3
    assert {users.verdict, messages.verdict} == {"unchecked"}


@pytest.mark.parametrize(
    ("dau", "each", "verdicts"),
    [(100, 3.0, ["pass", "pass"]), (150, 3.0, ["fail", "pass"]), (100, 5.0, ["pass", "fail"])],
)
def test_known_totals_are_held(dau: int, each: float, verdicts: list[str]) -> None:
    told = f"population.totals={{dau={dau}, messages_per_dau_day={each}}}"
    assert [check.verdict for check in found(told)] == verdicts


def test_a_mean_day_needs_whole_weeks() -> None:
    assert {check.because for check in found(hours=(0, 48))} == {"needs whole weeks"}


def test_what_rates_were_found_without_comes_on_top() -> None:
    told = ["population.totals={dau=150}", "care.teams={desk={brands=['b001'], agents=1}}"]
    users, messages = found(*told)
    assert users.because == "care teams come on top of the totals"
    assert (users.measured, messages.measured) == (100, 3)
