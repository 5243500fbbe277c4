"""What a scenario says about its replay: pace, limits on waiting, and when a run is void."""

from collections.abc import Mapping

import msgspec
import pydantic

from dmsim.errors import UsageError
from dmsim.scenario.model import Replay


class ReplaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """The ``[replay]`` table of a scenario; durations in microseconds, budgets as shares.

    Attributes:
        speed: simulated seconds per second.
        lateness_p99_budget: how late the replay itself may begin actions.
        core_budget: share of a core that a replaying process may use.
        clock_skew_budget: how well the offset of a worker's clock must be known.
        unordered_budget: share of the actions whose order the run did not keep.
        unjudged_budget: share of the actions that could be judged which rest on doubtful state.
        dropped_budget: share of the actions dropped, or skipped in consequence.
        errors_budget: share of the actions without an answer.
        timeout: how long an answer may take.
        connections: how many actions may be under way at once.
        delivery_probes: of how many messages in a second it is measured when they arrive, at most.
        listen: whether users who are online hold a connection.
        listeners: how many of them at most at once.
    """

    speed: float
    lateness_p99_budget: int
    core_budget: float
    clock_skew_budget: int
    unordered_budget: float
    unjudged_budget: float
    dropped_budget: float
    errors_budget: float
    timeout: int
    connections: int
    delivery_probes: float = 5.0
    listen: bool = False
    listeners: int = 10_000


def replay_settings(scenario: Mapping[str, object]) -> ReplaySettings:
    """Read the settings out of a manifest's scenario, where they stand as in a scenario file.

    Raises:
        UsageError: a value is unknown, of the wrong type, or makes no sense.
    """
    try:
        replay = Replay.model_validate(scenario.get("replay", {}))
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in ("replay", *first["loc"]))
        raise UsageError(f"scenario, {key}: {first['msg']}; simulate the trace again") from None
    return msgspec.convert(dict(replay), ReplaySettings)
