"""An adapter that is broken in some way fails the check that is named after it."""

import os
import re
from collections.abc import Callable, Collection, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from dmsim.adapters import ActionRow, Adapter, Answer, Outcome, ProvisionRequest
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.testing import check_adapter, checks
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action, Reason, Verdict
from tests.plugin.chatline import ChatlineAdapter, LineEncoder
from tests.plugin.install import install
from tests.testing.test_conformance import lines_in

TICKS = count()


class Wavering(ReferenceAdapter):
    def promises(self, verdict: Verdict, reason: Reason) -> bool:
        return next(TICKS) % 2 == 0


class Evasive(ReferenceAdapter):
    def supports(self, action: Action) -> bool:
        return None  # type: ignore[return-value]


class Useless(ReferenceAdapter):
    def supports(self, action: Action) -> bool:
        return False


class Encoder:
    """The reference encoder, of which something is changed."""

    stepped: Collection[int] = frozenset()
    headed = False

    def __init__(self, sound: Any, texts: Any) -> None:
        self.sound = sound
        self.texts = texts

    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        made: bytes = self.sound(row, bound)
        return made

    def steps(self, row: ActionRow, bound: bytes) -> Generator[bytes, Answer, Outcome]:
        raise NotImplementedError

    def sign(self, row: ActionRow, reason: str) -> str:
        return ""

    def probe(self, row: ActionRow) -> bytes:
        made: bytes = self.sound.probe(row)
        return made

    def seen(self, sent: Outcome, status: int, body: bytes) -> bool | None:
        return None

    def text(self, row: ActionRow) -> str:
        text: str = self.texts[row.text].text
        return text


def encoding(kind: type[Encoder]) -> type[ReferenceAdapter]:
    """An adapter that encodes in another way."""

    class Adapter(ReferenceAdapter):
        def encoder(self, authority: str, actors: Any, texts: Any, **more: Any) -> Any:
            return kind(super().encoder(authority, actors, texts, **more), texts)

    return Adapter


class Unquoted(Encoder):
    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        body = f'{{"text":"{self.text(row)}"}}'.encode()
        head = b"POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        return head % len(body) + body


class Miscounted(Encoder):
    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        text = self.text(row)
        return f"POST / HTTP/1.1\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


class Injected(Encoder):
    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        return f"POST / HTTP/1.1\r\nX-Text: {self.text(row)}\r\n\r\n".encode()


class Counting(Encoder):
    def __call__(self, row: ActionRow, bound: bytes) -> bytes:
        return b"POST /%d HTTP/1.1\r\n\r\n" % next(TICKS)


class Unnamed(Encoder):
    def sign(self, row: ActionRow, reason: str) -> str:
        return None  # type: ignore[return-value]


class Forever(Encoder):
    stepped = frozenset(map(int, Action))

    def steps(self, row: ActionRow, bound: bytes) -> Generator[bytes, Answer, Outcome]:
        while True:
            yield self(row, bound)


class Silent(Encoder):
    stepped = frozenset(map(int, Action))

    def steps(self, row: ActionRow, bound: bytes) -> Generator[bytes, Answer, Outcome]:
        yield self(row, bound)
        return None  # type: ignore[return-value]


class Probing(Encoder):
    def probe(self, row: ActionRow) -> bytes:
        return b"GET /%d HTTP/1.1\r\n\r\n" % next(TICKS)


class Blind(Encoder):
    def seen(self, sent: Outcome, status: int, body: bytes) -> bool | None:
        return body[0] == 1


class Reordered(ReferenceAdapter):
    def provisioning(self, trace: Trace) -> Iterator[ProvisionRequest]:
        for request in super().provisioning(trace):
            yield ProvisionRequest("PUT", f"/{next(TICKS)}", {}, request.body, request.rows)


class Overstated(ReferenceAdapter):
    """Counts the rows of accounts without sending them."""

    def provisioning(self, trace: Trace) -> Iterator[ProvisionRequest]:
        for request in super().provisioning(trace):
            body = b"{}" if b'"accounts"' in request.body else request.body
            yield ProvisionRequest("POST", request.path, {}, body, request.rows)


class Torn(ReferenceAdapter):
    def provisioning(self, trace: Trace) -> Iterator[ProvisionRequest]:
        yield ProvisionRequest("POST", "/a b", {"X": "1\r\n\r\nGET / HTTP/1.1"}, b"", 0)


class Raising(ReferenceAdapter):
    def decode(self, action: int, status: int, body: bytes) -> Outcome:
        return Outcome("done" if body.decode() else "inbox")


class Mute(ReferenceAdapter):
    def decode(self, action: int, status: int, body: bytes) -> Outcome:
        return Outcome("")


class Moody(ReferenceAdapter):
    def decode(self, action: int, status: int, body: bytes) -> Outcome:
        return Outcome(f"done{next(TICKS)}")


class Trusting(ReferenceAdapter):
    """Takes the id of a comment into a path as it came."""

    def decode(self, action: int, status: int, body: bytes) -> Outcome:
        found = re.search(rb'"id":"((?:[^"\\]|\\.)*)"', body)
        return Outcome("done", bound=found[1].replace(b"\\r\\n", b"\r\n") if found else b"")


class Healthless(ReferenceAdapter):
    def takes_time(self, health: bytes) -> bool:
        return health[0] == 1


class Unsure(ReferenceAdapter):
    def takes_time(self, health: bytes) -> bool:
        return None  # type: ignore[return-value]


BROKEN: list[tuple[Callable[[str], Adapter], str]] = [
    (Wavering, "what_it_supports_and_promises_is_fixed"),
    (Evasive, "what_it_supports_and_promises_is_fixed"),
    (Useless, "what_it_supports_and_promises_is_fixed"),
    (encoding(Unquoted), "no_text_breaks_a_request"),
    (encoding(Miscounted), "no_text_breaks_a_request"),
    (encoding(Injected), "no_text_breaks_a_request"),
    (encoding(Counting), "the_same_action_is_the_same_request"),
    (encoding(Unnamed), "signs_are_texts"),
    (encoding(Forever), "steps_come_to_an_end"),
    (encoding(Silent), "steps_come_to_an_end"),
    (encoding(Probing), "probes_are_requests"),
    (encoding(Blind), "no_probe_ends_in_an_exception"),
    (Reordered, "filling_is_the_same_each_time"),
    (Torn, "filling_is_the_same_each_time"),
    (Overstated, "filling_carries_the_rows_that_it_counts"),
    (Raising, "no_answer_ends_in_an_exception"),
    (Mute, "no_answer_ends_in_an_exception"),
    (Moody, "no_answer_ends_in_an_exception"),
    (Trusting, "what_was_created_is_named_without_harm"),
    (Healthless, "no_health_ends_in_an_exception"),
    (Unsure, "no_health_ends_in_an_exception"),
]


@pytest.mark.parametrize(("broken", "name"), BROKEN)
def test_what_is_broken_fails_the_check_named_after_it(
    broken: Callable[[str], Adapter], name: str
) -> None:
    (check,) = [check for check in checks(broken) if check.name == name]
    with pytest.raises(AssertionError):
        check()


def test_what_is_no_adapter_fails_every_check() -> None:
    def lacking(token: str) -> Adapter:
        adapter: Any = ReferenceAdapter(token)
        adapter.decode = None
        return cast(Adapter, adapter)

    for check in checks(lacking):
        if check.name != "another_process_makes_the_same_requests":
            with pytest.raises(AssertionError, match="its decode is no method"):
                check()


def test_a_line_that_a_text_ends_early_fails() -> None:
    class Careless(LineEncoder):
        def __init__(self, texts: Any) -> None:
            super().__init__(texts)
            self._texts = {id_: text.text for id_, text in texts.items()}

    class Adapter(ChatlineAdapter):
        def encoder(self, authority: str, actors: Any, texts: Any, **more: Any) -> LineEncoder:
            return Careless(texts)

    with pytest.raises(AssertionError) as raised:
        check_adapter(Adapter, requests_in=lines_in)
    assert str(raised.value).startswith("no_text_breaks_a_request: a server would read ")


#: Requests that differ from process to process.
BY_PROCESS = f"""
import os
from dmsim.adapters.reference import ReferenceAdapter

class Adapter(ReferenceAdapter):
    def __init__(self, token):
        if os.getpid() != {os.getpid()}:
            token += "other"
        super().__init__(token)
"""


def test_an_adapter_that_is_another_in_each_process_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "byprocess", BY_PROCESS, {"by": "byprocess:Adapter"}, monkeypatch)
    found = {check.name: check for check in checks("by")}
    with pytest.raises(AssertionError, match="another process makes other requests"):
        found["another_process_makes_the_same_requests"]()
