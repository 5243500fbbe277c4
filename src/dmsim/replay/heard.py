"""What held connections were and heard, row by row; times are nanoseconds from T0."""

from enum import IntEnum

import msgspec


class HeldFate(IntEnum):
    """What became of a connection that was to be held."""

    #: Held to its end, then closed by us.
    HELD = 0
    #: Answered otherwise than by letting us listen, or not at all.
    REFUSED = 1
    #: Ended by the backend, or by what came, before its end.
    BROKEN = 2
    #: Never asked for: as many as allowed were held already.
    DROPPED = 3
    #: Its end came before it was open.
    UNOPENED = 4


class Held(msgspec.Struct, array_like=True):
    """A connection that was to be held.

    Attributes:
        account: who listens.
        intended: when it was to be opened.
        opened: from when the account listened; -1 where it never did.
        closed: until when; where it never listened, when that was known.
        fate: a code of :class:`HeldFate`.
        why: it was refused or broken; empty otherwise.
        garbled: how much arrived that could not be understood, in events, frames or bodies.
    """

    account: int
    intended: int
    opened: int = -1
    closed: int = -1
    fate: int = HeldFate.HELD
    why: str = ""
    garbled: int = 0


class Heard(msgspec.Struct, array_like=True):
    """A message that arrived at a held connection.

    Attributes:
        account: whose connection.
        id: as the backend names the message.
        at: when.
        text: the first text of the trace's bank that reads so; -1 where none does, or it is not
            told.
    """

    account: int
    id: bytes
    at: int
    text: int = -1
