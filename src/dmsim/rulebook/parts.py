"""The words in which a requirement says what has to happen in a trace."""

from collections.abc import Callable

from dmsim.rulebook.steps import Comment, Step
from dmsim.rules.messaging import is_friend
from dmsim.vocabulary import (
    Action,
    ContentKind,
    Kind,
    Platform,
    Reason,
    Setting,
    Standing,
    Thread,
    Topic,
    Verdict,
    Via,
)

#: Whether something happened in a step of a trace.
Part = Callable[[Step], bool]

_MINUTE_US = 60_000_000
_HOUR_US = 60 * _MINUTE_US
#: What carries something from one account to another.
MESSAGES = (Action.SEND_MESSAGE, Action.SHARE_CONTENT)
_ARRIVED = (Verdict.INBOX, Verdict.REQUESTS, Verdict.FILTERED)
#: Reports of what was received.
REPORTS = (
    Action.REPORT_MESSAGE,
    Action.REPORT_CONVERSATION,
    Action.REPORT_REQUEST,
)


def done(action: Action, *via: Via) -> Part:
    """An action that was done, by one of some paths if any are named."""
    return lambda s: s.action == action and s.verdict == Verdict.DONE and (not via or s.via in via)


def refused(reason: Reason, *actions: Action) -> Part:
    """An action that was refused for a reason; any if none are named."""
    return lambda s: (
        s.verdict == Verdict.REFUSED and s.reason == reason and (not actions or s.action in actions)
    )


def arrived(condition: Part) -> Part:
    """A message or share that reached the other side, under a condition."""
    return lambda s: s.action in MESSAGES and s.verdict in _ARRIVED and condition(s)


def delivered(action: Action, *conditions: Part) -> Part:
    """What a brand sends, arrived on the other side under conditions."""
    return lambda s: (
        s.action == action
        and s.verdict in _ARRIVED
        and all(condition(s) for condition in conditions)
    )


def sent(condition: Part) -> Part:
    """A message or share, however it came out, under a condition."""
    return lambda s: s.action in MESSAGES and condition(s)


def on(platform: Platform, part: Part) -> Part:
    """The same on one kind of device."""
    return lambda s: s.platform == platform and part(s)


def shared(kind: ContentKind) -> Part:
    """Content of a kind that was shared with somebody."""
    return arrived(lambda s: s.row.content == kind)


def by_device(action: Action) -> dict[str, Part]:
    """The ways from the list of conversations: swipe on iOS, long press on Android."""
    return {
        "swipe on iOS": on(Platform.IOS, done(action, Via.SWIPE)),
        "long press on Android": on(Platform.ANDROID, done(action, Via.LONG_PRESS)),
    }


def penalised(standing: Standing) -> Part:
    """A decision that brought a penalty."""
    return lambda s: s.action == Action.MODERATE and s.before < s.after == standing


def lasting(standing: Standing, least: int, most: int) -> Part:
    """A temporary penalty of so many hours."""
    brings = penalised(standing)
    return lambda s: brings(s) and least <= (s.row.until - s.row.at) / _HOUR_US <= most


def setting_is(setting: Setting) -> Part:
    """What is addressed to somebody with a setting."""
    return lambda s: s.facts.recipient.setting == setting


def to_friend(s: Step) -> bool:
    """Whether it is addressed to a friend."""
    return is_friend(s.facts.pair)


def first(s: Step) -> bool:
    """Whether there is no conversation yet."""
    return s.facts.pair.thread == Thread.NONE


def by_setting(s: Step) -> bool:
    """Let in by the setting alone: no open conversation does it."""
    return s.facts.pair.thread != Thread.ACCEPTED


def brand_to_person(s: Step) -> bool:
    """Whether a brand addresses a person."""
    return s.facts.sender.kind == Kind.BRAND and s.facts.recipient.kind == Kind.PERSON


def both(*conditions: Part) -> Part:
    """All of some parts at once."""
    return lambda s: all(condition(s) for condition in conditions)


def switched_on(s: Step) -> bool:
    """Whether a reply says what its switch stands for: that it tells, that it asks."""
    return s.row.switch == 1


def about(*topics: Topic) -> Part:
    """What concerns a comment on one of some topics."""
    return lambda s: s.comment is not None and s.comment.topic in topics


def by_visitor(s: Step) -> bool:
    """Whether a comment is read by somebody else than its author and the page (R130)."""
    return (
        _read(s) and s.comment is not None and s.row.actor not in (s.comment.author, s.row.target)
    )


def by_commenter(s: Step) -> bool:
    """Whether whoever wrote a comment looks at it again."""
    return _read(s) and s.comment is not None and s.row.actor == s.comment.author


def note_seen(s: Step) -> bool:
    """Whether a reader sees the note that the page answered privately."""
    return _read(s) and s.verdict == Verdict.SHOWN


def publicly_answered(s: Step) -> bool:
    """Whether the comment that is named was answered publicly before."""
    return s.facts.circumstances.publicly_replied


def within(minutes: int, since: Callable[[Comment], int]) -> Part:
    """What happens at most so many minutes after something happened to the comment it names."""
    return lambda s: (
        s.comment is not None and 0 <= s.row.at - since(s.comment) <= minutes * _MINUTE_US
    )


def at_hours(first: int, until: int) -> Part:
    """What happens from one hour of the day until another."""
    return lambda s: first <= s.row.at // _HOUR_US % 24 < until


def on_days(*days: int) -> Part:
    """What happens on some days of the week, counted from Monday as 0."""
    return lambda s: s.row.at // (24 * _HOUR_US) % 7 in days


def in_private_conversation(s: Step) -> bool:
    """Whether a person writes in a conversation that a private reply opened."""
    return s.facts.sender.kind == Kind.PERSON and s.facts.pair.by_private_reply


def _read(s: Step) -> bool:
    return s.action == Action.READ_COMMENT and s.verdict in (Verdict.SHOWN, Verdict.HIDDEN)
