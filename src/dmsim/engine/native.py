"""How compiled code sees the state: as one address, from which it reads any array it needs.

Handing twenty arrays over word by word, counting references to each, cost more than the work
itself, in every call and even more in compiling. A :class:`State` is therefore a type of its own to
Numba: the address of its table. ``state.accounts`` becomes an array whose references nobody counts
(whoever calls an entry point holds the state), ``state.policy`` a record with the policy's fields.
"""

# Numba has types of its own, but none for mypy.
# mypy: disable-error-code="misc, no-untyped-call, untyped-decorator, override"

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np.arrayobj import populate_array
from numba.np.numpy_support import from_dtype

from dmsim.engine.state import ARRAYS, POLICY, TABLE_WORDS, State

_WORD = ir.IntType(64)
_ROWS = {name: row for row, name in enumerate([*ARRAYS, "policy"])}


class StateType(types.Type):
    """The type of a :class:`State` in compiled code."""

    def __init__(self) -> None:
        super().__init__(name="dmsim.State")

    def of(self, name: str) -> Any:
        """The type of an attribute."""
        if name == "policy":
            return from_dtype(POLICY)
        dtype, dimensions = ARRAYS[name]
        return types.Array(from_dtype(dtype), dimensions, "C")


_STATE = StateType()


@typeof_impl.register(State)
def _typeof(_value: State, _context: Any) -> StateType:
    return _STATE


@register_model(StateType)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _WORD)


@unbox(StateType)
def _unbox(_kind: StateType, value: Any, c: Any) -> Any:
    address = c.pyapi.object_getattr_string(value, "address")
    word = c.pyapi.long_as_longlong(address)
    c.pyapi.decref(address)
    return NativeValue(word)


@infer_getattr
class _Attributes(AttributeTemplate):
    key = StateType

    def generic_resolve(self, kind: StateType, name: str) -> Any:
        return kind.of(name) if name in _ROWS else None


@lower_getattr_generic(StateType)
def _read(context: Any, builder: Any, kind: StateType, address: Any, name: str) -> Any:
    base = builder.inttoptr(address, _WORD.as_pointer())

    def word(column: int) -> Any:
        place = cgutils.gep_inbounds(builder, base, _ROWS[name] * TABLE_WORDS + column)
        loaded = builder.load(place)
        # A table never changes while it is in use.
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    result = kind.of(name)
    if name == "policy":
        return builder.inttoptr(word(0), context.get_value_type(result))
    return _array(context, builder, result, word)


def _array(context: Any, builder: Any, kind: Any, word: Any) -> Any:
    array = context.make_array(kind)(context, builder)
    item = context.get_constant(
        types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype))
    )
    shape = [word(1 + dimension) for dimension in range(kind.ndim)]
    strides = [item]
    for extent in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], extent))
    populate_array(
        array,
        data=builder.inttoptr(word(0), context.get_data_type(kind.dtype).as_pointer()),
        shape=shape,
        strides=strides,
        itemsize=item,
        meminfo=None,
    )
    return array._getvalue()
