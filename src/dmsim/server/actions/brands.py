"""What brands do beside answering comments: reminders, mailings, sponsored messages, cases."""

from dmsim.server.actions.messages import DELIVERED, checked, deliver
from dmsim.server.answers import DONE, told
from dmsim.server.bodies import EndedCase, Text
from dmsim.server.call import Call
from dmsim.server.http import Answer, HttpError
from dmsim.server.state.comments import CaseEnd, Comment
from dmsim.vocabulary import Action, Verdict, Via


def follow_up(call: Call) -> Answer:
    """A brand's reminder in a conversation whose window is open (R123)."""
    return _send(call, Action.FOLLOW_UP, Via.CARE_DESK)


def mailing(call: Call) -> Answer:
    """A brand's message to one of many, so many a second (R121, R122)."""
    return _send(call, Action.MAILING, Via.CAMPAIGN)


def sponsored_message(call: Call) -> Answer:
    """A paid message to somebody who talked with the brand before (R155, R156)."""
    return _send(call, Action.SPONSORED_MESSAGE, Via.CAMPAIGN)


def resolve(call: Call) -> Answer:
    """A brand settles a customer's case (R151)."""
    return _end_case(call, Action.RESOLVE)


def hand_off(call: Call) -> Answer:
    """A brand goes on with a customer's case in another channel (R187)."""
    return _end_case(call, Action.HAND_OFF)


def _send(call: Call, action: Action, via: Via) -> Answer:
    peer = call.peer()
    body: Text = call.body
    text = checked(body.text)
    verdict, reason = call.decide(action, peer, via=via)
    if verdict not in DELIVERED:
        return told(verdict, reason)
    if action != Action.FOLLOW_UP:
        sent = call.world.sent_by(call.actor)
        sent.count_mailing(call.now)
        call.changes.sent[call.actor] = sent
    return deliver(call, action, peer, verdict, text)


def _end_case(call: Call, action: Action) -> Answer:
    person = call.peer()
    body: EndedCase = call.body
    began = None if body.comment is None else _existing(call, body.comment)
    verdict, reason = call.decide(action, person, via=Via.CARE_DESK)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    if began is not None:
        _check_belongs(call, began, person)
    cases = call.world.cases
    comment = -1 if began is None else began.id
    end = CaseEnd(len(cases), action, call.actor, person, comment, call.now)
    cases.append(end)
    call.changes.cases.append(end)
    return DONE


def _existing(call: Call, id_: int) -> Comment:
    comment = call.world.comments.get(id_)
    if comment is None:
        raise HttpError(404, "no such comment")
    return comment


def _check_belongs(call: Call, comment: Comment, person: int) -> None:
    if call.world.pages[comment.post] != call.actor:
        raise HttpError(403, "only the page that was commented on may end the case")
    if comment.author != person:
        raise HttpError(400, "the comment is somebody else's")
