"""What a requirement is, as far as a trace can show it."""

from dataclasses import dataclass, field

from dmsim.rulebook.parts import Part


@dataclass(frozen=True)
class Requirement:
    """One numbered statement of the sources.

    Attributes:
        number: such as ``R61``.
        says: the statement in a few words.
        parts: by name, what has to happen in a trace; empty where a trace cannot show it.
        proof: the test that proves what a trace cannot show, as pytest names it; empty if none.
    """

    number: str
    says: str
    parts: dict[str, Part] = field(default_factory=dict)
    proof: str = ""

    @property
    def is_context(self) -> bool:
        """Whether there is nothing to enforce."""
        return not self.parts and not self.proof


def requirement(number: int, says: str, proof: str = "", **parts: Part) -> Requirement:
    """A requirement whose parts are named by keywords, with underscores for spaces."""
    named = {name.replace("_", " "): part for name, part in parts.items()}
    return Requirement(f"R{number}", says, named, proof)
