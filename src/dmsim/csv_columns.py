"""Which columns a CSV file has to have, and which it may have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from dmsim.errors import UsageError


@dataclass(frozen=True)
class Columns:
    """The columns of a kind of CSV file, each of which may be there once.

    Args:
        required: have to be there.
        one_of: at least one of them has to be there.
        optional: may be there.
        others_ignored: whether further ones may be there, which say nothing.
        meant: the column that is probably meant by a name in small letters that others give it.
    """

    required: tuple[str, ...]
    one_of: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    others_ignored: bool = False
    meant: Mapping[str, str] = field(default_factory=dict)

    def example(self) -> str:
        """The first line of a file with as few columns as may be."""
        return ",".join((*self.required, *self.one_of[:1]))

    def check(self, place: str, head: Sequence[str]) -> None:
        """Hold the first line of a file against them.

        Args:
            place: file and line, for the error.
            head: the names in that line.

        Raises:
            UsageError: in one line, all that is wrong with them, and how they are to be.
        """
        known = (*self.required, *self.one_of, *self.optional)
        unknown = [name for name in head if name not in known and not self.others_ignored]
        needed = [(name,) for name in self.required] + ([self.one_of] if self.one_of else [])
        missing = [self._missing(names, head) for names in needed if not set(names) & set(head)]
        told = [
            f"{what} column{'s' if len(names) > 1 else ''}: {', '.join(names)}"
            for what, names in (
                ("unknown", [self._unknown(name, head) for name in unknown]),
                ("missing", missing),
                ("repeated", [name for name in known if head.count(name) > 1]),
            )
            if names
        ]
        if told:
            raise UsageError(f"{place}: {'; '.join(told)} ({self._how()})")

    def _unknown(self, name: str, head: Sequence[str]) -> str:
        """A name, and the column that was probably meant by it if there is one."""
        known = (*self.required, *self.one_of, *self.optional)
        lower = name.lower()
        close = [self.meant[lower]] if lower in self.meant else get_close_matches(lower, known, 1)
        meant = f" (did you mean {close[0]}?)" if close and close[0] not in head else ""
        return f"{name or 'an empty name'}{meant}"

    def _missing(self, names: Sequence[str], head: Sequence[str]) -> str:
        """Of which one is missing, and an ignored column that was probably meant for it."""
        close = [name for name in head if name.lower() in names] if self.others_ignored else []
        return " or ".join(names) + (f" (not {close[0]})" if close else "")

    def _how(self) -> str:
        required = [*self.required, *([" or ".join(self.one_of)] if self.one_of else [])]
        optional = f"; optional: {', '.join(self.optional)}" if self.optional else ""
        others = "; others are ignored" if self.others_ignored else ""
        return f"required: {', '.join(required)}{optional}{others}"
