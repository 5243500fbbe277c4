"""Several requests for one action: who sends them, which follow, and what their answers say."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dmsim.adapters.base import ActionRow, Answer, LabelledText, Outcome
from dmsim.adapters.declared import DeclaredAdapter
from dmsim.adapters.declared.model import Declaration
from dmsim.vocabulary import Action
from tests.declared.test_requests import TEXTS, Seen

BLOCK = ActionRow(Action.BLOCK_USER, 7, 1, 0, target=9)

#: A service whose list of blocked people is one value, and where only the other can tell.
LIST: dict[str, Any] = {
    "auth": {"kind": "bearer", "token": "{actor.session}"},
    "provision": [
        {
            "for": "accounts",
            "request": "POST /login",
            "capture": {"session": {"json": "token", "keep": "account"}},
        }
    ],
    "outcomes": [{"status": "2xx", "outcome": "done"}],
}


def adapter(steps: Sequence[Mapping[str, Any]], **more: Any) -> DeclaredAdapter:
    told = {**LIST, "actions": {"block_user": {"steps": steps}}, **more}
    made = DeclaredAdapter(Declaration.model_validate(told), Path("test.toml"), "secret")
    for account in (7, 9):
        made._memory._accounts["session", account] = f"s{account}"
    return made


def played(
    made: DeclaredAdapter, answers: list[Answer], row: ActionRow = BLOCK, text: str = "hi"
) -> tuple[list[Seen], Outcome]:
    """What is sent while these answers come, and what came of it."""
    steps = made.encoder("host:80", [7], {0: LabelledText(text)}).steps(row, b"")
    seen: list[Seen] = []
    try:
        seen.append(Seen(next(steps)))
        for answer in answers:
            seen.append(Seen(steps.send(answer)))
    except StopIteration as end:
        return seen, end.value
    raise AssertionError("there are more requests than answers")


def answer(status: int, told: object = None) -> Answer:
    return Answer(status, msgspec.json.encode(told if told is not None else {}))


def test_a_step_may_be_sent_by_the_target_with_its_own_credentials() -> None:
    seen, _ = played(
        adapter([{"request": "GET /a/{actor}"}, {"as": "target", "request": "GET /b/{actor}"}]),
        [answer(200), answer(200)],
    )
    assert [one.headers["Authorization"] for one in seen] == ["Bearer s7", "Bearer s9"]
    assert [one.url for one in seen] == [b"/a/7", b"/b/7"]


def test_a_header_with_who_acts_names_the_target_where_the_target_sends() -> None:
    auth = {"kind": "header", "name": "X-User", "value": "{actor}-{account_token}"}
    steps: list[Mapping[str, Any]] = [{"request": "GET /a"}, {"as": "target", "request": "GET /a"}]
    seen, _ = played(adapter(steps, auth=auth), [answer(200), answer(200)])
    mine, theirs = (one.headers["X-User"].partition("-") for one in seen)
    assert (mine[0], theirs[0]) == ("7", "9")
    assert mine[2].startswith("7.")
    assert theirs[2].startswith("9.")


def test_a_value_is_read_changed_and_written_back() -> None:
    steps = [
        {
            "request": "GET /ignored",
            "capture": {"list": {"json": 'merge(all, {"u{target}": `1`})'}},
        },
        {"request": "PUT /ignored", "json": {"all": "{list}"}},
    ]
    seen, outcome = played(adapter(steps), [answer(200, {"all": {"u3": 1}}), answer(200)])
    assert msgspec.json.decode(seen[1].body) == {"all": {"u3": 1, "u9": 1}}
    assert outcome == Outcome("done")
    steps[0] = {
        "request": "GET /ignored",
        "capture": {"list": {"json": "without(all, 'u{target}')"}},
    }
    seen, _ = played(adapter(steps), [answer(200, {"all": {"u3": 1, "u9": 1}}), answer(200)])
    assert msgspec.json.decode(seen[1].body) == {"all": {"u3": 1}}


def test_an_object_is_no_part_of_a_text() -> None:
    steps: list[Mapping[str, Any]] = [
        {"request": "GET /a", "capture": {"list": {"json": "all"}}},
        {"request": "GET /b/{list}"},
    ]
    seen, outcome = played(adapter(steps), [answer(200, {"all": {"u3": 1}})])
    assert len(seen) == 1
    assert outcome.error == "nothing captured for list"


def test_an_accepted_status_goes_on_and_another_ends_the_action() -> None:
    rules = [{"status": 409, "outcome": "refused:no_request"}, {"status": 200, "outcome": "done"}]
    steps: list[Mapping[str, Any]] = [{"request": "GET /a", "accept": [404]}, {"request": "GET /b"}]
    made = adapter(steps, outcomes=rules)
    assert len(played(made, [answer(404), answer(200)])[0]) == 2
    seen, outcome = played(made, [answer(409)])
    assert (len(seen), outcome.reason) == (1, "no_request")


def test_a_step_with_rules_of_its_own_ends_the_action_where_one_fits() -> None:
    rule = {"when": "membership != 'invite'", "outcome": "refused:no_request"}
    made = adapter([{"request": "GET /a", "outcomes": [rule]}, {"request": "POST /b"}])
    seen, outcome = played(made, [answer(200, {"membership": "join"})])
    assert (len(seen), outcome) == (1, Outcome("refused", "no_request"))
    seen, outcome = played(made, [answer(200, {"membership": "invite"}), answer(200)])
    assert (len(seen), outcome) == (2, Outcome("done"))


def test_steps_follow_what_is_known() -> None:
    made = adapter(
        [
            {"request": "GET /a", "accept": [404], "capture": {"room": {"json": "room"}}},
            {"unless": "room", "request": "POST /none"},
            {"if": "room", "request": "POST /{room}"},
        ]
    )
    seen, _ = played(made, [answer(200, {"room": "r1"}), answer(200)])
    assert [one.url for one in seen] == [b"/a", b"/r1"]
    seen, _ = played(made, [answer(404), answer(200)])
    assert [one.url for one in seen] == [b"/a", b"/none"]


def test_what_is_forgotten_is_not_known_the_next_time() -> None:
    told = {"room": {"json": "room", "keep": "pair"}}
    made = adapter(
        [
            {"unless": "room", "request": "POST /new", "capture": told},
            {"request": "POST /{room}/leave", "forget": ["room"]},
        ]
    )
    for _ in range(2):
        seen, _ = played(made, [answer(200, {"room": "r1"}), answer(200)])
        assert [one.url for one in seen] == [b"/new", b"/r1/leave"]
    # It is kept where leaving failed.
    played(made, [answer(200, {"room": "r1"}), answer(500)])
    seen, _ = played(made, [answer(200)])
    assert [one.url for one in seen] == [b"/r1/leave"]


def test_the_id_of_what_is_created_may_come_from_any_step() -> None:
    told = {"message": {"json": "id", "keep": "object"}}
    made = adapter([{"request": "POST /a", "capture": told}, {"request": "GET /b"}])
    _, outcome = played(made, [answer(200, {"id": "m1"}), answer(200, {"id": "other"})])
    assert outcome.bound == b"m1"


@given(text=TEXTS)
def test_holes_of_conditions_are_compared_as_they_are(text: str) -> None:
    """Whatever stands in a hole, a query and a regular expression look for just that."""
    rules = [
        {"when": "contains(names, '{text}')", "outcome": "refused:blocked"},
        {"text": "<{text}>", "outcome": "refused:no_one"},
    ]
    made = adapter([{"request": "GET /a", "outcomes": rules}])
    row = BLOCK._replace(text=0)
    _, found = played(made, [answer(200, {"names": [text]})], row, text)
    assert found.reason == "blocked"
    _, found = played(made, [Answer(200, f"a<{text}>b".encode())], row, text)
    assert found.reason == "no_one"
    _, other = played(made, [answer(200, {"names": []})], row, text + "x")
    assert other == Outcome("done")


@given(text=TEXTS, limit=st.integers(0, 99))
def test_a_query_carries_every_text_and_json(text: str, limit: int) -> None:
    query = {"q": "a {text}", "filter": {"in": ["{text}"], "limit": limit}}
    made = adapter([{"request": "GET /a", "query": query}])
    seen, _ = played(made, [answer(200)], BLOCK._replace(text=0), text)
    found = parse_qs(urlsplit(seen[0].url.decode()).query, keep_blank_values=True)
    assert found["q"] == [f"a {text}"]
    assert msgspec.json.decode(found["filter"][0]) == {"in": [text], "limit": limit}


def test_what_the_target_captures_for_an_account_is_the_targets() -> None:
    made = adapter(
        [
            {
                "as": "target",
                "request": "POST /login",
                "capture": {"session": {"json": "token", "keep": "account"}},
            },
            {"request": "GET /mine"},
            {"as": "target", "request": "GET /theirs"},
        ]
    )
    seen, _ = played(made, [answer(200, {"token": "new"}), answer(200), answer(200)])
    told = [one.headers["Authorization"] for one in seen]
    assert told == ["Bearer s9", "Bearer s7", "Bearer new"]


def test_a_quantifier_behind_a_hole_is_about_all_of_it() -> None:
    made = adapter([{"request": "GET /a", "outcomes": [{"text": "^{text}+$", "outcome": "inbox"}]}])
    row = BLOCK._replace(text=0)
    assert played(made, [Answer(200, b"abab")], row, "ab")[1].verdict == "inbox"
    assert played(made, [Answer(200, b"abb")], row, "ab")[1].verdict == "done"
    assert played(made, [Answer(200, b"x")], row, "")[1].verdict == "done"


def test_a_segment_of_dots_leads_nowhere_else() -> None:
    made = adapter([{"request": "GET /a/{text}/b"}])
    for dots in (".", ".."):
        seen, _ = played(made, [answer(200)], BLOCK._replace(text=0), dots)
        assert seen[0].url == b"/a/" + b"%2E" * len(dots) + b"/b"
