"""The format of server-sent events.

See https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream.
"""

import re

_LINE_END = re.compile(rb"\r\n|\n|\r")


class TooLarge(Exception):  # noqa: N818 - what came, not who is at fault
    """An event, or a line of one, that never seems to end."""


class EventParser:
    """Cuts a stream into the data of its events; names, ids and comments are passed over.

    Args:
        most: how many bytes an event may have.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, part: bytes) -> list[bytes]:
        """The data of the events that end within a part of the stream.

        Raises:
            TooLarge: the event under way is larger than allowed.
        """
        text = self._rest + part
        # A carriage return at the end may be one half of a line's end.
        held = text[-1:] if text.endswith(b"\r") else b""
        *lines, rest = _LINE_END.split(text[: len(text) - len(held)])
        self._rest = rest + held
        found = [event for line in lines if (event := self._line(line)) is not None]
        if len(self._rest) + self._size > self._most:
            raise TooLarge(f"an event of more than {self._most} bytes")
        return found

    def _line(self, line: bytes) -> bytes | None:
        """Take a line in; an empty one ends an event."""
        if line:
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
                self._size += len(line)
            return None
        data, self._data, self._size = self._data, [], 0
        return b"\n".join(data) if data else None
