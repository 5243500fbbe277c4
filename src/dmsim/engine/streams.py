"""The random streams of the actors: a draw for this very step of one of them."""

from dmsim.draws import draw
from dmsim.engine.compiled import part
from dmsim.engine.state import State


@part
def draw_now(state: State, actor: int, purpose: int) -> int:
    """The draw of an actor for a purpose, the same however often it is asked within a step."""
    return draw(int(state.control[0]["key"]), actor, purpose, int(state.accounts[actor]["step"]))


@part
def advance_step(state: State, actor: int) -> None:
    """Move an actor's random streams on; once per event of that actor."""
    state.accounts[actor]["step"] = int(state.accounts[actor]["step"]) + 1
