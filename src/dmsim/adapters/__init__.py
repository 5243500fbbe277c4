"""Adapters by name: how the replay speaks to each kind of backend.

The names listed in ``__all__`` are what adapters of other packages are written with; they are kept.
"""

from pathlib import Path

from dmsim.adapters.base import (
    NO_PAGES,
    OWN,
    SESSION,
    WIRE,
    ActionRow,
    Adapter,
    Answer,
    ConnectingAdapter,
    Encoder,
    Headers,
    LabelledText,
    OneRequestEach,
    Outcome,
    Pages,
    ProbingEncoder,
    ProvisionRequest,
)
from dmsim.adapters.connection import Endpoint, OwnConnection, Trouble, WireError
from dmsim.adapters.graph import GraphAdapter
from dmsim.adapters.installed import installed_adapter, installed_adapters
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.errors import UsageError

__all__ = [
    "NO_PAGES",
    "OWN",
    "SESSION",
    "WIRE",
    "ActionRow",
    "Adapter",
    "Answer",
    "ConnectingAdapter",
    "Encoder",
    "Endpoint",
    "Headers",
    "LabelledText",
    "OneRequestEach",
    "Outcome",
    "OwnConnection",
    "Pages",
    "ProbingEncoder",
    "ProvisionRequest",
    "Trouble",
    "WireError",
    "adapter_named",
]

#: What the name of a declared adapter ends with.
SUFFIX = ".toml"

#: The adapters for the reference backend, by name; nobody else's can take their names.
BUILT_IN: dict[str, type[ReferenceAdapter]] = {
    adapter.name: adapter for adapter in (ReferenceAdapter, GraphAdapter)
}


def is_declared(name: str) -> bool:
    """Whether that is an adapter in a file."""
    return name.endswith(SUFFIX)


def is_built_in(name: str) -> bool:
    """Whether that is an adapter for the reference backend, which needs a master token."""
    return name in BUILT_IN


def adapter_named(name: str, token: str) -> Adapter:
    """The adapter of that name, with the credentials it speaks with.

    Args:
        name: as in ``--adapter``: a name, or the path of a TOML file.
        token: the backend's master token, empty where there is none.

    Raises:
        UsageError: there is no such adapter, or its file or its package cannot be used.
    """
    if is_declared(name):
        # Pydantic is not for those who need none of it.
        from dmsim.adapters.declared import declared_adapter  # noqa: PLC0415

        return declared_adapter(Path(name), token)
    if is_built_in(name):
        return BUILT_IN[name](token)
    adapter = installed_adapter(name, token)
    if adapter is None:
        known = ", ".join(sorted({*BUILT_IN, *installed_adapters()}))
        raise UsageError(
            f"--adapter {name}: no such adapter; known are: {known}; or give a .toml file"
        )
    return adapter
