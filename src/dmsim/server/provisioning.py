"""Filling the backend with a trace's initial state: columns in, checked, then put in whole.

A chunk is checked entirely before any of it counts.
"""

from typing import Annotated, Any

import msgspec

from dmsim.rules.facts import Policy
from dmsim.server.filling import PUT
from dmsim.server.http import HttpError, decode
from dmsim.server.service import Service
from dmsim.server.tables import TABLES, Time

#: The largest number of a policy: hours, days, messages or years.
LARGEST = 1_000_000

Number = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]


class Load(msgspec.Struct):
    """A chunk of one table: its columns by name."""

    table: str
    columns: msgspec.Raw


class Ready(msgspec.Struct):
    """The trace's digest, the policy to judge by, and the time from which the clock goes on."""

    digest: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    policy: msgspec.Raw
    now: Time = 0


#: The policy as a type with a field for each value.
POLICY = msgspec.defstruct(
    "Policy",
    [(name, Number if kind is int else kind) for name, kind in Policy.__annotations__.items()],
    forbid_unknown_fields=True,
)

_POLICY = msgspec.json.Decoder(POLICY)
_LOAD = msgspec.json.Decoder(Load)
_READY = msgspec.json.Decoder(Ready)
_TABLES = {name: msgspec.json.Decoder(columns) for name, columns in TABLES.items()}


def reset(service: Service, _: bytes, __: dict[str, str]) -> dict[str, object]:
    """Throw away everything, in memory and in the file."""
    service.empty()
    return {"status": "empty"}


def load(service: Service, body: bytes, _: dict[str, str]) -> dict[str, object]:
    """Put a chunk of one table in, whole or not at all."""
    _check_open(service)
    told = decode(_LOAD, body)
    decoder = _TABLES.get(told.table)
    if decoder is None:
        raise HttpError(400, f"unknown table; one of {', '.join(_TABLES)}")
    try:
        columns = decode(decoder, told.columns)
    except HttpError as wrong:
        raise HttpError(wrong.status, f"{told.table}: {wrong.message}") from None
    rows = _equally_long(told.table, columns)
    PUT[told.table](service, columns)
    return {"status": "loaded", "table": told.table, "rows": rows}


def ready(service: Service, body: bytes, _: dict[str, str]) -> dict[str, object]:
    """End provisioning: keep the trace's digest and the policy to judge by."""
    _check_open(service)
    told = decode(_READY, body)
    policy = Policy(**msgspec.structs.asdict(decode(_POLICY, told.policy)))
    world = service.world
    last = max(world.sharing_devices, default=-1)
    if last >= len(world.accounts):
        raise HttpError(400, f"accounts.device names account {last}, which is not loaded")
    service.make_ready(told.digest, policy, told.now)
    return {"status": "ready", "digest": told.digest, "accounts": len(world.accounts)}


def _check_open(service: Service) -> None:
    if service.is_ready:
        raise HttpError(409, "provisioning has ended; POST /v1/admin/reset to begin anew")


def _equally_long(table: str, columns: msgspec.Struct) -> int:
    lengths: dict[str, int] = {}
    for name in columns.__struct_fields__:
        values: list[Any] | None = getattr(columns, name)
        if values is not None:
            lengths[name] = len(values)
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise HttpError(400, f"{table}: columns of unequal length: {told}")
    return next(iter(lengths.values()))
