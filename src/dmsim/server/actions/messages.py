"""Sending: messages, shared content, and where they land."""

from dmsim.rules.facts import PLAIN, ContentFacts
from dmsim.server.answers import made, told
from dmsim.server.bodies import TEXT_LENGTH, NewMessage, NewShare
from dmsim.server.call import Call
from dmsim.server.facts import of_video
from dmsim.server.http import Answer, HttpError
from dmsim.server.state.conversation import Conversation, Message
from dmsim.vocabulary import Action, ContentKind, Kind, Verdict, Via, Violation, names

_CONTENT = {name: ContentKind(code) for code, name in enumerate(names(ContentKind))}
_VIA = {name: Via(code) for code, name in enumerate(names(Via))}
_VIOLATION = {name: Violation(code) for code, name in enumerate(names(Violation))}

#: What becomes a message in the conversation.
DELIVERED = (Verdict.INBOX, Verdict.REQUESTS, Verdict.FILTERED)


def send_message(call: Call) -> Answer:
    """Sending a message: text, emoji, GIF or sticker (R2, R32-R39).

    Both accounts must have messages at all (R11-R13), no penalty (R74, R81-R83) and no block (R91)
    between them; the recipient's setting decides (R15-R19, R61-R63, R65, R67, R68), and
    moderation (R73, R75). Brands have three messages before they are accepted (R58).
    """
    peer = call.peer()
    body: NewMessage = call.body
    text = checked(body.text)
    kind = _CONTENT[body.content]
    # Of other kinds it names something else.
    sticker_set = body.sticker_set if kind == ContentKind.STICKER else None
    uses = -1 if sticker_set is None else sticker_set
    content = ContentFacts(
        kind=kind,
        private=False,
        own=False,
        set_added=uses in call.world.sticker_sets.get(call.actor, ()),
        violation=_VIOLATION[body.violation],
        detected=body.detected,
    )
    verdict, reason = call.decide(Action.SEND_MESSAGE, peer, content=content, via=_VIA[body.via])
    if verdict not in DELIVERED:
        return told(verdict, reason)
    return deliver(call, Action.SEND_MESSAGE, peer, verdict, text, kind, uses)


def share_content(call: Call) -> Answer:
    """Sharing a video, an effect, a hashtag or a sound (R3, R22-R26, R28, R29).

    A share to several addressees is one request for each of them (R27); otherwise it is decided
    like a message.
    """
    peer = call.peer()
    body: NewShare = call.body
    text = checked(body.text or "")
    kind = _CONTENT[body.content]
    content = _shared(call, kind, body)
    verdict, reason = call.decide(Action.SHARE_CONTENT, peer, content=content, via=_VIA[body.via])
    if verdict not in DELIVERED:
        return told(verdict, reason)
    return deliver(call, Action.SHARE_CONTENT, peer, verdict, text, kind, body.id)


def deliver(
    call: Call,
    action: Action,
    peer: int,
    verdict: Verdict,
    text: str,
    kind: ContentKind = ContentKind.TEXT,
    uses: int = -1,
) -> Answer:
    """Put a message where the rules want it, and tell the sender."""
    world, changes = call.world, call.changes
    conversation = world.begin(call.actor, peer)
    places = world.places(conversation)
    message = Message(world.next_message, call.actor, call.now, text, int(kind), uses)
    world.next_message += 1
    call.service.decisions.deliver(conversation, message, verdict)
    note_answer(call, action, conversation, peer)
    world.relist(conversation, places, on_top=True)
    changes.messages.append((conversation.pair, message))
    changes.conversations[conversation.pair] = conversation
    return made(verdict, message.id)


def note_answer(call: Call, action: Action, conversation: Conversation, peer: int) -> None:
    """Note the moment at which a person answers a brand, which opens its window (R131)."""
    accounts = call.world.accounts
    is_from_person = accounts[peer].kind == Kind.BRAND and accounts[call.actor].kind == Kind.PERSON
    if is_from_person and action in call.service.decisions.answers:
        conversation.answered = call.now


def checked(text: str) -> str:
    """A text that is not too long.

    Raises:
        HttpError: 413 when it is.
    """
    if len(text) > TEXT_LENGTH:
        raise HttpError(413, f"the text is longer than {TEXT_LENGTH} characters")
    return text


def _shared(call: Call, kind: ContentKind, body: NewShare) -> ContentFacts:
    content = PLAIN._replace(kind=kind)
    if kind == ContentKind.VIDEO:
        video = call.world.videos.get(body.id)
        if video is None:
            raise HttpError(404, "no such video")
        content = of_video(video, call.actor)
    return content._replace(violation=_VIOLATION[body.violation], detected=body.detected)
