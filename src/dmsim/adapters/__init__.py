"""Adapters by name: how the replay speaks to each kind of backend."""

from pathlib import Path

from dmsim.adapters.base import Adapter
from dmsim.adapters.graph import GraphAdapter
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.errors import UsageError

#: What the name of a declared adapter ends with.
SUFFIX = ".toml"

_ADAPTERS: dict[str, type[ReferenceAdapter]] = {
    adapter.name: adapter for adapter in (ReferenceAdapter, GraphAdapter)
}


def is_declared(name: str) -> bool:
    """Whether that is an adapter in a file."""
    return name.endswith(SUFFIX)


def adapter_named(name: str, token: str) -> Adapter:
    """The adapter of that name, with the credentials it speaks with.

    Args:
        name: as in ``--adapter``: a name, or the path of a TOML file.
        token: the backend's master token, empty where there is none.

    Raises:
        UsageError: there is no such adapter, or its file cannot be used.
    """
    if is_declared(name):
        # Pydantic is not for those who need none of it.
        from dmsim.adapters.declared import declared_adapter  # noqa: PLC0415

        return declared_adapter(Path(name), token)
    try:
        return _ADAPTERS[name](token)
    except KeyError:
        known = ", ".join(sorted(_ADAPTERS))
        raise UsageError(
            f"--adapter {name}: no such adapter; known are: {known}; or give a .toml file"
        ) from None
