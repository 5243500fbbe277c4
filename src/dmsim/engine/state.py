"""The population's state: a handful of record arrays, index = id, and how they grow.

All integer fields are signed: in compiled code a mixture of signed and unsigned integers would
become floating point. ``record["field"]`` is the only way to read a field that compiled and plain
Python share.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from dmsim.rules.facts import Policy

#: Records of structured arrays; NumPy has no finer type for them.
Records = NDArray[np.void]

#: What nearly every action of or to an account asks for.
ACCOUNT = np.dtype(
    [
        ("written_seq", "i8"),
        ("own_seq", "i8"),
        ("follow_start", "i4"),
        ("contact_start", "i4"),
        ("follows", "i4"),
        ("contacts", "i4"),
        ("step", "i4"),
        ("unread_head", "i4"),
        ("requests_head", "i4"),
        ("readers_head", "i4"),
        ("readers", "i4"),
        ("focus", "i4"),
        ("recent", "i4"),
        ("addressee", "i4"),
        ("steps_left", "i2"),
        ("age", "i1"),
        ("kind", "i1"),
        ("registered", "i1"),
        ("setting", "i1"),
        ("archetype", "i1"),
        ("locale", "i1"),
        ("platform", "i1"),
        ("standing", "i1"),
        ("restricted", "i1"),
        ("filter_requests", "i1"),
        ("allow_business", "i1"),
        ("read_status", "i1"),
        ("region", "i1"),
        ("listed", "i1"),
        ("errand", "i1"),
        ("mood", "i1"),
        ("mentioned", "i1"),
    ],
    align=True,
)
#: Moods: sessions as usual; no writing while banned from it; only watching; gone for good.
AT_EASE = 0
SILENT = 1
WATCHING = 2
GONE = 3
#: The rest of an account, which few actions ask for; ``second`` is the next account on the device,
#: ``commented`` the comment under which the account was mentioned last.
PROFILE = np.dtype(
    [
        ("until", "i8"),
        ("joined", "i8"),
        ("last_report", "i8"),
        ("active", "i8"),
        ("presence_seq", "i8"),
        ("device_seq", "i8"),
        ("fanout_seq", "i8"),
        ("reports", "i4"),
        ("open_reports", "i4"),
        ("violations", "i4"),
        ("sticker_sets", "i4"),
        ("device", "i4"),
        ("second", "i4"),
        ("ward", "i4"),
        ("video_start", "i4"),
        ("videos", "i4"),
        ("acquaintance_start", "i4"),
        ("acquaintances", "i4"),
        ("last_blocked", "i4"),
        ("last_muted", "i4"),
        ("shared", "i4"),
        ("commented", "i4"),
        ("shared_kind", "i1"),
        ("worst", "i1"),
        ("device_banned", "i1"),
        ("notifications", "i1"),
        ("everyone_offered", "i1"),
    ],
    align=True,
)
#: ``label_low`` is the violation in the newest message that reached the low account, ``video`` the
#: newest video shared between the two, ``answered`` when the person wrote to the brand last or
#: accepted its request (-1 for never).
PAIR = np.dtype(
    [
        ("key", "i8"),
        ("last_seq", "i8"),
        ("answered", "i8"),
        ("flags", "i4"),
        ("next_low", "i4"),
        ("next_high", "i4"),
        ("reader_next_low", "i4"),
        ("reader_next_high", "i4"),
        ("visible_low", "i4"),
        ("visible_high", "i4"),
        ("video", "i4"),
        ("unread_low", "i2"),
        ("unread_high", "i2"),
        ("requested", "i2"),
        ("thread", "i1"),
        ("label_low", "i1"),
        ("label_high", "i1"),
    ],
    align=True,
)
#: ``question``, ``complaint`` and ``praise`` are cumulative thresholds; ``private_replies`` counts
#: those of the ``hour`` under way, ``mailed`` what was sent to many in the ``second``.
PAGE = np.dtype(
    [
        ("last_seq", "i8"),
        ("hour", "i8"),
        ("second", "i8"),
        ("question", "i8"),
        ("complaint", "i8"),
        ("praise", "i8"),
        ("first_post", "i4"),
        ("posts", "i4"),
        ("team", "i4"),
        ("private_replies", "i4"),
        ("mailed", "i4"),
    ],
    align=True,
)
COMMENT = np.dtype(
    [
        ("last_seq", "i8"),
        ("at", "i8"),
        ("post", "i4"),
        ("page", "i4"),
        ("author", "i4"),
        ("announced", "i1"),
        ("publicly_replied", "i1"),
        ("privately_replied", "i1"),
    ],
    align=True,
)
VIDEO = np.dtype([("author", "i4"), ("private", "i1")], align=True)
#: Probabilities are thresholds on the scale of ``draws.SCALE``; those of addressees are cumulative.
ARCHETYPE = np.dtype(
    [
        ("reply", "i8"),
        ("accept_request", "i8"),
        ("delete_request", "i8"),
        ("report_request", "i8"),
        ("block_requester", "i8"),
        ("report_message", "i8"),
        ("violation", "i8"),
        ("try_again", "i8"),
        ("register", "i8"),
        ("another_addressee", "i8"),
        ("addressee_followed", "i8"),
        ("addressee_contact", "i8"),
        ("addressee_acquaintance", "i8"),
    ],
    align=True,
)
ENTRY = np.dtype([("at", "i8"), ("what", "i8")])


class MailKind(IntEnum):
    """What a letter tells of."""

    COMMENT = 0
    MESSAGE = 1
    REMOVAL = 2
    REPORT = 3


#: What reaches a care team (a comment, a message) or the moderators (a removal, a report).
MAIL = np.dtype(
    [
        ("at", "i8"),
        ("comment", "i8"),
        ("page", "i4"),
        ("person", "i4"),
        ("kind", "i1"),
        ("violation", "i1"),
        ("topic", "i1"),
    ],
    align=True,
)
ROW = np.dtype(
    [
        ("at", "i8"),
        ("uses", "i8"),
        ("binds", "i8"),
        ("until", "i8"),
        ("fanout", "i8"),
        ("actor", "i4"),
        ("target", "i4"),
        ("text", "i4"),
        ("afters_end", "i4"),
        ("action", "i1"),
        ("setting", "i1"),
        ("content", "i1"),
        ("switch", "i1"),
        ("violation", "i1"),
        ("via", "i1"),
        ("platform", "i1"),
        ("verdict", "i1"),
        ("reason", "i1"),
    ],
    align=True,
)
CONTROL = np.dtype(
    [
        ("now", "i8"),
        ("key", "i8"),
        ("window", "i8"),
        ("arrival", "i8"),
        ("next_seq", "i8"),
        ("pairs", "i8"),
        ("heap", "i8"),
        ("rows", "i8"),
        ("afters", "i8"),
        ("mail", "i8"),
        ("comments", "i8"),
        ("most_readers", "i8"),
        ("most_on_device", "i8"),
        ("actions", "i8"),
        ("recording", "i8"),
        ("reacting", "i8"),
        ("persons", "i8"),
        ("staff", "i8"),
        ("videos", "i8"),
        ("notified_visit", "i8"),
        ("content_emoji", "i8"),
        ("content_gif", "i8"),
        ("content_sticker", "i8"),
        ("severity_minor", "i8"),
        ("severity_severe", "i8"),
        ("recall", "i8"),
        ("alarms_per_hit", "i8"),
        ("alarms_due", "i8"),
        ("opens_told", "i8"),
        ("opens_untold", "i8"),
        ("answers", "i8"),
        ("burst", "i8"),
        ("circle", "i8"),
        ("circle_share", "i8"),
    ]
)


#: The policy as compiled code reads it: the fields of :class:`Policy`.
POLICY = np.dtype(
    [(name, "?" if kind is bool else "i8") for name, kind in get_type_hints(Policy).items()],
    align=True,
)

#: The arrays of :class:`State` with the type of an element and the number of dimensions.
ARRAYS: dict[str, tuple[np.dtype[Any], int]] = {
    "control": (CONTROL, 1),
    "accounts": (ACCOUNT, 1),
    "profiles": (PROFILE, 1),
    "pairs": (PAIR, 1),
    "slots": (np.dtype(np.int32), 1),
    "links": (np.dtype(np.int32), 1),
    "contacts": (np.dtype(np.int32), 1),
    "acquaintances": (np.dtype(np.int32), 1),
    "videos": (VIDEO, 1),
    "pages": (PAGE, 1),
    "comments": (COMMENT, 1),
    "archetypes": (ARCHETYPE, 1),
    "choices": (np.dtype(np.int64), 2),
    "heap": (ENTRY, 1),
    "arrivals": (np.dtype(np.int64), 1),
    "mail": (MAIL, 1),
    "rows": (ROW, 1),
    "afters": (np.dtype(np.int64), 1),
    "durations": (np.dtype(np.int64), 2),
    "sessions": (np.dtype(np.int64), 2),
    "banks": (np.dtype(np.int32), 3),
}

#: Words that :attr:`State.table` holds of each array: its address and three extents.
TABLE_WORDS = 4


@dataclass(frozen=True)
class State:
    """Everything the compiled functions work on.

    ``links`` holds the sorted follow targets of all accounts one after another, ``contacts`` and
    ``acquaintances`` likewise; ``videos`` are sorted by author; ``choices`` holds, one row per
    archetype, the cumulative thresholds of what begins a step in which nothing waits; ``slots`` is
    the open-addressing hash from pair key to pair; ``arrivals`` the sorted visits of the window
    under way; ``durations`` the quantile tables that ``effects`` names; ``sessions`` one table of
    session lengths per archetype; ``banks`` (start, count) of texts by purpose and locale.

    Compiled code gets nothing but the address of a table of the arrays' addresses (``native``).
    """

    control: Records
    accounts: Records
    profiles: Records
    pairs: Records
    slots: NDArray[np.int32]
    links: NDArray[np.int32]
    contacts: NDArray[np.int32]
    acquaintances: NDArray[np.int32]
    videos: Records
    pages: Records
    comments: Records
    archetypes: Records
    choices: NDArray[np.int64]
    heap: Records
    arrivals: NDArray[np.int64]
    mail: Records
    rows: Records
    afters: NDArray[np.int64]
    durations: NDArray[np.int64]
    sessions: NDArray[np.int64]
    banks: NDArray[np.int32]
    policy: Policy
    policies: Records = field(init=False)
    table: NDArray[np.int64] = field(init=False)
    address: int = field(init=False)

    def __post_init__(self) -> None:
        policies = np.array([tuple(self.policy)], dtype=POLICY)
        table = np.ones((len(ARRAYS) + 1, TABLE_WORDS), dtype=np.int64)
        for row, (name, (dtype, dimensions)) in enumerate(ARRAYS.items()):
            array = getattr(self, name)
            if (array.dtype, array.ndim) != (dtype, dimensions) or not array.flags.c_contiguous:
                raise TypeError(f"{name} must be a contiguous array of {dtype}")
            table[row, 0] = array.ctypes.data
            table[row, 1 : 1 + dimensions] = array.shape
        table[-1, 0] = policies.ctypes.data
        # The dataclass is frozen: compiled code must never see a table that lags behind.
        object.__setattr__(self, "policies", policies)
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "address", table.ctypes.data)


def grown(array: Records, size: int) -> Records:
    """A copy of an array with room for ``size`` records, the new ones zero."""
    larger = np.zeros(size, dtype=array.dtype)
    larger[: len(array)] = array
    return larger
