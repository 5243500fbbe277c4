"""Comments under a page's posts, and the page's answers."""

from dmsim.rules.messaging import thread_for_sender
from dmsim.server.actions.messages import DELIVERED, checked, deliver
from dmsim.server.answers import OUTCOME, ReadComment, ShownComment, ShownReply, done, made, told
from dmsim.server.bodies import PrivateReply, PublicReply, Text
from dmsim.server.call import Call
from dmsim.server.http import Answer, HttpError
from dmsim.server.state.comments import Comment, Reply
from dmsim.server.state.conversation import PAGE
from dmsim.vocabulary import Action, Reason, Thread, Verdict, Via, word


def comment(call: Call) -> Answer:
    """Commenting on a post (R130)."""
    page = call.world.pages.get(call.named)
    if page is None:
        raise HttpError(404, "no such post")
    body: Text = call.body
    text = checked(body.text)
    verdict, reason = call.decide(Action.COMMENT, page, via=Via.FEED)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    new = Comment(call.world.next_comment, call.named, call.actor, call.now, text)
    call.world.add_comment(new)
    call.changes.comments.append(new)
    return made(verdict, new.id)


def read_comment(call: Call) -> Answer:
    """A comment, its answers, and whether the page answered privately (R133, R134, R144, R160).

    Everybody sees the note that the page did; what it wrote there only the commenter.
    """
    commented = call.comment()
    page = call.world.pages[commented.post]
    verdict, reason = call.decide(Action.READ_COMMENT, page, comment=commented, via=Via.FEED)
    if verdict == Verdict.REFUSED:
        return told(verdict, reason)
    told_reason = None if reason == Reason.NONE else word(reason)
    shown = show(commented, answered_privately=verdict == Verdict.SHOWN)
    return done(ReadComment(OUTCOME[verdict], shown, told_reason))


def public_reply(call: Call) -> Answer:
    """A page's answer under a comment, which mentions its author (R143, R144, R150, R159, R161).

    The inbox of the commenter tells of it (R162).
    """
    commented = _own_comment(call)
    body: PublicReply = call.body
    text = checked(body.text)
    verdict, reason = call.decide(Action.PUBLIC_REPLY, commented.author, via=Via.CARE_DESK)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    world = call.world
    reply = Reply(world.next_reply, commented.id, call.actor, call.now, text, body.announces)
    world.add_reply(reply)
    call.changes.answered[commented.id] = commented
    call.changes.replies.append(reply)
    return made(verdict, reply.id)


def private_reply(call: Call) -> Answer:
    """A page's answer to a comment as a direct message to its author (R129-R132, R147, R149).

    The message links the comment. It opens the conversation; the page goes on in it only when the
    author has answered.
    """
    commented = _own_comment(call)
    if commented.author == call.actor:
        raise HttpError(400, "the comment is the page's own")
    body: PrivateReply = call.body
    text = checked(body.text)
    verdict, reason = call.decide(
        Action.PRIVATE_REPLY, commented.author, comment=commented, via=Via.CARE_DESK
    )
    if verdict not in DELIVERED:
        return told(verdict, reason)
    commented.privately_replied = True
    commented.personal = commented.personal or body.personal
    call.changes.answered[commented.id] = commented
    sent = call.world.sent_by(call.actor)
    sent.count_private_reply(call.now)
    call.changes.sent[call.actor] = sent
    return _open(call, commented, verdict, text)


def show(comment: Comment, *, answered_privately: bool) -> ShownComment:
    """A comment as every reader sees it, with the newest of the page's answers."""
    replies = [
        ShownReply(reply.id, reply.text, reply.at, comment.author, reply.announces)
        for reply in comment.replies[-PAGE:]
    ]
    return ShownComment(
        comment.id,
        comment.post,
        comment.author,
        comment.text,
        comment.at,
        replies,
        answered_privately,
    )


def _open(call: Call, commented: Comment, verdict: Verdict, text: str) -> Answer:
    """Put a private reply into the conversation that it begins, unless that was open (R131)."""
    before = call.world.conversation(call.actor, commented.author)
    seen = int(Thread.NONE)
    if before is not None:
        seen = thread_for_sender(before.thread, before.requester == call.actor)
    answer = deliver(call, Action.PRIVATE_REPLY, commented.author, verdict, text, uses=commented.id)
    if call.service.decisions.begins_by_private_reply(seen):
        call.world.begin(call.actor, commented.author).by_private_reply = True
    return answer


def _own_comment(call: Call) -> Comment:
    commented = call.comment()
    if call.world.pages[commented.post] != call.actor:
        raise HttpError(403, "only the page that was commented on may answer")
    return commented
