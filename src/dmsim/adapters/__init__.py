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
    SimpleAdapter,
)
from dmsim.adapters.connection import Endpoint, OwnConnection, Trouble, WireError
from dmsim.adapters.graph import GraphAdapter
from dmsim.adapters.installed import installed_adapter, installed_adapters
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.errors import UsageError
from dmsim.paths import data_path

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
    "SimpleAdapter",
    "Trouble",
    "WireError",
    "adapter_named",
]

#: What the name of a declared adapter ends with.
SUFFIX = ".toml"

#: What `dmsim adapter new` writes is no adapter of anything.
_TEMPLATE = "template"

#: The adapters for the reference backend, by name; nobody else's can take their names.
BUILT_IN: dict[str, type[ReferenceAdapter]] = {
    adapter.name: adapter for adapter in (ReferenceAdapter, GraphAdapter)
}


def is_declared(name: str) -> bool:
    """Whether that is an adapter in a file: the path of one, or the name of one that is shipped."""
    return name.endswith(SUFFIX) or (name not in BUILT_IN and _shipped(name) is not None)


def backend_url(adapter: str, host: str | None) -> str | None:
    """Where the backend is: what was given, else what the adapter's file says, if anything.

    Args:
        adapter: as in ``--adapter``.
        host: as in ``--host``.

    Raises:
        UsageError: the file cannot be used.
    """
    if host is not None or not is_declared(adapter):
        return host
    from dmsim.adapters.declared import load_declaration  # noqa: PLC0415 - as below

    return load_declaration(declared_path(adapter)).url


def declared_path(name: str) -> Path:
    """Where an adapter in a file lies.

    Args:
        name: its path, or the name of one that is shipped, such as ``matrix``.
    """
    return _shipped(name) or Path(name)


def _shipped(name: str) -> Path | None:
    """The file among the seeds that has this name."""
    if not name.isidentifier() or name == _TEMPLATE:
        return None
    path = data_path("seeds") / "adapters" / f"{name}{SUFFIX}"
    return path if path.is_file() else None


def _known() -> list[str]:
    files = (data_path("seeds") / "adapters").glob(f"*{SUFFIX}")
    return sorted({*BUILT_IN, *(file.stem for file in files)} - {_TEMPLATE})


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

        return declared_adapter(declared_path(name), token)
    if is_built_in(name):
        return BUILT_IN[name](token)
    adapter = installed_adapter(name, token)
    if adapter is None:
        known = ", ".join(sorted({*_known(), *installed_adapters()}))
        raise UsageError(
            f"--adapter {name}: no such adapter; known are: {known}; give a .toml file, or "
            "install the package that brings it"
        )
    return adapter
