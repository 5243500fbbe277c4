"""Filling by a file's actions: what one row gives, the next one knows; and so after a kill."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from dmsim.adapters.base import Answer, ProvisionRequest
from dmsim.adapters.declared import DeclaredAdapter
from dmsim.adapters.declared.model import Declaration
from dmsim.trace.schema import BLOCKS, Table

#: Lists of blocked people that are made once for each account.
LISTS: list[dict[str, Any]] = [
    {
        "unless": "list_id",
        "request": "POST /lists",
        "capture": {"list_id": {"json": "id", "keep": "account"}},
    },
    {"request": "PUT /lists/{list_id}/{target}"},
]


class Blocks:
    """An initial state of blocks alone."""

    digest, now = "digest", 0

    def __init__(self, *pairs: tuple[int, int]) -> None:
        self.policy: dict[str, object] = {}
        self._pairs = pairs

    def table(self, table: Table) -> pl.DataFrame:
        rows = [{"blocker": one, "blocked": other} for one, other in self._pairs]
        return pl.DataFrame(rows if table is BLOCKS else [], schema=table.schema)


def adapter(steps: list[dict[str, Any]]) -> DeclaredAdapter:
    told = {
        "provision": [{"for": "blocks", "action": "block_user"}],
        "actions": {"block_user": {"steps": steps}},
        "outcomes": [{"status": "2xx", "outcome": "done"}],
    }
    return DeclaredAdapter(Declaration.model_validate(told), Path("test.toml"), "")


def requests(made: DeclaredAdapter, state: Blocks) -> list[ProvisionRequest]:
    return [one for one in made.filling(state) if one is not None]


def sent(request: ProvisionRequest, body: bytes = b'{"id": "l1"}') -> Iterator[str]:
    """The requests of a row as they come one after the other, each answered alike."""
    following = request.begun()
    while following is not None:
        yield f"{following.method} {following.path}"
        assert following.answered is not None
        following = following.answered(Answer(200, body))


def test_what_a_row_gives_the_next_one_knows_although_both_waited() -> None:
    waiting = requests(adapter(LISTS), Blocks((1, 7), (1, 8)))
    assert [list(sent(one)) for one in waiting] == [
        ["POST /lists", "PUT /lists/l1/7"],
        ["PUT /lists/l1/8"],
    ]


def test_rows_of_one_account_are_of_one_lane() -> None:
    assert [one.account for one in requests(adapter(LISTS), Blocks((1, 7), (2, 7)))] == [1, 2]


def test_rows_whose_targets_send_something_go_alone() -> None:
    steps: list[dict[str, Any]] = [{"request": "GET /a"}, {"as": "target", "request": "PUT /b"}]
    assert [one.account for one in requests(adapter(steps), Blocks((1, 7), (2, 7)))] == [-1, -1]


def test_a_row_of_which_nothing_is_left_to_send_is_done() -> None:
    once = [LISTS[0]]
    first = adapter(once)
    first.learnt()
    (row,) = requests(first, Blocks((1, 7)))
    assert list(sent(row)) == ["POST /lists"]
    again = adapter(once)
    again.recall(first.learnt())
    (row,) = requests(again, Blocks((1, 7)))
    assert list(sent(row)) == []


def test_what_was_forgotten_is_not_recalled() -> None:
    steps = [*LISTS, {"request": "DELETE /lists/{list_id}", "forget": ["list_id"]}]
    first = adapter(steps)
    first.learnt()
    (row,) = requests(first, Blocks((1, 7)))
    assert len(list(sent(row))) == 3
    again = adapter(steps)
    again.recall(first.learnt())
    (row,) = requests(again, Blocks((1, 7)))
    assert next(sent(row)) == "POST /lists"
