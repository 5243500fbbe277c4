"""Reports: they change how the accused is seen, and wait for the moderators."""

from dmsim.server.answers import DONE, told
from dmsim.server.call import Call
from dmsim.server.facts import of_video
from dmsim.server.http import Answer, HttpError
from dmsim.server.state.accounts import Report
from dmsim.vocabulary import Action, Verdict


def report_message(call: Call) -> Answer:
    """Reporting the newest message from somebody (R76, R85, R89)."""
    return _report_messages(call, Action.REPORT_MESSAGE)


def report_conversation(call: Call) -> Answer:
    """Reporting a conversation, an old or a new one (R86-R88, R90)."""
    return _report_messages(call, Action.REPORT_CONVERSATION)


def report_request(call: Call) -> Answer:
    """Reporting a request, which stays open (R64)."""
    return _report_messages(call, Action.REPORT_REQUEST)


def report_account(call: Call) -> Answer:
    """Reporting an account (R8)."""
    accused = call.peer()
    verdict, reason = call.decide(Action.REPORT_ACCOUNT, accused)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    return _report_elsewhere(call, Action.REPORT_ACCOUNT, accused, -1)


def report_content(call: Call) -> Answer:
    """Reporting a video, which counts against its author (R8)."""
    video = call.video()
    if video.author == call.actor:
        raise HttpError(400, "the video is one's own")
    content = of_video(video, call.actor)
    verdict, reason = call.decide(Action.REPORT_CONTENT, video.author, content=content)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    return _report_elsewhere(call, Action.REPORT_CONTENT, video.author, video.id)


def _report_messages(call: Call, action: Action) -> Answer:
    accused = call.peer()
    verdict, reason = call.decide(action, accused)
    if verdict != Verdict.DONE:
        return told(verdict, reason)
    conversation = call.world.begin(call.actor, accused)
    written = (m.id for m in conversation.page(call.actor) if m.author == accused)
    return _report(call, action, accused, next(written, -1))


def _report_elsewhere(call: Call, action: Action, accused: int, about: int) -> Answer:
    if not call.service.policy.reports_outside_messages_count:
        return DONE
    return _report(call, action, accused, about)


def _report(call: Call, action: Action, accused_id: int, about: int) -> Answer:
    world, changes = call.world, call.changes
    accused = world.accounts[accused_id]
    accused.report(call.now, call.service.policy)
    changes.accounts[accused_id] = accused
    report = Report(world.next_report, call.actor, accused_id, action, about, call.now)
    world.add_report(report)
    changes.reports[report.id] = report
    return DONE
