"""Lists in pages: how long a page is, where it begins, and what leads to the next."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from dmsim.server.graph.failures import INVALID, GraphError

T = TypeVar("T")

#: How many entries a page has if the request does not tell, and at most.
USUAL, MOST = 25, 100

_PLACE = re.compile(rb"at:(0|[1-9][0-9]{0,17})")


class Page(NamedTuple):
    """The part of a list that a request wants; both ends are places in the list."""

    begin: int
    end: int


def wanted(params: dict[str, Any], length: int) -> Page:
    """The part of a list of some length that ``limit``, ``after`` and ``before`` tell.

    Lists only grow at their end, so a place in them stays what it is.

    Raises:
        GraphError: they are no limit and no cursors.
    """
    limit = _limit(params.get("limit", USUAL))
    if "before" in params:
        end = min(_place(params["before"]), length)
        return Page(max(0, end - limit), end)
    begin = min(_place(params["after"]) + 1, length) if "after" in params else 0
    return Page(begin, min(begin + limit, length))


def shown(
    entries: Sequence[T],
    page: Page,
    show: Callable[[T], object],
    link: Callable[[str], str] | None = None,
) -> dict[str, Any]:
    """A page of a list with the cursors around it.

    Args:
        entries: the whole list.
        page: which part of it.
        show: makes an entry what the answer tells of it.
        link: makes a cursor the address of the page after it, None to show no address.
    """
    answer: dict[str, Any] = {"data": [show(entry) for entry in entries[page.begin : page.end]]}
    if page.begin < page.end:
        after = _cursor(page.end - 1)
        answer["paging"] = {"cursors": {"before": _cursor(page.begin), "after": after}}
        if page.end < len(entries) and link is not None:
            answer["paging"]["next"] = link(after)
    return answer


def _limit(told: object) -> int:
    limit = int(told) if isinstance(told, str) and re.fullmatch(r"[0-9]{1,3}", told) else told
    if not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise GraphError(INVALID, f"limit must be from 1 to {MOST}")
    return limit


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(b"at:%d" % place).decode().rstrip("=")


def _place(cursor: object) -> int:
    text = cursor if isinstance(cursor, str) and cursor.isascii() else ""
    try:
        found = _PLACE.fullmatch(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        found = None
    if found is None:
        raise GraphError(INVALID, "the cursor is none of this list")
    return int(found[1])
