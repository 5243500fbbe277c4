"""The panel of sticker sets."""

from dmsim.rules.facts import PLAIN
from dmsim.server.answers import DONE, OUTCOME, Panel, done, told
from dmsim.server.bodies import STICKER_SETS
from dmsim.server.call import Call
from dmsim.server.http import Answer, HttpError
from dmsim.vocabulary import Action, ContentKind, Reason, Verdict


def list_sticker_sets(call: Call) -> Answer:
    """The sets that one has added, in the panel's order (R42)."""
    verdict, reason = call.decide(Action.LIST_STICKER_SETS)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    return done(Panel(OUTCOME[verdict], call.world.panel(call.actor)))


def add_sticker_set(call: Call) -> Answer:
    """Adding a set at the end of the panel, unless it is there (R40, R41, R45)."""
    verdict, reason = _decide(call, Action.ADD_STICKER_SET)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    places = _places(call)
    if call.named not in places:
        _put(call, max(places.values(), default=0) + 1)
    return DONE


def reorder_sticker_sets(call: Call) -> Answer:
    """Moving a set to the front of the panel (R43)."""
    verdict, reason = _decide(call, Action.REORDER_STICKER_SETS)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    _put(call, min(_places(call).values(), default=0) - 1)
    return DONE


def remove_sticker_set(call: Call) -> Answer:
    """Taking a set out of the panel (R44)."""
    verdict, reason = _decide(call, Action.REMOVE_STICKER_SET)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    _places(call).pop(call.named, None)
    call.changes.stickers[call.actor, call.named] = None
    return DONE


def _decide(call: Call, action: Action) -> tuple[Verdict, Reason]:
    if not 0 <= call.named < STICKER_SETS:
        raise HttpError(404, "no such sticker set")
    added = call.named in _places(call)
    content = PLAIN._replace(kind=ContentKind.STICKER, set_added=added)
    return call.decide(action, content=content)


def _places(call: Call) -> dict[int, int]:
    return call.world.sticker_sets.setdefault(call.actor, {})


def _put(call: Call, place: int) -> None:
    _places(call)[call.named] = place
    call.changes.stickers[call.actor, call.named] = place
