"""The choice of fields in a request: ``id,message,comments{id,from{name}}``."""

import re

from dmsim.server.graph.failures import INVALID, GraphError

#: What is chosen, with what is chosen of it; nothing chosen means what is shown by default.
Fields = dict[str, "Fields"]

_PIECE = re.compile(r"\s*([a-z_]+|[{},])\s*", re.ASCII)


def parse(text: str) -> Fields:
    """The fields that a request wants.

    Args:
        text: names separated by commas, each with the fields of what it leads to in braces; empty
            for the default.

    Raises:
        GraphError: it is not written like that.
    """
    chosen: Fields = {}
    around: list[Fields] = []
    inner = chosen
    before = ","
    end = 0
    while end < len(text):
        piece = _PIECE.match(text, end)
        if piece is None or not _may_follow(before, piece[1]):
            raise _wrong()
        end, word = piece.end(), piece[1]
        if word == "{":
            around.append(inner)
            inner = inner[before]
        elif word == "}":
            if not around:
                raise _wrong()
            inner = around.pop()
        elif word != ",":
            inner.setdefault(word, {})
        before = word
    if around or (text and before in {",", "{"}):
        raise _wrong()
    return chosen


def _may_follow(before: str, word: str) -> bool:
    """Names stand first and after commas and opening braces; the rest stands after the others."""
    opens = before in {",", "{"}
    if word == "{":
        return not opens and before != "}"
    return not opens if word in {",", "}"} else opens


def _wrong() -> GraphError:
    return GraphError(INVALID, "fields: names separated by commas, with sub-fields in braces")
