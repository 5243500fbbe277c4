"""The reference interface as a file makes the same requests as the adapter in Python."""

from collections.abc import Callable

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dmsim.adapters import adapter_named
from dmsim.adapters.base import ActionRow, Encoder, LabelledText
from dmsim.paths import data_path
from dmsim.server.routes import ROUTES
from dmsim.vocabulary import Action, ContentKind, Setting, Via, Violation
from tests.declared.test_requests import Seen

FILE = str(data_path("seeds") / "adapters" / "reference.toml")
BODIES = {route.action: route.body for route in ROUTES}
TEXTS = {
    0: LabelledText('say "hi" \N{WAVING HAND SIGN}'),
    1: LabelledText("buy now", "severe", detected=True),
}
ADAPTERS = (adapter_named("reference", "secret"), adapter_named(FILE, "secret"))
ENCODERS = tuple(a.encoder("host:80", range(5), TEXTS, timed=True) for a in ADAPTERS)

IDS = st.integers(0, 10**6)
FEW = st.integers(0, 4)
MAYBE = st.just(-1) | IDS
ROWS = st.builds(
    ActionRow,
    action=st.sampled_from([int(a) for a in Action if a != Action.SHARE_CONTENT]),
    actor=FEW,
    at=st.integers(0, 10**12),
    via=st.integers(0, len(Via) - 1),
    target=FEW,
    uses=st.integers(0, 20),
    text=st.sampled_from([0, 1]),
    setting=st.integers(0, len(Setting) - 1),
    content=st.integers(-1, ContentKind.STICKER),
    switch=st.integers(-1, 1),
    violation=st.integers(-1, len(Violation) - 1),
    until=MAYBE,
    fanout=MAYBE,
)
#: No trace shares what is no content.
SHARES = st.builds(
    lambda row, text, content: row._replace(
        action=int(Action.SHARE_CONTENT), text=text, content=content
    ),
    ROWS,
    st.sampled_from([-1, 0, 1]),
    st.integers(ContentKind.VIDEO, ContentKind.SOUND),
)


def understood(encoder: Encoder, row: ActionRow, bound: bytes) -> tuple[object, ...]:
    """A request as the server takes it: method, path, headers, and the decoded body."""
    seen = Seen(encoder(row, bound))
    type_ = BODIES[Action(row.action)]
    body = None if type_ is None else msgspec.json.decode(seen.body, type=type_)
    seen.headers.pop("Content-Length", None)
    return seen.method, seen.url, seen.headers, body


@given(row=ROWS | SHARES)
def test_every_request_is_the_same(row: ActionRow) -> None:
    own, declared = (understood(encoder, row, b"") for encoder in ENCODERS)
    assert declared == own


@given(
    row=st.builds(
        lambda row, action: row._replace(action=int(action)),
        ROWS,
        st.sampled_from([Action.RESOLVE, Action.HAND_OFF, Action.PUBLIC_REPLY]),
    ),
    bound=IDS.map(lambda id_: str(id_).encode()),
)
def test_what_the_backend_created_is_named_the_same(row: ActionRow, bound: bytes) -> None:
    own, declared = (understood(encoder, row, bound) for encoder in ENCODERS)
    assert declared == own


ANSWERS = st.fixed_dictionaries(
    {"outcome": st.sampled_from(["inbox", "refused", "done"])},
    optional={
        "reason": st.sampled_from(["blocked", None, "none"]),
        "id": IDS,
        "threads": st.lists(FEW),
    },
)


@given(status=st.sampled_from([200, 201, 403, 404, 401, 429, 500, 503]), told=ANSWERS)
def test_every_answer_means_the_same(status: int, told: object) -> None:
    body = msgspec.json.encode(told)
    decode: list[Callable[[int, int, bytes], object]] = [one.decode for one in ADAPTERS]
    own, declared = (one(int(Action.COMMENT), status, body) for one in decode)
    assert declared == own


def test_both_support_the_same() -> None:
    own, declared = ([one.supports(action) for action in Action] for one in ADAPTERS)
    assert declared == own
