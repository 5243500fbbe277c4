"""Adapters that other packages bring along, found by their entry points.

A package names them in its ``pyproject.toml``; the value is called with the master token (empty
where there is none) and returns an :class:`dmsim.adapters.base.Adapter`::

    [project.entry-points."dmsim.adapters"]
    chatline = "chatline:ChatlineAdapter"

None of them is imported before somebody asks for it by name.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import cast

from dmsim.adapters.base import OWN, SESSION, WIRE, Adapter, ConnectingAdapter
from dmsim.errors import UsageError, one_line

GROUP = "dmsim.adapters"

_CLIENTS = (WIRE, SESSION, OWN)


def installed_adapters() -> dict[str, list[EntryPoint]]:
    """The entry points of installed adapters by name; a name has several only by mistake."""
    found: dict[str, list[EntryPoint]] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda one: (one.name, one.value)):
        found.setdefault(point.name, []).append(point)
    return found


def origin_of(point: EntryPoint) -> str:
    """The package that brings an adapter, its version, and where in it the adapter stands."""
    dist = point.dist
    package = "unknown package" if dist is None else f"{dist.name} {dist.version}"
    return f"{package} ({point.value})"


def installed_adapter(name: str, token: str) -> Adapter | None:
    """The adapter that an installed package registered; None where none has that name.

    Args:
        name: of its entry point.
        token: the backend's master token, empty where there is none.

    Raises:
        UsageError: several have the name, or it cannot be imported or made, or is no adapter.
    """
    points = installed_adapters().get(name, [])
    if not points:
        return None
    if len(points) > 1:
        origins = " and ".join(map(origin_of, points))
        raise UsageError(f"--adapter {name}: brought by {origins}; uninstall one of them")
    return _made(points[0], token)


def _made(point: EntryPoint, token: str) -> Adapter:
    where = f"--adapter {point.name}: {origin_of(point)}"
    # It is somebody else's code: whatever it raises is told as theirs.
    try:
        make = point.load()
    except Exception as error:
        raise UsageError(
            f"{where} cannot be imported ({_told(error)}); mend that package"
        ) from None
    try:
        made = make(token)
        faults = faults_of(made)
    except Exception as error:
        raise UsageError(f"{where} cannot be made ({_told(error)}); mend that package") from None
    if faults:
        raise UsageError(f"{where} is no adapter: {'; '.join(faults)}; mend that package")
    return cast(Adapter, made)


def faults_of(made: object) -> list[str]:
    """What an object lacks to be an adapter, in words; nothing where it is one."""
    client = getattr(made, "client", None)
    wanted = dict(_members(Adapter))
    if client == OWN:
        wanted |= _members(ConnectingAdapter)
    lacking = [name for name in wanted if not hasattr(made, name)]
    faults = [f"it lacks {', '.join(lacking)}"] if lacking else []
    faults += [
        f"its {name} is no method"
        for name, is_method in wanted.items()
        if is_method and hasattr(made, name) and not callable(getattr(made, name))
    ]
    if client is not None and client not in _CLIENTS:
        faults.append(f"its client is {client!r}, not one of {', '.join(_CLIENTS)}")
    return faults


def _members(protocol: type) -> dict[str, bool]:
    """The members of a protocol, and which of them are methods."""
    return {
        name: callable(member)
        for name, member in vars(protocol).items()
        if not name.startswith("_") and (callable(member) or isinstance(member, property))
    }


def _told(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}")
