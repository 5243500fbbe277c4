"""All adapters that ``--adapter`` can name, and where each comes from."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from dmsim.adapters import BUILT_IN
from dmsim.adapters.installed import installed_adapter, installed_adapters, origin_of
from dmsim.errors import UsageError
from dmsim.paths import data_path

#: What ``dmsim adapter new`` writes: no adapter for any backend.
_TEMPLATE = "template"


class KnownAdapter(msgspec.Struct, frozen=True, kw_only=True):
    """An adapter that is there.

    Attributes:
        name: as in ``--adapter``; for files, their stem.
        kind: whether it is built in, a file that travels with dmsim, or of an installed package.
        origin: where it comes from: a module, a file's path, or a package with its version.
        fault: why it cannot be used; empty if it can.
    """

    name: str
    kind: Literal["built-in", "file", "installed"]
    origin: str
    fault: str = ""


def known_adapters() -> list[KnownAdapter]:
    """Every adapter that is there, usable or not; imports those of installed packages."""
    built_in = [
        KnownAdapter(name=name, kind="built-in", origin=f"{made.__module__}:{made.__name__}")
        for name, made in sorted(BUILT_IN.items())
    ]
    return [*built_in, *_files(), *_installed()]


def _files() -> Iterator[KnownAdapter]:
    for path in sorted((data_path("seeds") / "adapters").glob("*.toml")):
        if path.stem != _TEMPLATE:
            yield KnownAdapter(name=path.stem, kind="file", origin=str(path))


def _installed() -> Iterator[KnownAdapter]:
    for name, points in installed_adapters().items():
        fault = f"{name} is built in; register it under another name" if name in BUILT_IN else ""
        try:
            if not fault:
                installed_adapter(name, "")
        except UsageError as error:
            fault = str(error)
        for point in points:
            yield KnownAdapter(name=name, kind="installed", origin=origin_of(point), fault=fault)
