"""Whatever is wrong with an adapter's file ends in one line that names its key."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.adapters.declared import load_declaration
from dmsim.adapters.declared.load import MOST_BYTES
from dmsim.errors import UsageError
from dmsim.paths import data_path

#: A file of which every test breaks one piece.
SOUND = """\
base = "/api"
words.setting = { no_one = "nobody" }
headers = { X-Client = "dmsim" }

[auth]
kind = "bearer"
token = "{actor.session}"

[[provision]]
for = "accounts"
request = "POST /login"
json = { user = "{id}" }
where = "registered"
accept = [409]
capture.session = { json = "token", keep = "account" }

[[provision]]
for = "follows"
as = "follower"
request = "PUT /follows/{followed}"

[actions.block_user]
request = "PUT /blocks/{target}"

[actions.comment]
request = "POST /posts/{uses}/comments"
form = { text = "{text}" }
capture.comment = { json = "id", keep = "object" }

[[actions.send_message.steps]]
unless = "room"
request = "POST /rooms"
json = { with = "{target}" }
capture.room = { json = "id", keep = "pair" }

[[actions.send_message.steps]]
request = "POST /rooms/{room}/messages"
json = { text = "{text}" }

[[actions.send_message.outcomes]]
status = 202
when = "folder == 'requests'"
outcome = "requests"

[[outcomes]]
status = "2xx"
outcome = "inbox"
"""

BLOCK = 'request = "PUT /blocks/{target}"'
FORM = 'form = { text = "{text}" }'
WITH = 'json = { with = "{target}" }'
SAID = '/messages"\njson = { text = "{text}" }'
TOKEN = 'token = "{actor.session}"'

#: What is replaced by what, the key that has to be named, and a word of the complaint.
BROKEN = {
    "no TOML": (BLOCK, "request = ", "", "not valid TOML"),
    "unknown key": (BLOCK, BLOCK + '\nurl = "/x"', "actions.block_user.url", "unknown key"),
    "mistyped key": ('base = "/api"', 'bas = "/api"', "bas", 'did you mean "base"'),
    "unknown action": ("[actions.block_user]", "[actions.block_usr]", "block_usr", "block_user"),
    "unknown hole": ("PUT /blocks/{target}", "PUT /{targt}", "block_user.request", "hole {targt}"),
    "stray brace": (BLOCK, 'request = "PUT /blocks/{target"', "block_user.request", "stray"),
    "empty hole": (BLOCK, 'request = "PUT /blocks/{}"', "block_user.request", "stray"),
    "hole in json": (WITH, 'json = { with = ["{whom}"] }', "steps.0.json.with.0", "{whom}"),
    "hole in form": (FORM, 'form = { text = "{txt}" }', "comment.form.text", "{txt}"),
    "hole in header": (BLOCK, BLOCK + '\nheaders.X-A = "{a}"', "block_user.headers.X-A", "{a}"),
    "column of another table": ("{id}", "{followed}", "provision.0.json.user", "{followed}"),
    "number for a path": (BLOCK, "request = 7", "block_user.request", "must be text"),
    "text for a list": ("accept = [409]", 'accept = "409"', "provision.0.accept", "must be"),
    "no status": ("accept = [409]", "accept = [7]", "provision.0.accept", "status"),
    "list for a table": (FORM, 'form = ["text"]', "comment.form", "must be a table"),
    "no method": (BLOCK, 'request = "/blocks"', "block_user.request", "a method and a path"),
    "unknown method": (BLOCK, 'request = "SEND /blocks"', "block_user.request", "a method"),
    "a whole URL": (BLOCK, 'request = "PUT http://x/y"', "block_user.request", "a path"),
    "space in a path": (BLOCK, 'request = "PUT /a b"', "block_user.request", "printable"),
    "line break in a path": (BLOCK, 'request = "PUT /a\\r\\nX: y"', "block_user.request", "path"),
    "fragment": (BLOCK, 'request = "PUT /a#b"', "block_user.request", "%23"),
    "base with a host": ('"/api"', '"http://host/api"', "base", "url"),
    "base with a slash": ('"/api"', '"/api/"', "base", 'must not end with "/"'),
    "header injection": ('"dmsim"', '"a\\r\\nX-Evil: 1"', "headers.X-Client", "one line"),
    "NUL in a header": ('"dmsim"', '"a\\u0000b"', "headers.X-Client", "printable"),
    "header name": ("X-Client", '"X Client"', "headers.X Client", "name of a header"),
    "header of ours": ("X-Client", "Content-Length", "headers.Content-Length", "by dmsim"),
    "host header": ("X-Client", "Host", "headers.Host", "by dmsim"),
    "token in auth": (TOKEN, 'token = "a\\nb"', "auth", "one line"),
    "auth without token": (TOKEN, "", "auth.token", "needs it"),
    "unknown kind of auth": ('"bearer"', '"digest"', "auth.kind", "bearer"),
    "csrf by half": (TOKEN, TOKEN + '\ncsrf_header = "X"', "auth.csrf_header", "csrf_value"),
    "bad JMESPath": ("folder == 'requests'", "folder ==", "outcomes.0.when", "JMESPath"),
    "bad JMESPath in a capture": ('json = "token"', 'json = "a["', "capture.session.json", "JMES"),
    "bad JMESPath over rows": ('"registered"', '"a ||"', "provision.0.where", "JMESPath"),
    "bad regex": ('json = "id", keep = "pair"', 'regex = "("', "capture.room.regex", "regular"),
    "regex that only texts understand": ('status = 202', "status = 202\ntext = '\\N{DIGIT ONE}'",
                                         "outcomes.0.text", "regular"),
    "two sources": ('"token",', '"token", header = "X",', "capture.session", "one of"),
    "no source": ('json = "token", ', "", "capture.session", "one of"),
    "capture named as a hole": ("capture.session", "capture.text", "capture.text", "already"),
    "unknown keep": ('"pair"', '"ever"', "capture.room.keep", "pair"),
    "cyclic capture": (WITH, 'json = { with = "{room2}" }\ncapture.room2.json = "id"',
                       "send_message.steps.0", "later"),
    "login with its own answer": ('user = "{id}"', 'user = "{id.session}"', "provision.0",
                                  "capture it before"),
    "unless of nothing": ('unless = "room"', 'unless = "lobby"', "steps.0.unless", "captures it"),
    "request beside steps": ("[[actions.send_message.steps]]\nunless",
                             '[actions.send_message]\nrequest = "GET /"\n'
                             "[[actions.send_message.steps]]\nunless",
                             "send_message.request", "beside steps"),
    "no request": (BLOCK, "", "block_user.request", "missing"),
    "two bodies": (FORM, FORM + '\nraw = "x"', "comment.raw", "two bodies"),
    "body of a GET": ("POST /posts", "GET /posts", "comment.form", "no body"),
    "date in json": (WITH, "json = { with = 2026-01-01 }", "steps.0.json.with", "no dates"),
    "infinite number": (WITH, "json = { with = inf }", "steps.0.json.with", "finite"),
    "optional table": (WITH, 'json = { "with?" = {} }', "steps.0.json.with?", "left out"),
    "huge body": (SAID, f'/messages"\njson = {{ text = "{"x" * 70_000}" }}', "steps.1.json",
                  "larger than"),
    "huge file": (FORM, FORM + "\n#" + "x" * MOST_BYTES, "", "larger than"),
    "no outcome": ('outcome = "inbox"', "", "outcomes.0.outcome", "either"),
    "unknown outcome": ('"inbox"', '"mailbox"', "outcomes.0.outcome", "inbox"),
    "refused without reason": ('"inbox"', '"refused"', "outcomes.0.outcome", "needs a reason"),
    "unknown reason": ('"inbox"', '"refused:because"', "outcomes.0.outcome", "no_one"),
    "reason of a delivery": ('"inbox"', '"inbox:blocked"', "outcomes.0.outcome", "no reason"),
    "empty choice": ('outcome = "inbox"', "outcome = []", "outcomes.0.outcome", "empty"),
    "family of statuses": ('"2xx"', '"2yy"', "outcomes.0.status", "4xx"),
    "unknown rule of the policy": ('base = "/api"', "policy.minimum_aeg = 3", "policy.minimum_aeg",
                                   "unknown key"),
    "unknown promise": ('base = "/api"', 'promises = ["peace"]', "promises.0", "blocked"),
    "unknown word": ("no_one =", "noone =", "words.setting.noone", "no_one"),
    "words of no hole": ("words.setting", "words.mood", "words.mood", "setting"),
    "unknown table": ('for = "follows"', 'for = "friends"', "provision.1.for", "follows"),
    "unknown column": ('as = "follower"', 'as = "account"', "provision.1.as", "followed"),
    "step by nobody": ('unless = "room"', 'as = "somebody"', "steps.0.as", "target"),
    "step after what is captured later": ('unless = "room"', 'if = "roon"', "steps.0.if", "room"),
    "step both ways": ('unless = "room"', 'unless = "room"\nif = "room"', "steps.0.if", "unless"),
    "step accepts no status": ('unless = "room"', "accept = [7]", "steps.0.accept", "404"),
    "step forgets what nothing keeps": ('unless = "room"', 'forget = ["session1"]',
                                        "steps.0.forget", "room, session"),
    "broken rule of a step": ('unless = "room"', 'outcomes = [{ status = 1, outcome = "inbox" }]',
                              "steps.0.outcomes.0.status", "403"),
    "unknown hole of a condition": ("folder == 'requests'", "folder == '{mood}'",
                                    "outcomes.0.when", "unknown hole {mood}"),
    "hole breaks a condition": ("folder == 'requests'", "folder == {text}", "outcomes.0.when",
                                "in quotes"),
    "unknown hole of a capture": ('json = "id", keep = "pair"', 'regex = "{rom}", keep = "pair"',
                                  "capture.room.regex", "unknown hole {rom}"),
    "two queries": ('request = "POST /rooms"', 'request = "POST /rooms?a=1"\nquery = { b = "2" }',
                    "steps.0.query", "already"),
    "unknown hole of a query": ('request = "POST /rooms"',
                                'request = "POST /rooms"\nquery = { b = ["{c}"] }', "steps.0.query",
                                "unknown hole {c}"),
    "filling by an unknown action": ('request = "PUT /follows/{followed}"', 'action = "dance"',
                                     "provision.1.action", "block_user"),
    "filling by an action that is not there": ('request = "PUT /follows/{followed}"',
                                               'action = "follow"', "provision.1.action",
                                               "no action of this file"),
    "filling by action and request": ('request = "PUT /follows/{followed}"',
                                      'request = "PUT /a"\naction = "block_user"',
                                      "provision.1.request", "beside action"),
    "filling by nothing": ('request = "PUT /follows/{followed}"', "accept = [409]",
                           "provision.1.request", "method"),
    "switch without an action": ('as = "follower"', 'switch = "registered"', "provision.1.switch",
                                 "action"),
    "switch by no column": ('request = "PUT /follows/{followed}"',
                            'action = "block_user"\nswitch = "on"', "provision.1.switch",
                            "no column"),
    "hole in a class of characters": ("when = \"folder == 'requests'\"", 'text = "[{text}]"',
                                      "outcomes.0.text", "class of characters"),
    "hole where the outcome is from": ("outcome = \"requests\"", "outcome_from = \"a.'{text}'\"",
                                       "outcomes.0.outcome_from", "unknown hole"),
    "hole in a condition on rows": ('where = "registered"', "where = \"name == '{text}'\"",
                                    "provision.0.where", "unknown hole"),
    "unknown hole of what filling captures": ('json = "token"', "json = \"a[?b == '{nope}']\"",
                                              "provision.0.capture.session.json", "unknown hole"),
    "url with a path": ('base = "/api"', 'url = "http://h/api"', "url", "base"),
    "url of another kind": ('base = "/api"', 'url = "ftp://h"', "url", "http"),
    "unknown client": ('base = "/api"', 'client = "curl"', "client", "session"),
    "rule over no header": ("status = 202", 'headers = { "X Y" = "a" }', "headers.X Y", "header"),
    "rule over a header by no regex": ("status = 202", 'headers = { X-Y = "(" }', "headers.X-Y",
                                       "regular expression"),
    "batch of none": ('for = "follows"', 'for = "follows"\nbatch = 0', "provision.1.batch", "1"),
}  # fmt: skip


def load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    load_declaration(path)


def test_the_file_that_is_broken_below_is_sound(tmp_path: Path) -> None:
    load(tmp_path, SOUND)


@pytest.mark.parametrize("name", ["matrix", "reference", "template"])
def test_the_files_that_come_with_dmsim_are_sound(name: str) -> None:
    load_declaration(data_path("seeds") / "adapters" / f"{name}.toml")


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_by_key_in_one_line(name: str, tmp_path: Path) -> None:
    piece, instead, key, why = BROKEN[name]
    assert piece in SOUND
    with pytest.raises(UsageError) as raised:
        load(tmp_path, SOUND.replace(piece, instead, 1))
    told = str(raised.value)
    assert told.startswith(f"{tmp_path / 'mine.toml'}")
    assert f"{key}" in told
    assert why in told
    assert len(told) < 2_000


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_declaration(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_declaration(tmp_path / "binary.toml")


@given(at=st.integers(0, len(SOUND) - 1), instead=st.text(max_size=3))
def test_no_change_of_a_file_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, at: int, instead: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.toml"
    text = SOUND[:at] + instead + SOUND[at + 1 :]
    path.write_bytes(text.encode(errors="replace"))
    try:
        load_declaration(path)
    except UsageError as error:
        assert str(path) in str(error)  # noqa: PT017 - most changes do no harm
