"""Videos: finding, watching, and making them private."""

from itertools import islice

from dmsim.server.answers import DONE, OUTCOME, Found, done, told
from dmsim.server.bodies import WORD_LENGTH, Privacy
from dmsim.server.call import Call
from dmsim.server.facts import of_video
from dmsim.server.http import Answer, HttpError
from dmsim.server.state.conversation import PAGE
from dmsim.vocabulary import Action, Verdict


def search_content(call: Call) -> Answer:
    """Accounts that bear a name, with their public videos (R23, R24)."""
    wanted = call.query.get("q", "").strip().lower()
    if not 1 <= len(wanted) <= WORD_LENGTH:
        raise HttpError(400, f"q must be a word of 1 to {WORD_LENGTH} characters")
    verdict, reason = call.decide(Action.SEARCH_CONTENT)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    world = call.world
    accounts = world.named.get(wanted, [])
    public = (
        video
        for account in accounts
        for video in world.videos_of.get(account, ())
        if not world.videos[video].private
    )
    return done(Found(OUTCOME[verdict], accounts, list(islice(public, PAGE))))


def watch_video(call: Call) -> Answer:
    """Watching a video (R30, R82, R92)."""
    video = call.video()
    content = of_video(video, call.actor)
    return told(*call.decide(Action.WATCH_VIDEO, video.author, content=content))


def change_video_privacy(call: Call) -> Answer:
    """Making one's own video private or public (R30, R31)."""
    video = call.video()
    content = of_video(video, call.actor)
    verdict, reason = call.decide(Action.CHANGE_VIDEO_PRIVACY, content=content)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    body: Privacy = call.body
    if video.private != body.private:
        video.private = body.private
        call.changes.videos[video.id] = video
    return DONE
