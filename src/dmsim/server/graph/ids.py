"""The Graph API's ids: each begins with the id of what it belongs to."""

import re
from enum import IntEnum

from dmsim.server.graph.failures import INVALID, Failure, GraphError

#: Numbers without leading zeros, so that nothing has two ids; SQLite's integers are their bound.
_ID = re.compile(r"(?:0|[1-9][0-9]{0,17})(?:_(?:0|[1-9][0-9]{0,17})){0,3}", re.ASCII)

Ids = tuple[int, ...]


class Node(IntEnum):
    """What an id names, by how many numbers it has: ``17``, ``17_70``, ``17_70_900`` and so on."""

    ACCOUNT = 1
    POST = 2
    COMMENT = 3
    REPLY = 4


def parse(written: object, failure: Failure = INVALID) -> Ids:
    """The numbers of an id.

    Args:
        written: as a path or a body has it.
        failure: what to raise.

    Raises:
        GraphError: it is no id.
    """
    if not isinstance(written, str) or not _ID.fullmatch(written):
        raise GraphError(failure, "" if failure.subcode else "an id is malformed")
    return tuple(map(int, written.split("_")))


def written(*ids: int) -> str:
    """An id as it is written."""
    return "_".join(map(str, ids))
