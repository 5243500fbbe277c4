"""The rules held to a table."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from dmsim.rulebook.rows import Row, told
from dmsim.vocabulary import Verdict, word

#: Verdicts that always have a reason, so that a row without one has not told it.
_WITH_REASONS = (word(Verdict.REFUSED), word(Verdict.HIDDEN))


class Result(NamedTuple):
    """What became of a row.

    Attributes:
        row: the row.
        got: the answer as a table tells it; None where there is none.
        why_not: why it was not asked; empty if it was.
    """

    row: Row
    got: dict[str, Any] | None
    why_not: str = ""

    @property
    def expected(self) -> dict[str, Any]:
        """The answer that the row demands, as a table tells it."""
        return told(self.row.expected)

    @property
    def holds(self) -> bool:
        """Whether the answer is the demanded one; a refusal without a reason leaves it open."""
        expected = self.expected
        if self.got is not None and expected.get("verdict") in _WITH_REASONS:
            return self.got | expected == self.got
        return self.got == expected

    @property
    def fails(self) -> bool:
        """Whether there is an answer, and another one than demanded."""
        return self.got is not None and not self.holds


#: Of a story where only the rules are asked.
NEEDS_A_BACKEND = "what happens one after the other is for a running backend: --host URL"


def check_rules(rows: Iterable[Row]) -> list[Result]:
    """Ask the rules about every row; stories are left to a backend."""
    return [
        Result(row, None, NEEDS_A_BACKEND)
        if row.needs_a_backend
        else Result(row, told(row.answer()))
        for row in rows
    ]
