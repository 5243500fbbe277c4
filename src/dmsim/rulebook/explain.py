"""Why the rules decide as they do: the verdict and the chain of rules that led to it."""

from dataclasses import dataclass
from typing import Any

from dmsim.rulebook.values import plain
from dmsim.rulebook.weave import Question, observe
from dmsim.rules.facts import Facts, Policy
from dmsim.vocabulary import Action, Reason, Verdict, word

_STOPPED = (Verdict.REFUSED, Verdict.REMOVED, Verdict.HIDDEN)
_PLACED = (Verdict.INBOX, Verdict.FILTERED)


@dataclass(frozen=True)
class Explanation:
    """A decision and what led to it.

    Attributes:
        action: what was to be done.
        verdict: the verdict.
        reason: the reason.
        chain: every rule that was asked, as a tree: the entry, and what it asked.
        decided_by: the rule that said what became the verdict.
        because: the question whose answer made it say so; None where it was none but the facts.
    """

    action: Action
    verdict: Verdict
    reason: Reason
    chain: Question
    decided_by: Question
    because: Question | None

    def as_json(self) -> dict[str, Any]:
        """Everything in plain values; ``asked`` holds what a rule asked in its turn."""
        return {
            "action": word(self.action),
            "verdict": word(self.verdict),
            "reason": word(self.reason),
            "decided_by": _named(self.decided_by),
            "because": None if self.because is None else _named(self.because),
            "chain": _as_json(self.chain),
        }


def explain(action: Action, facts: Facts, policy: Policy) -> Explanation:
    """Decide an action and tell why."""
    questions, (verdict, reason) = observe(action, facts, policy)
    decision = (verdict, reason)
    decided_by = _decider(questions, decision)
    because = None
    if decided_by.asked and isinstance(decided_by.asked[-1].answer, bool):
        last = decided_by.asked[-1]
        if verdict in _PLACED:
            because = last if last.answer else None
        elif verdict in _STOPPED:
            place = next(place for place, q in enumerate(questions) if q is last)
            others, otherwise = observe(action, facts, policy, opposite=place)
            # What another rule decides after this one, or this one for a later reason.
            later = _decider(others, otherwise).rule != decided_by.rule
            because = last if later or _goes_further(otherwise, decision) else None
    return Explanation(action, verdict, reason, questions[0], decided_by, because)


def _decider(questions: list[Question], decision: tuple[Verdict, Reason]) -> Question:
    """The first rule whose answer was the decision."""
    return next(q for q in _in_order_of_answers(questions[0]) if _says(q.answer, decision))


def _in_order_of_answers(question: Question) -> list[Question]:
    return [q for asked in question.asked for q in _in_order_of_answers(asked)] + [question]


def _says(answer: Any, decision: tuple[Verdict, Reason]) -> bool:
    verdict, reason = decision
    if isinstance(answer, tuple):
        return answer == decision
    if isinstance(answer, Verdict):
        return answer == verdict
    return isinstance(answer, Reason) and answer == reason != Reason.NONE


def _goes_further(otherwise: tuple[Verdict, Reason], decision: tuple[Verdict, Reason]) -> bool:
    """Whether a decision stops nothing, or only at a later rule."""
    if otherwise[0] not in _STOPPED:
        return True
    later = otherwise[1] > decision[1]
    return later and decision[0] == Verdict.REFUSED


def _named(question: Question) -> dict[str, Any]:
    return {
        "rule": question.rule,
        "states": question.states,
        "numbers": list(question.numbers),
        "about": question.about or None,
        "answer": answer_of(question),
    }


def _as_json(question: Question) -> dict[str, Any]:
    return _named(question) | {"asked": [_as_json(asked) for asked in question.asked]}


def answer_of(question: Question) -> Any:
    """What a rule said, in plain values; of a verdict with a reason the two."""
    answer = question.answer
    if isinstance(answer, tuple):
        return [plain(part) for part in answer]
    return plain(answer)
