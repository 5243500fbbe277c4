"""Checks of what an adapter understands."""

from itertools import product
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmsim.adapters import Adapter, Encoder, Outcome, ProbingEncoder
from dmsim.testing.sample import PLAIN, texts
from dmsim.testing.subject import Subject, expect, first_request, named, supported
from dmsim.trace.schema import OF_COMMENTS
from dmsim.vocabulary import Action, Reason, Verdict

#: Answers that are tried for each check, anew in each run.
EXAMPLES = 100

_PATIENT = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)

#: Names that answers of many services have, so that what is made up comes near to answers.
_KEYS = st.sampled_from(
    ["id", "outcome", "reason", "error", "code", "error_subcode", "message_id", "status", "data"]
)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner), max_leaves=8
)


def _encoded(told: Any) -> bytes:
    try:
        return msgspec.json.encode(told)
    except (ValueError, UnicodeEncodeError):
        return repr(told).encode(errors="replace")


_WELL_KNOWN = (
    b"", b"{", b"null", b'{"outcome":""}', b"[" * 100_000, b'{"id":' + b"9" * 5000 + b"}",
    b"\xff\xfe\0",
)  # fmt: skip
_BODIES = st.sampled_from(_WELL_KNOWN) | st.binary(max_size=60) | _JSON.map(_encoded)
_USUAL = (200, 201, 204, 302, 400, 401, 403, 404, 409, 429, 500, 503)
_STATUSES = st.sampled_from(_USUAL) | st.integers(100, 599)


def no_answer_ends_in_an_exception(subject: Subject) -> None:
    """Whatever is answered has an outcome, always the same: a verdict's word, or an error."""
    one, other = subject.adapter(), subject.adapter()
    known = supported(one)

    def check(status: int, body: bytes) -> None:
        for action in known:
            outcome = _decoded(one, action, status, body)
            what = f"{action.name.lower()}: {status} {body[:80]!r}"
            expect(_is_sound(outcome), f"{what} is understood as {outcome!r}")
            expect(outcome == _decoded(other, action, status, body), f"{what} has two outcomes")

    for status, body in product(_USUAL, _WELL_KNOWN):
        check(status, body)
    _PATIENT(given(status=_STATUSES, body=_BODIES)(check))()


def _decoded(adapter: Adapter, action: Action, status: int, body: bytes) -> Outcome:
    try:
        return adapter.decode(int(action), status, body)
    except Exception as error:
        what = f"{action.name.lower()}: {status} {body[:80]!r}"
        raise AssertionError(f"{what} ends in {type(error).__name__}: {error}") from error


def _is_sound(outcome: object) -> bool:
    if not isinstance(outcome, Outcome):
        return False
    words = (outcome.verdict, outcome.reason, outcome.error, outcome.sign)
    told = all(isinstance(word, str) for word in words) and isinstance(outcome.bound, bytes)
    return told and bool(outcome.verdict) != bool(outcome.error)


def what_was_created_is_named_without_harm(subject: Subject) -> None:
    """The id that the backend gave to a comment breaks no request that names the comment."""
    adapter = subject.adapter()
    if not adapter.supports(Action.COMMENT):
        return
    encoder = subject.encoder(adapter, texts(PLAIN))

    @_PATIENT
    @given(id_=st.text(max_size=12) | st.sampled_from(["a b", "1\r\nX: y", "../x", "%", '"', "1?"]))
    def holds(id_: str) -> None:
        body = _encoded({"outcome": "done", "id": id_})
        bound = _decoded(adapter, Action.COMMENT, 200, body).bound
        if bound:
            _check_named(subject, adapter, encoder, bound)

    holds()


def _check_named(subject: Subject, adapter: Adapter, encoder: Encoder, bound: bytes) -> None:
    for row in subject.rows(adapter):
        if row.action not in OF_COMMENTS:
            continue
        try:
            request = first_request(encoder, row, bound)
        except Exception as error:
            raise AssertionError(
                f"{named(row)}: naming {bound!r} ends in {type(error).__name__}: {error}"
            ) from error
        if request is not None:
            subject.shape(request)


def no_health_ends_in_an_exception(subject: Subject) -> None:
    """Whatever is answered to the request for health says whether the backend takes the time."""
    adapter = subject.adapter()

    @_PATIENT
    @given(body=_BODIES)
    def holds(body: bytes) -> None:
        try:
            told = adapter.takes_time(body)
        except Exception as error:
            what = f"the health {body[:80]!r}"
            raise AssertionError(f"{what} ends in {type(error).__name__}: {error}") from error
        expect(isinstance(told, bool), f"the health {body[:80]!r} says {told!r}")

    holds()


def no_probe_ends_in_an_exception(subject: Subject) -> None:
    """Whatever a probe is answered with says that a message was seen, or not, or nothing."""
    encoder = subject.encoder(subject.adapter(), texts(PLAIN))
    if not isinstance(encoder, ProbingEncoder):
        return
    sent = Outcome("inbox", bound=b"7")

    @_PATIENT
    @given(status=_STATUSES, body=_BODIES)
    def holds(status: int, body: bytes) -> None:
        try:
            told = encoder.seen(sent, status, body)
        except Exception as error:
            what = f"the probe's answer {status} {body[:80]!r}"
            raise AssertionError(f"{what} ends in {type(error).__name__}: {error}") from error
        expect(told is None or isinstance(told, bool), f"a probe says {told!r}")

    holds()


def what_it_supports_and_promises_is_fixed(subject: Subject) -> None:
    """Of every action, verdict and reason it says yes or no, always the same."""
    one, other = subject.adapter(), subject.adapter()
    for action in Action:
        said = one.supports(action), one.supports(action), other.supports(action)
        _expect_one(said, f"supports({action.name})")
    expect(any(map(one.supports, Action)), "it supports no action at all")
    for verdict in Verdict:
        for reason in Reason:
            asked = verdict, reason
            said = one.promises(*asked), one.promises(*asked), other.promises(*asked)
            _expect_one(said, f"promises({verdict.name}, {reason.name})")


def _expect_one(said: tuple[object, ...], what: str) -> None:
    expect(all(isinstance(each, bool) for each in said), f"{what} says {said[0]!r}, no yes or no")
    expect(len(set(said)) == 1, f"{what} says now yes, now no")
