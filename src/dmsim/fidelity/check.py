"""A check: what a property should be, what it is in a trace, and whether they agree.

**The rule.** A check passes if the target lies within the 99.9 % confidence interval of the
measured value, widened on both sides by the tolerance of that property. So a correct simulation
fails one check in a thousand by chance, and a huge one does not fail for a difference nobody cares
about.
What cannot be told is unchecked, and says why: a property that the scenario does not state, or one
of too few events. Of a statement that orders hours, ``dmsim.fidelity.study`` demands more.
"""

from collections.abc import Callable
from typing import Literal

import msgspec

from dmsim.fidelity.intervals import Ends

#: The level of the interval that is shown, and of the one that decides.
SHOWN, DECIDING = 0.95, 0.999
#: The unit of parts of a whole, 0 to 1.
SHARE = "share"
#: The unit of differences by their standard errors.
SIGMA = "σ"
#: Fewer events (or persons) say too little.
FEW = 100

Relation = Literal["equal", "at_least", "at_most"]
Interval = Callable[[float], Ends]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One property of a simulated world.

    Attributes:
        concern: what it belongs to: ``study``, ``curves``, ``totals``, ``persons``, ``graph``,
            ``conversations`` or ``texts``.
        property: what is measured, in words.
        source: where the target comes from: an R-number, a key of the scenario, "your curve",
            "your edges", a file of ``seeds/``, or "ours".
        relation: whether the value should equal the target or reach it from one side.
        target: what it should be; null where nobody says.
        measured: what it is in the trace; null where it cannot be measured.
        low: the lower end of the 95 % interval of the measured value.
        high: the upper end.
        tolerance: a difference that nobody cares about, in the unit of the target.
        unit: of all these numbers: ``share`` (0 to 1), ``σ`` (standard errors), ``s``,
            another word, or empty for plain numbers.
        verdict: ``pass``, ``fail`` or ``unchecked``.
        because: why it is unchecked, or what a failed one missed; else empty.
    """

    concern: str
    property: str
    source: str
    verdict: Literal["pass", "fail", "unchecked"]
    relation: Relation = "equal"
    target: float | None = None
    measured: float | None = None
    low: float | None = None
    high: float | None = None
    tolerance: float = 0.0
    unit: str = ""
    because: str = ""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a check is about, before anything is measured; attributes are those of a check."""

    concern: str
    property: str
    source: str
    target: float | None = None
    relation: Relation = "equal"
    tolerance: float = 0.0
    unit: str = ""


def judge(subject: Subject, measured: float, interval: Interval, *, comparisons: int = 1) -> Check:
    """Hold a measured value to its target by the rule of this module.

    Args:
        subject: what is checked; without a target it stays unchecked.
        measured: the value.
        interval: its confidence interval at a level.
        comparisons: of how many values this is the one that deviates most; the deciding level
            rises, so that one in a thousand fails by chance all the same.
    """
    low, high = interval(SHOWN)
    if subject.target is None:
        verdict: Literal["pass", "fail", "unchecked"] = "unchecked"
        because = f"no target: {subject.source}"
    else:
        least, most = interval(1 - (1 - DECIDING) / comparisons)
        too_low = most + subject.tolerance < subject.target and subject.relation != "at_most"
        too_high = least - subject.tolerance > subject.target and subject.relation != "at_least"
        verdict = "fail" if too_low or too_high else "pass"
        because = "too low" if too_low else "too high" if too_high else ""
    return Check(
        **msgspec.structs.asdict(subject),
        measured=measured,
        low=low,
        high=high,
        verdict=verdict,
        because=because,
    )


def unchecked(subject: Subject, because: str, measured: float | None = None) -> Check:
    """A check that says nothing, and why."""
    told = msgspec.structs.asdict(subject)
    return Check(**told, measured=measured, verdict="unchecked", because=because)


def too_few(count: int, what: str) -> str:
    """Why so few events (or persons) leave a property unchecked; empty if they are enough."""
    return f"fewer than {FEW} {what}: {count}" if count < FEW else ""
