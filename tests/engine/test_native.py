"""Compiled code reads every array of a state where it lies, and the one that lies there now."""

from dataclasses import replace
from typing import Any, cast

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

import dmsim.engine.native  # noqa: F401 - lets compiled code take a state
from dmsim.engine.setup import initial_state
from dmsim.engine.state import ARRAYS, State
from dmsim.population.build import build_population, plan_cells
from dmsim.rules.facts import Policy
from dmsim.scenario import default_policy
from tests.worlds import small

Arrays = tuple[NDArray[Any], ...]


def _arrays(state: State) -> Arrays:
    return (
        state.control.copy(), state.accounts.copy(), state.profiles.copy(), state.pairs.copy(),
        state.slots.copy(), state.links.copy(), state.contacts.copy(), state.acquaintances.copy(),
        state.videos.copy(), state.pages.copy(), state.comments.copy(),
        state.archetypes.copy(), state.choices.copy(), state.heap.copy(), state.arrivals.copy(),
        state.mail.copy(), state.rows.copy(), state.afters.copy(), state.durations.copy(),
        state.sessions.copy(), state.banks.copy(),
    )  # fmt: skip


def _elements(state: State) -> tuple[int, int, int, int]:
    """Single places, by index: one, two and three dimensions, and a field of a record."""
    last = len(state.rows) - 1
    return (
        int(state.afters[len(state.afters) - 1]),
        int(state.choices[state.choices.shape[0] - 1, 2]),
        int(state.banks[state.banks.shape[0] - 1, 1, state.banks.shape[2] - 1]),
        int(state.rows[last]["afters_end"]),
    )


def _write(state: State, value: int) -> None:
    state.accounts[len(state.accounts) - 1]["focus"] = value
    state.durations[1, 2] = value
    state.banks[2, 0, 1] = value


def _policy(state: State) -> tuple[int, bool, bool, int, bool]:
    policy = state.policy
    return (
        policy.minimum_age,
        policy.registration_required,
        policy.no_one_may_send,
        policy.view_only_hours_most,
        policy.public_reply_first,
    )


arrays: Any = numba.njit(_arrays)
elements: Any = numba.njit(_elements)
write: Any = numba.njit(_write)
policy_of: Any = numba.njit(_policy)


@pytest.fixture(scope="module")
def at_rest() -> State:
    scenario = small()
    return initial_state(scenario, build_population(scenario, plan_cells(scenario)[0]), 64)


def filled(state: State) -> State:
    """The state with other contents and extents in every array: no byte like its neighbours."""
    changes: dict[str, Any] = {}
    for number, (name, (dtype, dimensions)) in enumerate(ARRAYS.items()):
        extents = (5 + number, 4, 3)[:dimensions]
        size = int(np.prod(extents)) * dtype.itemsize
        contents = (np.arange(size) * 37 % 127).astype(np.uint8)
        changes[name] = contents.view(dtype).reshape(extents)
    return replace(state, **changes)


def same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Every field of every element; what lies between the fields of a record does not matter."""
    if a.dtype.names is None or a.shape != b.shape:
        return np.array_equal(a, b)
    return all(np.array_equal(a[name], b[name]) for name in a.dtype.names)


def test_every_array_is_read_as_it_is(at_rest: State) -> None:
    for state in (at_rest, filled(at_rest)):
        for name, found, expected in zip(ARRAYS, arrays(state), _arrays(state), strict=True):
            assert found.dtype == getattr(state, name).dtype == expected.dtype
            assert same(found, getattr(state, name)), name
            assert same(expected, getattr(state, name)), name


def test_single_places_are_found_in_every_dimension(at_rest: State) -> None:
    for state in (at_rest, filled(at_rest)):
        assert elements(state) == _elements(state)


def test_what_compiled_code_writes_is_there_and_nothing_else_changes(at_rest: State) -> None:
    state = filled(at_rest)
    expected = filled(at_rest)
    write(state, 12_345)
    _write(expected, 12_345)
    assert int(state.durations[1, 2]) == 12_345
    for name in ARRAYS:
        assert same(getattr(state, name), getattr(expected, name)), name


def test_an_array_that_was_replaced_is_the_one_that_is_read(at_rest: State) -> None:
    state = filled(at_rest)
    for name in ("afters", "choices", "banks", "rows"):
        array: NDArray[Any] = getattr(state, name)
        larger: dict[str, Any] = {name: np.concatenate([array, np.zeros_like(array)])}
        before = elements(state)
        after = replace(state, **larger)
        assert elements(after) == _elements(after) != before
        assert elements(state) == before
    assert arrays(replace(state, arrivals=np.zeros(0, dtype=np.int64)))[14].shape == (0,)


def test_the_policy_is_read_field_by_field(at_rest: State) -> None:
    default = default_policy()
    flipped = Policy._make(
        not value if isinstance(value, bool) else value + 1_000_000 for value in default
    )
    for policy in (default, flipped):
        state = replace(at_rest, policy=policy)
        assert tuple(policy_of(state)) == _policy(state)
        assert _policy(state)[0] == policy.minimum_age


def test_what_compiled_code_would_misread_is_no_state(at_rest: State) -> None:
    with pytest.raises(TypeError, match="links must be a contiguous array of int32"):
        replace(at_rest, links=cast(Any, at_rest.links.astype(np.int64)))
    with pytest.raises(TypeError, match="banks must be"):
        replace(at_rest, banks=at_rest.banks[0])
    with pytest.raises(TypeError, match="choices must be"):
        replace(at_rest, choices=at_rest.choices[:, ::2])
