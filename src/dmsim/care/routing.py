"""Who gets which work: a function that a scenario may replace by one of its own.

``care.teams.NAME.routing`` names such a function as ``module:function``, in a module that Python
finds. It is called whenever work waits and agents can take some, with the work that waits
(:class:`dmsim.care.work.Waiting`) and these agents (:class:`dmsim.care.work.Available`), again and
again until it returns ``None``::

    def newest_first(waiting, available):
        for work in reversed(list(waiting)):
            for agent in available.able(work):
                return work, agent
        return None

It decides by what it is given alone, without a clock and without chance, so that the same seed
gives the same trace.
"""

from collections.abc import Callable
from importlib import import_module

from dmsim.care.work import Agent, Available, Waiting, Work
from dmsim.errors import UsageError

Routing = Callable[[Waiting, Available], tuple[Work, Agent] | None]


def default(waiting: Waiting, available: Available) -> tuple[Work, Agent] | None:
    """The most urgent work, first come first served, to whoever is able and was idle longest."""
    for work in waiting.heads():
        for agent in available.able(work):
            return work, agent
    return None


def find_routing(team: str, name: str) -> Routing:
    """The function that a team's scenario names.

    Raises:
        UsageError: There is no such module or function.
    """
    where, remedy = routing_key(team, name), "name a function as module:function"
    module, _, function = name.partition(":")
    try:
        found = getattr(import_module(module), function, None)
    except Exception as error:  # whatever a stranger's module does when imported
        text = f"{where}: {module} cannot be imported ({error}); {remedy}, found by PYTHONPATH"
        raise UsageError(text) from None
    if not callable(found):
        raise UsageError(f"{where}: {module} has no function {function}; {remedy} that is there")
    routing: Routing = found
    return routing


def routing_key(team: str, name: str) -> str:
    """How an error names the place that a routing function was told in."""
    return f'care.teams.{team}.routing = "{name}"'
