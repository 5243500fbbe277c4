"""How a file says that accounts listen."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dmsim.adapters.base import Answer
from dmsim.adapters.declared import declared_adapter, load_declaration
from dmsim.adapters.declared.sample import ACTOR, SampleState
from dmsim.adapters.listening import Arrival, Kind, Listening
from dmsim.cli.main import main
from dmsim.errors import UsageError
from tests.replay.listening_service import Service, serving

#: The shape of the Matrix protocol, of which every test breaks one piece.
SOUND = """\
base = "/_matrix"

[auth]
kind = "bearer"
token = "{actor.session}"

[[provision]]
for = "accounts"
request = "POST /login"
json = { user = "{id}" }
capture.session = { json = "access_token", keep = "account" }

[listen]
kind = "long_poll"
request = "GET /sync?since={since}&timeout=30000"
first.request = "GET /sync?timeout=0"
capture.since = { json = "next_batch" }
message = "[rooms.join.*[].timeline.events[].event_id, rooms.invite.*[].state.events[].event_id][]"

[actions.send_message]
request = "PUT /rooms/{target}"
json = { body = "{text}" }
capture.event = { json = "event_id", keep = "object" }

[[outcomes]]
status = "2xx"
outcome = "inbox"
"""

REQUEST = 'request = "GET /sync?since={since}&timeout=30000"'
FIRST = 'first.request = "GET /sync?timeout=0"'
SINCE = 'capture.since = { json = "next_batch" }'
KIND = 'kind = "long_poll"'

BROKEN = {
    "unknown kind": ("long_poll", "carrier_pigeon", "listen.kind", "websocket"),
    "no kind": (KIND, "", "listen.kind", "missing"),
    "no message": ("message =", "text =", "listen.message", "missing"),
    "bad message": ("message = \"[", 'message = "[[', "listen.message", "JMESPath"),
    "bad text": (KIND, KIND + '\ntext = "a["', "listen.text", "JMESPath"),
    "tells nothing": (KIND, KIND + "\ntells = []", "listen.tells", "empty"),
    "tells what is removed": (KIND, KIND + '\ntells = ["removed"]', "listen.tells.0", "filtered"),
    "unknown hole": ("{since}", "{sence}", "listen.request", "hole {sence}"),
    "hole of an action": ("{since}", "{target}", "listen.request", "hole {target}"),
    "first with a capture": ("timeout=0", "since={since}", "listen.first.request", "hole {since}"),
    "first that captures": (FIRST, FIRST + '\nfirst.capture.a.json = "b"', "first.capture",
                            "without first"),
    "bad first": ("GET /sync?timeout=0", "/sync", "listen.first.request", "a method and a path"),
    "nothing to begin with": (FIRST, "", "listen.capture.since", "default"),
    "kept for ever": ('"next_batch"', '"n", keep = "account"', "capture.since.keep", "take it out"),
    "events with a first": (KIND, 'kind = "sse"', "listen.first", "long_poll"),
    "frames by POST": (KIND, 'kind = "websocket"\nheaders = {}', "listen.first", "long_poll"),
    "a body of GET": (KIND, KIND + '\nraw = "x"', "listen.raw", "no body"),
    "nobody says what he sends": ('keep = "object"', 'keep = "pair"', "listen.message", "object"),
}  # fmt: skip


def loaded(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    load_declaration(path)
    return path


def listening(tmp_path: Path, text: str = SOUND) -> Listening:
    adapter = declared_adapter(loaded(tmp_path, text), "")
    fill = next(one for one in adapter.filling(SampleState({})) if one is not None)
    assert fill.answered is not None
    fill.answered(Answer(200, b'{"access_token": "t0"}'))
    return adapter.listening("host:80", [ACTOR])


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_told_by_key_in_one_line(name: str, tmp_path: Path) -> None:
    piece, instead, key, why = BROKEN[name]
    assert piece in SOUND
    with pytest.raises(UsageError) as raised:
        loaded(tmp_path, SOUND.replace(piece, instead, 1))
    told = str(raised.value)
    assert told.startswith(f"{tmp_path / 'mine.toml'}")
    assert key in told
    assert why in told


def test_each_poll_carries_what_the_last_one_captured(tmp_path: Path) -> None:
    told = listening(tmp_path)
    assert (told.kind, told.opens_by_answer) == (Kind.LONG_POLL, True)
    polls = told.requests(ACTOR)
    assert next(polls).startswith(b"GET /_matrix/sync?timeout=0 HTTP/1.1\r\nHost: host:80\r\n")
    for since in (b"s 1", b"s2"):
        poll = polls.send(Answer(200, b'{"next_batch":"%b"}' % since))
        assert poll.startswith(b"GET /_matrix/sync?since=" + since.replace(b" ", b"%20"))
        assert b"\r\nAuthorization: Bearer t0\r\n" in poll
    # An answer without it leaves what is known.
    assert b"since=s2&" in polls.send(Answer(200, b"{}"))


def test_without_anything_captured_there_is_no_next_poll(tmp_path: Path) -> None:
    polls = listening(tmp_path).requests(ACTOR)
    next(polls)
    with pytest.raises(StopIteration) as ended:
        polls.send(Answer(200, b"{}"))
    assert ended.value.value == "nothing captured for since"


def test_a_default_stands_for_what_no_answer_gave(tmp_path: Path) -> None:
    text = SOUND.replace(FIRST, "").replace('"next_batch" }', '"next_batch", default = "now" }')
    told = listening(tmp_path, text)
    assert not told.opens_by_answer
    assert next(told.requests(ACTOR)).startswith(b"GET /_matrix/sync?since=now&")


def test_ids_are_found_wherever_they_lie(tmp_path: Path) -> None:
    told = listening(tmp_path)
    body = b"""{"next_batch": "s2", "rooms": {
        "join": {"!a": {"timeline": {"events": [{"event_id": "$1"}, {"event_id": "$2"}]}},
                 "!b": {"timeline": {"events": [{"event_id": "$3"}, {"type": "x"}]}}},
        "invite": {"!c": {"state": {"events": [{"event_id": "$4"}]}}}}}"""
    assert told.heard(body) == [Arrival(b"$%d" % n) for n in (1, 2, 3, 4)]
    assert told.heard(b'{"next_batch": "s2"}') == []
    assert told.heard(b"<html>") is None
    assert told.heard(b"\xff") is None
    assert told.heard(b"[" * 100_000) is None


@pytest.mark.parametrize(
    ("data", "arrivals"),
    [
        (b'{"id": 5, "text": "hi"}', [Arrival(b"5", "hi")]),
        (b'{"id": [5, 6], "text": ["a", "b"]}', [Arrival(b"5", "a"), Arrival(b"6", "b")]),
        # Nobody knows whose text it is.
        (b'{"id": [5, 6], "text": ["a"]}', [Arrival(b"5"), Arrival(b"6")]),
        (b'{"id": {"a": 5}}', []),
        (b'{"id": null}', []),
        (b"7", []),
    ],
)
def test_texts_belong_to_ids_where_there_are_as_many(
    data: bytes, arrivals: list[Arrival], tmp_path: Path
) -> None:
    message = next(line for line in SOUND.splitlines() if line.startswith("message"))
    text = SOUND.replace(message, 'message = "id"\ntext = "text"')
    assert listening(tmp_path, text).heard(data) == arrivals


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "text", "a"]), inner),
)


@pytest.fixture(scope="module")
def greedy(tmp_path_factory: pytest.TempPathFactory) -> Listening:
    """Takes ids from more than one place, and texts from the whole."""
    message = next(line for line in SOUND.splitlines() if line.startswith("message"))
    text = SOUND.replace(message, 'message = "[id, a[]]"\ntext = "@"')
    return listening(tmp_path_factory.mktemp("greedy"), text)


@given(data=VALUES.map(lambda value: json.dumps(value).encode()) | st.binary())
@example(data=b"[" * 900 + b"]" * 900)
@example(data=b'{"id": "\\ud800"}')
def test_whatever_arrives_is_understood_or_not(greedy: Listening, data: bytes) -> None:
    found = greedy.heard(data)
    assert found is None or all(isinstance(arrival.id, bytes) for arrival in found)


#: For the service of the tests.
TRIED = """
[auth]
kind = "header"
name = "X-User"
value = "{actor}"

[listen]
kind = "websocket"
request = "GET /frames"
message = "id"

[actions.send_message]
request = "POST /messages/{target}"
raw = "{text}"
capture.message = { json = "id", keep = "object" }

[[outcomes]]
status = 201
outcome = "inbox"
"""


@pytest.mark.parametrize(
    ("piece", "instead", "code", "outcome"),
    [
        ("", "", 0, "  = done"),
        ('message = "id"', 'message = "name"', 1, "  = not told of m1 within 2 s"),
        ("GET /frames", "GET /frames?", 0, "  = done"),
        ('"websocket"', '"sse"', 1, "  = status 404"),
        ('"{text}"', '"lost"', 1, "  = not told of m1 within 2 s"),
    ],
)
def test_try_listens_as_the_one_who_is_written_to(
    piece: str, instead: str, code: int, outcome: str,
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    mine = loaded(tmp_path, TRIED.replace(piece, instead))
    with serving(Service()) as url:
        assert main(["adapter", "try", str(mine), "--host", url]) == code
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("listen")
    assert lines[at + 1].startswith("  > GET /frames")
    assert lines[at + 3] == outcome


def test_check_tells_how_accounts_listen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adapter", "check", str(loaded(tmp_path, SOUND))]) == 0
    assert "listens: long_poll" in capsys.readouterr().out
