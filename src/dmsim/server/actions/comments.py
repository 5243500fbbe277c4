"""Comments under a page's posts, and the page's answers."""

from dmsim.server.actions.messages import DELIVERED, checked, deliver
from dmsim.server.answers import made, told
from dmsim.server.bodies import Text
from dmsim.server.call import Call
from dmsim.server.http import Answer, HttpError
from dmsim.server.state.accounts import Comment
from dmsim.vocabulary import Action, Verdict


def comment(call: Call) -> Answer:
    """Commenting on a post (R130)."""
    page = call.world.pages.get(call.named)
    if page is None:
        raise HttpError(404, "no such post")
    body: Text = call.body
    text = checked(body.text)
    verdict, reason = call.decide(Action.COMMENT, page)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    new = call.world.new_comment(call.named, call.actor)
    call.changes.comments.append((new.id, new.post, call.actor, call.now, text, False, False))
    return made(verdict, new.id)


def public_reply(call: Call) -> Answer:
    """A page's answer under a comment, for everybody to see (R143, R144, R159)."""
    commented = _own_comment(call)
    body: Text = call.body
    text = checked(body.text)
    verdict, reason = call.decide(Action.PUBLIC_REPLY, commented.author, comment=commented)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    world = call.world
    reply = world.next_reply
    world.next_reply += 1
    commented.publicly_replied = True
    call.changes.answered[commented.id] = commented
    call.changes.replies.append((reply, commented.id, call.actor, call.now, text))
    return made(verdict, reply)


def private_reply(call: Call) -> Answer:
    """A page's answer to a comment as a direct message to its author (R129-R131, R147, R149)."""
    commented = _own_comment(call)
    if commented.author == call.actor:
        raise HttpError(400, "the comment is the page's own")
    body: Text = call.body
    text = checked(body.text)
    verdict, reason = call.decide(Action.PRIVATE_REPLY, commented.author, comment=commented)
    if verdict not in DELIVERED:
        return told(verdict, reason)
    commented.privately_replied = True
    call.changes.answered[commented.id] = commented
    return deliver(call, commented.author, verdict, text)


def _own_comment(call: Call) -> Comment:
    commented = call.world.comments.get(call.named)
    if commented is None:
        raise HttpError(404, "no such comment")
    if call.world.pages[commented.post] != call.actor:
        raise HttpError(403, "only the page that was commented on may answer")
    return commented
