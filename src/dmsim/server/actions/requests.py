"""Message requests: listing, accepting and deleting them."""

from dmsim.server.actions.messages import note_answer
from dmsim.server.actions.showing import entries
from dmsim.server.answers import DONE, OUTCOME, Requests, done, told
from dmsim.server.call import Call
from dmsim.server.http import Answer
from dmsim.server.state.world import Lists, directed
from dmsim.vocabulary import Action, Verdict


def list_requests(call: Call) -> Answer:
    """The newest open requests (R52)."""
    return _list(call, Action.LIST_REQUESTS, call.world.requests)


def list_filtered(call: Call) -> Answer:
    """The newest open requests from unsafe sources (R54)."""
    return _list(call, Action.LIST_FILTERED, call.world.filtered)


def accept_request(call: Call) -> Answer:
    """Accepting a request, which opens the conversation (R55, R64)."""
    peer = call.peer()
    verdict, reason = call.decide(Action.ACCEPT_REQUEST, peer)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    conversation = call.world.begin(call.actor, peer)
    places = call.world.places(conversation)
    call.service.decisions.accept(conversation)
    note_answer(call, Action.ACCEPT_REQUEST, conversation, peer)
    call.world.relist(conversation, places, on_top=True)
    call.changes.conversations[conversation.pair] = conversation
    if call.service.policy.accepting_follows_back:
        pair = directed(call.actor, peer)
        call.world.follows.add(pair)
        call.changes.follows[pair] = True
    return DONE


def delete_request(call: Call) -> Answer:
    """Deleting a request, for its recipient alone (R48, R64)."""
    peer = call.peer()
    verdict, reason = call.decide(Action.DELETE_REQUEST, peer)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    conversation = call.world.begin(call.actor, peer)
    places = call.world.places(conversation)
    call.service.decisions.delete_request(conversation, call.actor, call.service.policy)
    call.world.relist(conversation, places)
    call.changes.conversations[conversation.pair] = conversation
    return DONE


def _list(call: Call, action: Action, lists: Lists) -> Answer:
    verdict, reason = call.decide(action)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    shown, cursor = entries(call, lists)
    return done(Requests(OUTCOME[verdict], shown, cursor))
