"""What a declared adapter sends, whatever the values are that it has to carry."""

import base64
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, unquote, unquote_plus

import httptools
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.adapters.base import ActionRow, Answer, LabelledText
from dmsim.adapters.declared import DeclaredAdapter
from dmsim.adapters.declared.model import Declaration
from dmsim.vocabulary import Action

SEND = Action.SEND_MESSAGE
TEXTS = st.text(max_size=40) | st.sampled_from(
    [
        '"',
        "\r\nX: y\r\n\r\n",
        "\0",
        "\N{WAVING HAND SIGN}",
        "שלום \u202e",
        "%s%%{text}",
        "--",
        "&=;",
    ]
)


class Seen:
    """A request as a server's parser understands it."""

    def __init__(self, request: bytes) -> None:
        self.url = b""
        self.headers: dict[str, str] = {}
        self.body = b""
        self.complete = 0
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(request)
        self.method = self._parser.get_method().decode()

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        assert name.decode() not in self.headers
        self.headers[name.decode()] = value.decode("ascii")

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete += 1


def adapter(send: Mapping[str, object], **more: object) -> DeclaredAdapter:
    rule = {"status": "2xx", "outcome": "inbox"}
    told = {"actions": {"send_message": send}, "outcomes": [rule], **more}
    return DeclaredAdapter(Declaration.model_validate(told), Path("test.toml"), "secret")


def sent(
    send: Mapping[str, object], text: str = "", bound: bytes = b"", *, row: object = None,
    **more: object,
) -> Seen:  # fmt: skip
    made = adapter(send, **more).encoder("host:80", [7], {0: LabelledText(text)})
    action = row or ActionRow(SEND, 7, 1, 0, target=9, uses=5, text=0)
    assert isinstance(action, ActionRow)
    seen = Seen(made(action, bound))
    assert seen.complete == 1
    return seen


@given(text=TEXTS)
def test_json_carries_every_text(text: str) -> None:
    send = {"request": "POST /m", "json": {"t": "{text}", "in": ["<{text}>", {"to": "{target}"}]}}
    body = msgspec.json.decode(sent(send, text).body)
    assert body == {"t": text, "in": [f"<{text}>", {"to": 9}]}


@given(text=TEXTS)
def test_a_form_carries_every_text(text: str) -> None:
    seen = sent({"request": "POST /m", "form": {"a b": "{text}", "to": "{target}"}}, text)
    fields = parse_qs(seen.body.decode(), keep_blank_values=True)
    assert fields == {"a b": [text], "to": ["9"]}
    assert seen.headers["Content-Type"] == "application/x-www-form-urlencoded"


@given(text=TEXTS)
def test_a_multipart_body_carries_every_text(text: str) -> None:
    seen = sent({"request": "POST /m", "multipart": {"a": "{text}", "b": "{target}"}}, text)
    boundary = seen.headers["Content-Type"].partition("boundary=")[2].encode()
    _, one, two, end = seen.body.split(b"--" + boundary)
    assert one.partition(b"\r\n\r\n")[2] == text.encode() + b"\r\n"
    assert two.endswith(b"\r\n\r\n9\r\n")
    assert end == b"--\r\n"


@given(text=TEXTS)
def test_a_raw_body_carries_every_text(text: str) -> None:
    seen = sent({"request": "POST /m", "raw": "100% {text}", "content_type": "text/x"}, text)
    assert seen.body == b"100% " + text.encode()


@given(text=TEXTS)
def test_a_path_and_a_header_carry_every_text_on_one_line(text: str) -> None:
    send = {"request": "GET /m/{text}/x?q={text}", "headers": {"X-Text": "is <{text}>"}}
    seen = sent(send, text)
    path, _, query = seen.url.decode().partition("?")
    assert unquote(path.split("/")[2]) == text
    assert unquote_plus(query.removeprefix("q=")) == text
    assert set(seen.headers) == {"Host", "X-Text"}


@given(user=TEXTS.filter(lambda text: ":" not in text))
def test_basic_authentication_carries_every_user(user: str) -> None:
    auth = {"kind": "basic", "user": "{text}", "password": "p%{actor}"}
    seen = sent({"request": "GET /m"}, user, auth=auth)
    told = base64.b64decode(seen.headers["Authorization"].removeprefix("Basic "))
    assert told == f"{user}:p%7".encode()


@given(id_=TEXTS.filter(bool) | st.sampled_from(["17", "007", "9" * 30]))
def test_an_id_of_the_backends_own_making_is_carried_everywhere(id_: str) -> None:
    send = {"request": "POST /m/{uses}", "json": {"of": "{uses|text}", "or": "{uses}"}}
    seen = sent(send, bound=id_.encode())
    assert unquote(seen.url.decode().removeprefix("/m/")) == id_
    body = msgspec.json.decode(seen.body)
    assert body["of"] == id_
    assert body["or"] == (17 if id_ == "17" else int(id_) if id_ in "0123456789" else id_)


def test_a_member_is_left_out_where_its_hole_is_empty() -> None:
    send = {"request": "POST /m", "json": {"until?": "{until}", "of?": "{uses}", "to": "{until}"}}
    assert msgspec.json.decode(sent(send).body) == {"of": 5, "to": None}
    alone = {"request": "POST /m", "json": {"until?": "{until}"}}
    assert sent(alone).body == b"{}"


def test_words_of_the_service_stand_for_those_of_the_trace() -> None:
    send = {"request": "POST /m", "json": {"who": "{setting}", "on": "{switch}"}}
    words = {"setting": {"no_one": "nobody"}, "switch": {"on": "yes", "off": "no"}}
    row = ActionRow(SEND, 7, 1, 0, setting=0, switch=1)
    assert msgspec.json.decode(sent(send, row=row, words=words).body) == {
        "who": "nobody",
        "on": "yes",
    }


def test_an_environment_variable_that_is_lacking_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    send = {"request": "GET /m", "headers": {"X-Key": "{env.MY_KEY}"}}
    with pytest.raises(Exception, match="MY_KEY is not set"):
        sent(send)
    monkeypatch.setenv("MY_KEY", "a\r\nb")
    assert sent(send).headers["X-Key"] == "a%0D%0Ab"


STEPS = {
    "steps": [
        {"request": "POST /rooms", "unless": "room",
         "capture": {"room": {"json": "id", "keep": "pair"}}},
        {"request": "POST /rooms/{room}", "json": {"text": "{text}"}},
    ]
}  # fmt: skip


def test_steps_use_what_came_before_and_keep_it_for_the_pair() -> None:
    encoder = adapter(STEPS).encoder("host:80", [7], {0: LabelledText("hi")})
    row = ActionRow(SEND, 7, 1, 0, target=9, text=0)
    steps = encoder.steps(row, b"")
    assert Seen(next(steps)).url == b"/rooms"
    assert Seen(steps.send(Answer(201, b'{"id": "a/b"}'))).url == b"/rooms/a%2Fb"
    with pytest.raises(StopIteration) as end:
        steps.send(Answer(200, b""))
    assert end.value.value.verdict == "inbox"
    back = row._replace(actor=9, target=7)
    assert Seen(next(encoder.steps(back, b""))).url == b"/rooms/a%2Fb"
    other = row._replace(target=8)
    assert Seen(next(encoder.steps(other, b""))).url == b"/rooms"


def test_a_step_that_is_refused_is_the_last() -> None:
    encoder = adapter(STEPS).encoder("host:80", [7], {0: LabelledText("hi")})
    steps = encoder.steps(ActionRow(SEND, 7, 1, 0, target=9, text=0), b"")
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(Answer(404, b""))
    assert end.value.value.verdict == "status_404"


@pytest.mark.parametrize("body", [b"", b"[]", b"no json", b'{"id": null}', b'{"id": {}}'])
def test_a_step_whose_answer_lacks_what_it_should_give_is_an_error(body: bytes) -> None:
    encoder = adapter(STEPS).encoder("host:80", [7], {0: LabelledText("hi")})
    steps = encoder.steps(ActionRow(SEND, 7, 1, 0, target=9, text=0), b"")
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(Answer(200, body))
    assert end.value.value.error == "nothing captured for room"
