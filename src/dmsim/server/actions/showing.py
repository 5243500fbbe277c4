"""How conversations and messages are shown to one of the two."""

from itertools import islice

from dmsim.server.answers import Entry, ShownMessage
from dmsim.server.call import Call
from dmsim.server.facts import of_video
from dmsim.server.state.conversation import Conversation, Message
from dmsim.server.state.world import Lists, directed, newest
from dmsim.vocabulary import Action, ContentKind, Verdict, names

#: How much of the newest message a list shows, in characters.
PREVIEW_LENGTH = 100

_CONTENT = names(ContentKind)


def entries(call: Call, lists: Lists) -> tuple[list[Entry], int | None]:
    """A page of one of the actor's lists, newest first, and the cursor of the next."""
    limit, before = call.page()
    found = newest(lists, call.actor, before)
    shown = list(islice(found, limit))
    more = next(found, None) is not None
    cursor = shown[-1][1].moved if more else None
    return [_entry(call, peer, conversation) for peer, conversation in shown], cursor


def _entry(call: Call, peer: int, conversation: Conversation) -> Entry:
    view = conversation.view(call.actor)
    message = conversation.newest_for(call.actor)
    preview = None if message is None else show(call, message, PREVIEW_LENGTH)
    return Entry(peer, view.unread, view.muted, blocks(call, peer), preview)


def blocks(call: Call, peer: int) -> bool:
    """Whether the actor blocks somebody, which is marked wherever their messages show (R95)."""
    return directed(call.actor, peer) in call.world.blocks


def show(call: Call, message: Message, length: int | None = None) -> ShownMessage:
    """A message as the actor sees it now, its text cut to a length."""
    # What a text uses is the comment that it answers.
    answers = message.content == ContentKind.TEXT and message.uses >= 0
    return ShownMessage(
        message.id,
        message.author,
        message.at,
        message.text[:length],
        _CONTENT[message.content],
        None if answers or message.uses < 0 else message.uses,
        _is_available(call, message.uses) if message.content == ContentKind.VIDEO else None,
        message.uses if answers else None,
        call.world.comments[message.uses].personal or None if answers else None,
    )


def _is_available(call: Call, video_id: int) -> bool:
    """Whether the actor could watch a shared video now (R30, R92)."""
    video = call.world.videos[video_id]
    verdict, _ = call.decide(Action.WATCH_VIDEO, video.author, content=of_video(video, call.actor))
    return verdict == Verdict.DONE
