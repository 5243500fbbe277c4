"""The reference backend's interface, as the replay writes and reads it."""

import pytest

from dmsim.adapters.base import ActionRow
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.vocabulary import Action

REPLY = ActionRow(Action.PUBLIC_REPLY, actor=1, target=2, uses=70, text=0, setting=-1)


@pytest.mark.parametrize(
    ("created", "path"),
    [
        (b"7", b"/v1/comments/7/replies"),
        (b'"c-7"', b"/v1/comments/c-7/replies"),
        (b'"7/../8"', b"/v1/comments/7%2F..%2F8/replies"),
        (b'"7 HTTP/1.1\\r\\nX: y"', b"/v1/comments/7%20HTTP%2F1.1%0D%0AX%3A%20y/replies"),
    ],
)
def test_an_id_that_the_backend_made_up_stays_one_part_of_a_path(
    created: bytes, path: bytes
) -> None:
    adapter = ReferenceAdapter("token")
    encode = adapter.encoder("127.0.0.1:80", [1], {0: "thanks"})
    answer = b'{"outcome":"done","id":%b}' % created
    outcome = adapter.decode(Action.COMMENT, 201, answer)
    assert encode(REPLY, outcome.bound).splitlines()[0] == b"POST %b HTTP/1.1" % path
