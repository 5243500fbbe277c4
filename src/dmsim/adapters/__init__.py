"""Adapters by name: how the replay speaks to each kind of backend."""

from dmsim.adapters.base import Adapter
from dmsim.adapters.graph import GraphAdapter
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.errors import UsageError

_ADAPTERS: dict[str, type[ReferenceAdapter]] = {
    adapter.name: adapter for adapter in (ReferenceAdapter, GraphAdapter)
}


def adapter_named(name: str, token: str) -> Adapter:
    """The adapter of that name, with the credentials it speaks with.

    Args:
        name: as in ``--adapter``.
        token: the backend's master token.

    Raises:
        UsageError: there is no such adapter.
    """
    try:
        return _ADAPTERS[name](token)
    except KeyError:
        known = ", ".join(sorted(_ADAPTERS))
        raise UsageError(f"--adapter {name}: no such adapter; known are: {known}") from None
