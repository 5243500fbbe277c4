"""The Graph API's shape as a file says what the adapter in Python says, as far as it can."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.adapters import ActionRow, LabelledText, Outcome, Pages, adapter_named
from dmsim.paths import data_path
from dmsim.replay.backend import reference_backend
from dmsim.replay.record import Record
from dmsim.replay.words import mismatch_line
from dmsim.vocabulary import Action, Verdict, Via
from tests.adapters.requests import Request, parsed, row
from tests.replay.plays import TOKEN, Play, careless_teams, play_of

FILE = str(data_path("seeds") / "adapters" / "graph.toml")
ADAPTERS = (adapter_named("graph", "secret"), adapter_named(FILE, "secret"))

#: Account 1 is a page, its post is 7.
PAGES = Pages(brands=frozenset({1}), posts={7: 1})
TEXTS = {0: LabelledText('Grüß "dich" \n \\ \N{WAVING HAND SIGN}')}
ENCODERS = tuple(
    each.encoder("host:80", range(5), TEXTS, timed=True, pages=PAGES) for each in ADAPTERS
)

#: What goes over the Graph API in both.
TOLD = [
    row(Action.COMMENT, actor=2, target=1, uses=7, text=0),
    row(Action.PUBLIC_REPLY, actor=1, text=0),
    row(Action.PRIVATE_REPLY, actor=1, text=0, switch=1),
    row(Action.MAILING, actor=1, text=0, via=Via.CAMPAIGN),
    row(Action.READ_COMMENT, actor=1, target=1),
]
GRAPH_ACTIONS = [one.action for one in TOLD]

#: The file leaves these out: a case is named in the other interface.
CASES = {Action.RESOLVE, Action.HAND_OFF}


def understood(request: Request) -> tuple[object, ...]:
    headers = {name: request.headers[name] for name in request.headers if name != "Content-Length"}
    return request.method, request.path, headers, request.body


@pytest.mark.parametrize("action", TOLD, ids=lambda one: Action(one.action).name.lower())
def test_what_goes_over_the_graph_api_is_the_same_request(action: ActionRow) -> None:
    bound = b"" if action.action == Action.COMMENT else b"1_7_905"
    own, declared = (understood(parsed(encode(action, bound))) for encode in ENCODERS)
    assert declared == own


def test_both_support_the_same_but_for_cases() -> None:
    own, declared = ({one for one in Action if each.supports(one)} for each in ADAPTERS)
    assert own - declared == CASES
    assert declared <= own


def meaning(outcome: Outcome) -> tuple[object, ...]:
    """What an outcome means, whatever it is called."""
    return {*outcome.readings}, outcome.bound, bool(outcome.error)


#: Codes and subcodes as the API tells them, and one that it does not.
ERRORS = st.sampled_from(
    [(2, None), (10, 2018278), (100, None), (100, 33), (100, 2018292), (200, None), (368, None),
     (551, 1545041), (613, None), (10900, None), (10903, None), (99, 9)]
)  # fmt: skip
GOOD = st.fixed_dictionaries(
    {"id": st.sampled_from(["1_7_905", "1_7_906"]), "message_id": st.just("m_3")},
    optional={"recipient_id": st.just("2")},
)


@given(
    action=st.sampled_from(GRAPH_ACTIONS),
    status=st.sampled_from([400, 403, 404, 500, 503]),
    error=ERRORS,
)
def test_every_error_means_the_same(action: int, status: int, error: tuple[int, int]) -> None:
    code, subcode = error
    body = msgspec.json.encode({"error": {"code": code, "error_subcode": subcode}})
    own, declared = (each.decode(action, status, body) for each in ADAPTERS)
    assert meaning(declared) == meaning(own)


@given(action=st.sampled_from(GRAPH_ACTIONS), told=GOOD)
def test_what_succeeded_means_the_same(action: int, told: dict[str, object]) -> None:
    body = msgspec.json.encode({**told, "can_reply_privately": True})
    own, declared = (each.decode(action, 200, body) for each in ADAPTERS)
    assert meaning(declared) == meaning(own)


@pytest.mark.parametrize(
    ("shown", "verdicts"),
    [
        ({"private_reply_conversation": {"id": "t_1"}, "can_reply_privately": False}, {"shown"}),
        ({"can_reply_privately": False}, {"hidden"}),
        ({}, {"hidden", "shown"}),
    ],
)
def test_a_comment_tells_its_page_alone_of_the_note(
    shown: dict[str, object], verdicts: set[str]
) -> None:
    body = msgspec.json.encode({"id": "1_7_905", **shown})
    outcome = ADAPTERS[1].decode(Action.READ_COMMENT, 200, body)
    assert {verdict for verdict, _ in outcome.readings} == verdicts


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Care teams that slip over every comment, none of which was there before."""
    scenario = careless_teams("time.warm_up=0s", "time.record=24h", "population.persons=100")
    return play_of(scenario, tmp_path_factory.mktemp("graph"))


def test_a_trace_with_brands_comes_out_the_same(play: Play) -> None:
    assert (
        play.schedule.verdict[play.schedule.action == Action.PRIVATE_REPLY] == Verdict.REFUSED
    ).any()
    records: list[Record] = []
    for name in ("graph", FILE):
        with reference_backend(TOKEN) as url:
            records.append(play.against(url, to_the_end=True, adapter_name=name))
    own, declared = records
    for record in records:
        assert [mismatch_line(one) for one in record.worst_mismatches()] == []
    asked = ~np.isin(play.schedule.action, list(CASES))
    assert declared.judgements[asked].tolist() == own.judgements[asked].tolist()
