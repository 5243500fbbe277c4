"""Checks of what an adapter sends."""

import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from itertools import repeat

from dmsim.adapters import (
    OWN,
    ActionRow,
    Adapter,
    Answer,
    Encoder,
    ProbingEncoder,
    ProvisionRequest,
)
from dmsim.testing.framing import Shape
from dmsim.testing.sample import HOSTILE, PLAIN, SampleTrace, texts
from dmsim.testing.subject import (
    AUTHORITY,
    MOST_STEPS,
    Subject,
    expect,
    filling,
    first_request,
    named,
    walk,
)
from dmsim.trace.schema import INITIAL
from dmsim.vocabulary import Reason, names

#: What a backend may say to every step.
_ANSWERS = (
    Answer(200, b"{}"),
    Answer(200, b'{"id": 7}', {"location": "/7", "set-cookie": "a=b"}),
    Answer(404, b""),
    Answer(500, b"no \xff text"),
)

_DIGEST = "import sys; from dmsim.testing.requests import digest; print(digest(sys.argv[1]))"
_TIMEOUT_S = 60


def no_text_breaks_a_request(subject: Subject) -> None:
    """Whatever is written, a server reads one request of the same method, headers and members."""
    adapter = subject.adapter()
    encoder = subject.encoder(adapter, texts(PLAIN, *HOSTILE))
    for row in subject.rows(adapter):
        shapes = [shape for shape in _shapes(subject, encoder, row) if shape is not None]
        for text, shape in zip(HOSTILE, shapes[1:], strict=bool(shapes)):
            changed = f"{named(row)}: {text!r} makes another request: {shape}, not {shapes[0]}"
            expect(shape == shapes[0], changed)


def _shapes(subject: Subject, encoder: Encoder, row: ActionRow) -> Iterator[Shape | None]:
    for text in range(1 + len(HOSTILE)):
        request = first_request(encoder, row._replace(text=text))
        yield None if request is None else subject.shape(request)


def the_same_action_is_the_same_request(subject: Subject) -> None:
    """Neither what was encoded before nor who encodes it changes a request."""
    adapter = subject.adapter()
    rows = subject.rows(adapter)
    once, other = (subject.encoder(subject.adapter(), texts(PLAIN)) for _ in range(2))
    first = [first_request(once, row) for row in rows]
    again = [first_request(once, row) for row in reversed(rows)][::-1]
    others = [first_request(other, row) for row in rows]
    for row, *requests in zip(rows, first, again, others, strict=True):
        expect(len(set(requests)) == 1, f"{named(row)}: is encoded in several ways: {requests}")


def another_process_makes_the_same_requests(subject: Subject) -> None:
    """Every process of a replay makes the adapter anew; of use for an adapter given by its name."""
    if not subject.name:
        return
    ended = subprocess.run(
        [sys.executable, "-c", _DIGEST, subject.name],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    expect(ended.returncode == 0, f"another process cannot make it: {ended.stderr[-500:]}")
    expect(ended.stdout.strip() == digest(subject.name), "another process makes other requests")


def digest(name: str) -> str:
    """A digest of one request of every supported action.

    Args:
        name: the adapter, as in ``--adapter``.
    """
    subject = Subject(name)
    adapter = subject.adapter()
    encoder = subject.encoder(adapter, texts(PLAIN))
    made = [first_request(encoder, row) or b"" for row in subject.rows(adapter)]
    return sha256(b"\0".join(made)).hexdigest()


def steps_come_to_an_end(subject: Subject) -> None:
    """An action of several requests ends with an outcome, whatever is answered to them."""
    adapter = subject.adapter()
    stepped = subject.encoder(adapter, texts(PLAIN)).stepped
    rows = [row for row in subject.rows(adapter) if row.action in stepped]
    for answer in _ANSWERS:
        for row in rows:
            # What one action captured spares another its steps.
            encoder = subject.encoder(subject.adapter(), texts(PLAIN))
            walk(encoder, row, b"", repeat(answer, MOST_STEPS))


def signs_are_texts(subject: Subject) -> None:
    """For every reason there is a text of how the backend writes it, which may be empty."""
    adapter = subject.adapter()
    encoder = subject.encoder(adapter, texts(PLAIN))
    for row in subject.rows(adapter):
        for reason in names(Reason):
            sign = encoder.sign(row, reason)
            expect(isinstance(sign, str), f"{named(row)}: the sign of {reason} is {sign!r}")


def probes_are_requests(subject: Subject) -> None:
    """The request that asks whether a message has arrived is one request, always the same."""
    adapter = subject.adapter()
    encoder = subject.encoder(adapter, texts(PLAIN))
    if not isinstance(encoder, ProbingEncoder):
        return
    for row in subject.rows(adapter):
        probe = encoder.probe(row)
        subject.shape(probe)
        expect(probe == encoder.probe(row), f"{named(row)}: is probed in several ways")


def filling_is_the_same_each_time(subject: Subject) -> None:
    """The same initial state makes the same requests of provisioning, each of them whole."""
    once, again = (filling(subject.adapter(), SampleTrace()) for _ in range(2))
    same = [*map(_bytes, once)] == [*map(_bytes, again)]
    expect(same, "the same state is filled in by other requests the second time")
    for request in once:
        subject.shape(_whole(subject.adapter(), request))


def filling_carries_the_rows_that_it_counts(subject: Subject) -> None:
    """Without a row that is counted there is something else in the requests."""
    whole = filling(subject.adapter(), SampleTrace())
    wrong = [request.path for request in whole if request.rows < 0]
    expect(not wrong, f"requests of provisioning count fewer than no rows: {wrong}")
    for table in INITIAL:
        for row in range(SampleTrace().table(table).height):
            less = filling(subject.adapter(), SampleTrace(without=(table, row)))
            counted = sum(one.rows for one in whole) - sum(one.rows for one in less)
            differs = [_bytes(one) for one in less] != [_bytes(one) for one in whole]
            expect(
                differs or not counted,
                f"row {row} of {table.path} is counted and is in no request of provisioning",
            )


def _bytes(request: ProvisionRequest) -> tuple[object, ...]:
    return request.method, request.path, sorted(request.headers.items()), request.body


def _whole(adapter: Adapter, request: ProvisionRequest) -> bytes:
    """As it is sent."""
    if adapter.client == OWN:
        return request.body
    lines = [f"{request.method} {request.path} HTTP/1.1", f"Host: {AUTHORITY}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    lines += [f"Content-Length: {len(request.body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + request.body
