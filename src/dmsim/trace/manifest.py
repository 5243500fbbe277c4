"""The manifest: what a trace says of itself."""

from typing import Annotated

import msgspec

from dmsim.trace.schema import CELL_SHIFT, SCHEMA_VERSION

_Count = Annotated[int, msgspec.Meta(ge=0)]
#: 35 years in microseconds: more than a scenario may ask for.
_Time = Annotated[int, msgspec.Meta(ge=0, le=1 << 50)]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """How a trace was made and what is in it; written last, so that its presence means "whole".

    ``scenario`` recreates the scenario, ``policy`` is the rule policy in force, ``from_us`` and
    ``until_us`` bound the recorded window, ``counts`` are rows per table, ``digest`` covers the
    logical rows of every table whatever the files' encoding. ``slice_of`` is the digest of the
    trace of which this one is a part, empty for a whole one.
    """

    schema_version: int = SCHEMA_VERSION
    dmsim_version: str
    scenario: dict[str, object]
    policy: dict[str, int | bool]
    seed: _Count
    cells: Annotated[int, msgspec.Meta(ge=1, le=1 << (62 - CELL_SHIFT))]
    from_us: _Time
    until_us: _Time
    actions: _Count
    counts: dict[str, _Count]
    by_action: dict[str, _Count]
    digest: str
    slice_of: str = ""


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode_manifest(data: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        ValueError: it is anything else.
    """
    try:
        return msgspec.json.decode(data, type=Manifest)
    except RecursionError:
        raise ValueError("nested too deeply") from None
