"""How answers become outcomes by the rules of a file."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.adapters.base import Answer, Outcome
from dmsim.adapters.declared.answer import Reader
from dmsim.adapters.declared.model import Capture, Rule
from dmsim.replay.judge import same
from dmsim.vocabulary import Reason, Verdict


def rules(*told: dict[str, object]) -> list[Rule]:
    return [Rule.model_validate(one) for one in told]


RULES = rules(
    {"status": 403, "when": "error.code == `7`", "outcome": "refused:blocked"},
    {"status": [403, "5xx"], "text": "(?i)not allowed",
     "outcome": ["refused:no_one", "refused:setting"]},
    {"status": "2xx", "when": "error", "outcome": "removed:removed"},
    {"status": 202, "outcome_from": "told.how", "reason_from": "told.why",
     "words": {"later": "requests"}},
    {"status": "2xx", "outcome": "inbox"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (403, b'{"error": {"code": 7}}', Outcome("refused", "blocked")),
        (403, b'{"error": {"code": 8}}', Outcome("status_403")),
        (200, b'{"error": {"code": 8}}', Outcome("removed", "removed")),
        (202, b'{"told": {"how": "later"}}', Outcome("requests")),
        (202, b'{"told": {"how": "refused", "why": "blocked"}}', Outcome("refused", "blocked")),
        (202, b'{"told": 1}', Outcome("inbox")),
        (202, b'{"told": {"how": ""}}', Outcome("inbox")),
        (200, b"no json", Outcome("inbox")),
        (404, b"", Outcome("status_404")),
        (302, b"", Outcome("status_302")),
        (500, b"", Outcome("", error="status 500")),
        (401, b"", Outcome("", error="status 401")),
        (429, b"", Outcome("", error="status 429")),
    ],
)
def test_the_first_rule_that_fits_says_what_came(
    status: int, body: bytes, outcome: Outcome
) -> None:
    assert Reader(RULES).read(Answer(status, body)) == outcome


def test_a_rule_may_leave_the_choice() -> None:
    outcome = Reader(RULES).read(Answer(403, b"That is NOT ALLOWED"))
    assert outcome.readings == (("refused", "no_one"), ("refused", "setting"))
    assert (outcome.verdict, outcome.reason) == ("refused", "no_one or setting")


def test_a_choice_between_deliveries_is_held_to_one_of_them() -> None:
    told = rules({"outcome": ["inbox", "requests", "refused:blocked"]})
    outcome = Reader(told).read(Answer(200, b""))
    assert same(outcome, Verdict.REQUESTS, Reason.NONE)
    assert same(outcome, Verdict.REFUSED, Reason.BLOCKED)
    assert not same(outcome, Verdict.FILTERED, Reason.NONE)


def test_an_answer_that_no_rule_is_for_is_an_error() -> None:
    outcome = Reader(rules({"status": 201, "outcome": "inbox"})).read(Answer(200, b""))
    assert outcome.error == "status 200 that no rule of the adapter understands"


@pytest.mark.parametrize(
    ("capture", "answer", "bound"),
    [
        ({"json": "id"}, Answer(200, b'{"id": 12}'), b"12"),
        ({"json": "made[0].id"}, Answer(200, b'{"made": [{"id": "x/y"}]}'), b"x/y"),
        ({"json": "id"}, Answer(200, b'{"id": {}}'), b""),
        ({"regex": "n=([0-9]+)"}, Answer(200, b"n=17;"), b"17"),
        ({"header": "Location"}, Answer(200, b"", {"location": "/a/1"}), b"/a/1"),
        ({"header": "Location", "regex": "[0-9]+"}, Answer(200, b"", {"location": "/a/1"}), b"1"),
        ({"cookie": "b"}, Answer(200, b"", {"set-cookie": "a=1; Path=/\nb=2; Path=/"}), b"2"),
        ({"cookie": "c"}, Answer(200, b"", {"set-cookie": "a=1"}), b""),
    ],
)
def test_the_id_of_what_was_created_is_found(
    capture: dict[str, str], answer: Answer, bound: bytes
) -> None:
    created = Capture.model_validate({**capture, "keep": "object"})
    assert Reader(rules({"outcome": "done"}), created).read(answer).bound == bound


@given(status=st.integers(100, 599), body=st.binary(max_size=60))
def test_no_answer_ends_in_an_exception(status: int, body: bytes) -> None:
    created = Capture.model_validate({"json": "a.b", "keep": "object"})
    outcome = Reader(RULES, created).read(Answer(status, body))
    assert outcome.verdict or outcome.error


KEYS = st.sampled_from(["error", "code", "told", "how"])
SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner),
)


@given(value=SHAPES)
def test_no_shape_of_json_ends_in_an_exception(value: object) -> None:
    outcome = Reader(RULES).read(Answer(202, msgspec.json.encode(value)))
    assert outcome.verdict
