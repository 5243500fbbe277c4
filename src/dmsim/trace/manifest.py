"""The manifest: what a trace says of itself."""

import msgspec

from dmsim.trace.schema import SCHEMA_VERSION


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """How a trace was made and what is in it; written last, so that its presence means "whole".

    ``scenario`` recreates the scenario, ``policy`` is the rule policy in force, ``from_us`` and
    ``until_us`` bound the recorded window, ``counts`` are rows per table, ``digest`` covers the
    logical rows of every table whatever the files' encoding.
    """

    schema_version: int = SCHEMA_VERSION
    dmsim_version: str
    scenario: dict[str, object]
    policy: dict[str, int | bool]
    seed: int
    cells: int
    from_us: int
    until_us: int
    actions: int
    counts: dict[str, int]
    by_action: dict[str, int]
    digest: str


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def decode_manifest(data: bytes) -> Manifest:
    """Read a manifest; raises :class:`msgspec.MsgspecError` for anything else."""
    return msgspec.json.decode(data, type=Manifest)
