"""The population's state: a handful of record arrays, index = id, and how they grow.

All integer fields are signed: in compiled code a mixture of signed and unsigned integers would
become floating point. ``record["field"]`` is the only way to read a field that compiled and plain
Python share.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dmsim.rules.facts import Policy

#: Records of structured arrays; NumPy has no finer type for them.
Records = NDArray[np.void]

ACCOUNT = np.dtype(
    [
        ("follow_start", "i8"),
        ("contact_start", "i8"),
        ("settings_seq", "i8"),
        ("follows", "i4"),
        ("contacts", "i4"),
        ("step", "i4"),
        ("unread_head", "i4"),
        ("requests_head", "i4"),
        ("readers_head", "i4"),
        ("readers", "i4"),
        ("focus", "i4"),
        ("last_blocked", "i4"),
        ("steps_left", "i2"),
        ("age", "i1"),
        ("kind", "i1"),
        ("registered", "i1"),
        ("setting", "i1"),
        ("archetype", "i1"),
        ("locale", "i1"),
        ("platform", "i1"),
        ("listed", "i1"),
    ],
    align=True,
)
PAIR = np.dtype(
    [
        ("key", "i8"),
        ("last_seq", "i8"),
        ("flags", "i4"),
        ("next_low", "i4"),
        ("next_high", "i4"),
        ("reader_next_low", "i4"),
        ("reader_next_high", "i4"),
        ("unread_low", "i2"),
        ("unread_high", "i2"),
        ("thread", "i1"),
    ],
    align=True,
)
PAGE = np.dtype([("first_post", "i4"), ("posts", "i4"), ("team", "i4")], align=True)
TEAM = np.dtype([("idle", "i4")])
COMMENT = np.dtype(
    [
        ("last_seq", "i8"),
        ("post", "i4"),
        ("page", "i4"),
        ("author", "i4"),
        ("publicly_replied", "i1"),
        ("privately_replied", "i1"),
    ],
    align=True,
)
#: Probabilities are thresholds on the scale of ``draws.SCALE``; ``choose_*`` are cumulative.
ARCHETYPE = np.dtype(
    [
        ("reply", "i8"),
        ("accept_request", "i8"),
        ("delete_request", "i8"),
        ("block_requester", "i8"),
        ("choose_message", "i8"),
        ("choose_setting", "i8"),
        ("choose_follow", "i8"),
        ("choose_unfollow", "i8"),
        ("choose_block", "i8"),
        ("choose_unblock", "i8"),
    ],
    align=True,
)
ENTRY = np.dtype([("at", "i8"), ("what", "i8")])
#: What reaches a care team: a comment, or (``comment`` = -1) a message in a thread.
MAIL = np.dtype([("at", "i8"), ("comment", "i8"), ("page", "i4"), ("person", "i4")], align=True)
ROW = np.dtype(
    [
        ("at", "i8"),
        ("uses", "i8"),
        ("binds", "i8"),
        ("actor", "i4"),
        ("target", "i4"),
        ("text", "i4"),
        ("afters_end", "i4"),
        ("action", "i1"),
        ("setting", "i1"),
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
        ("actions", "i8"),
        ("recording", "i8"),
        ("reacting", "i8"),
        ("persons", "i8"),
        ("notified_visit", "i8"),
        ("addressee_followed", "i8"),
        ("addressee_contact", "i8"),
    ]
)


class State(NamedTuple):
    """Everything the compiled functions work on.

    ``links`` holds the sorted follow targets of all accounts one after another, ``contacts``
    likewise; ``slots`` is the open-addressing hash from pair key to pair; ``arrivals`` the sorted
    visits of the window under way; ``durations`` the quantile tables of think time and visit delay;
    ``sessions`` one table of session lengths per archetype; ``banks`` (start, count) of texts by
    purpose and locale.
    """

    control: Records
    accounts: Records
    pairs: Records
    slots: NDArray[np.int32]
    links: NDArray[np.int32]
    contacts: NDArray[np.int32]
    pages: Records
    teams: Records
    comments: Records
    archetypes: Records
    heap: Records
    arrivals: NDArray[np.int64]
    mail: Records
    rows: Records
    afters: NDArray[np.int64]
    durations: NDArray[np.int64]
    sessions: NDArray[np.int64]
    banks: NDArray[np.int32]
    policy: Policy


def grown(array: Records, size: int) -> Records:
    """A copy of an array with room for ``size`` records, the new ones zero."""
    larger = np.zeros(size, dtype=array.dtype)
    larger[: len(array)] = array
    return larger
