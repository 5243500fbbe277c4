"""What a trace was made from."""

from pydantic import ValidationError

from dmsim.errors import UsageError
from dmsim.scenario import Scenario
from dmsim.trace.reader import Trace


def trace_scenario(trace: Trace) -> Scenario:
    """The scenario that a trace was made from.

    Raises:
        UsageError: the manifest holds no scenario that this dmsim understands.
    """
    try:
        return Scenario.model_validate(trace.manifest.scenario)
    except ValidationError as error:
        key = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise UsageError(
            f"{trace.path}: its scenario cannot be read ({key}); simulate it again"
        ) from None
