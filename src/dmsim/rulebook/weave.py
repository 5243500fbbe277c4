"""The rules' own code, run so that every question they ask each other is written down.

The functions of ``dmsim.rules`` are copied with other globals: where a rule names another one, it
finds an observer of that one. So what is told can never differ from the code that decides, and the
modules themselves stay untouched.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from dmsim.rulebook.numbers import Rule, numbers_of, rule_modules, rules_of
from dmsim.rules.decide import decide
from dmsim.rules.facts import Facts, Policy, Side
from dmsim.vocabulary import Action, Reason, Verdict


@dataclass
class Question:
    """One rule that was asked.

    Attributes:
        rule: the function's name.
        states: what it states, in one sentence or two.
        numbers: the numbers it bears.
        about: ``"sender"`` or ``"recipient"`` where it is asked about one of them, else empty.
        answer: what it said.
        asked: the rules that it asked in its turn, in order.
    """

    rule: str
    states: str
    numbers: tuple[str, ...]
    about: str
    answer: Any = None
    asked: list["Question"] = field(default_factory=list)


def observe(
    action: Action, facts: Facts, policy: Policy, opposite: int | None = None
) -> tuple[list[Question], tuple[Verdict, Reason]]:
    """Decide an action and write down every question.

    Args:
        action: the action.
        facts: its facts.
        policy: the policy.
        opposite: the place in the list of a yes-or-no question which is answered the other way
            round, to see what hung on it.

    Returns:
        All questions in the order in which they were asked, the first of which is ``decide``; and
        the decision.
    """
    # Copies, since the usual sender and the usual recipient are one and the same object.
    facts = facts._replace(sender=Side(*facts.sender), recipient=Side(*facts.recipient))
    sides = {id(facts.sender): "sender", id(facts.recipient): "recipient"}
    questions: list[Question] = []
    open_: list[Question] = []

    def watch(rule: Rule, copy: Rule) -> Rule:
        if rule.__name__.startswith("_"):
            return copy  # only a piece of the rule that asks it
        states = " ".join((inspect.getdoc(rule) or "").partition("\n\n")[0].split())
        numbers = numbers_of(rule)

        def observer(*arguments: Any) -> Any:
            about = next((sides[id(part)] for part in arguments if id(part) in sides), "")
            question = Question(rule.__name__, states, numbers, about)
            place = len(questions)
            questions.append(question)
            if open_:
                open_[-1].asked.append(question)
            open_.append(question)
            question.answer = copy(*arguments)
            open_.pop()
            if place == opposite:
                question.answer = not question.answer
            return question.answer

        return observer

    verdict, reason = _woven(watch)[decide](action, facts, policy)
    return questions, (Verdict(verdict), Reason(reason))


def _woven(watch: Callable[[Rule, Rule], Rule]) -> dict[Rule, Rule]:
    """Observers of all rules, whose code asks the observers of the others."""
    globals_of = {module.__name__: dict(vars(module)) for module in rule_modules()}
    observers: dict[Rule, Rule] = {}
    for module in rule_modules():
        for rule in rules_of(module).values():
            assert isinstance(rule, FunctionType)
            copy = FunctionType(rule.__code__, globals_of[module.__name__], rule.__name__)
            observers[rule] = watch(rule, copy)
    for names in globals_of.values():
        for name, value in names.items():
            if inspect.isfunction(value) and value in observers:
                names[name] = observers[value]
    return observers
