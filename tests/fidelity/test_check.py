"""The rule of checks: the target within the 99.9 % interval, widened by the tolerance."""

import pytest

from dmsim.fidelity.check import Check, Relation, Subject, judge, too_few, unchecked
from dmsim.fidelity.intervals import Ends, normal_quantile


def held(
    target: float | None, relation: Relation = "equal", tolerance: float = 0.0, comparisons: int = 1
) -> Check:
    """A value of 10 with a standard error of 1."""

    def ends(level: float) -> Ends:
        return 10 - normal_quantile(level), 10 + normal_quantile(level)

    subject = Subject(
        concern="persons",
        property="a value",
        source="ours",
        target=target,
        relation=relation,
        tolerance=tolerance,
    )
    return judge(subject, 10.0, ends, comparisons=comparisons)


@pytest.mark.parametrize(
    ("target", "relation", "tolerance", "verdict", "because"),
    [
        (10, "equal", 0, "pass", ""),
        (13.2, "equal", 0, "pass", ""),
        (13.4, "equal", 0, "fail", "too low"),
        (13.4, "equal", 0.2, "pass", ""),
        (6.6, "equal", 0, "fail", "too high"),
        (6.6, "at_least", 0, "pass", ""),
        (13.4, "at_least", 0, "fail", "too low"),
        (13.4, "at_most", 0, "pass", ""),
        (6.6, "at_most", 0, "fail", "too high"),
        (None, "equal", 0, "unchecked", "no target: ours"),
    ],
)
def test_a_check_passes_where_chance_and_tolerance_explain_the_difference(
    target: float | None, relation: Relation, tolerance: float, verdict: str, because: str
) -> None:
    check = held(target, relation, tolerance)
    assert (check.verdict, check.because) == (verdict, because)
    assert (check.low, check.high) == pytest.approx((8.04, 11.96), abs=0.01)


def test_the_worst_of_many_may_be_farther_off() -> None:
    assert held(14).verdict == "fail"
    assert held(14, comparisons=168).verdict == "pass"


def test_what_is_unchecked_says_why() -> None:
    subject = Subject(concern="persons", property="a share", source="ours", target=0.5)
    check = unchecked(subject, too_few(99, "persons"))
    assert (check.verdict, check.because) == ("unchecked", "fewer than 100 persons: 99")
    assert (check.target, check.measured, check.low) == (0.5, None, None)
    assert too_few(100, "persons") == ""
