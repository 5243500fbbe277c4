"""Gathering what the rules need to know, from the arrays."""

from typing import Any

from dmsim.engine.compiled import part
from dmsim.engine.intentions import Intention
from dmsim.engine.pairs import (
    ACQUAINTED,
    BLOCKS,
    BY_PRIVATE_REPLY,
    CONTACT,
    FILTERED,
    FOLLOWS,
    has,
    requester_side,
    side_of,
    unread,
    visible,
)
from dmsim.engine.state import State
from dmsim.rules.facts import UNRELATED, Circumstances, ContentFacts, Facts, PairFacts, Side
from dmsim.rules.messaging import is_known, thread_for_sender
from dmsim.rules.sanctions import is_unsafe, standing_now
from dmsim.vocabulary import Action, ContentKind, Kind, Setting, Standing, Thread

_DAY_US = 86_400_000_000
_MINUTE_US = 60_000_000
#: Over these, what pages send to many is counted.
HOUR_US = 3_600_000_000
SECOND_US = 1_000_000

#: Actions whose ``uses`` is a video of the cell.
_OF_VIDEOS = (
    Action.WATCH_VIDEO,
    Action.CHANGE_VIDEO_PRIVACY,
    Action.REPORT_CONTENT,
)
_OF_STICKER_SETS = (
    Action.ADD_STICKER_SET,
    Action.REORDER_STICKER_SETS,
    Action.REMOVE_STICKER_SET,
)


@part
def facts_of(state: State, actor: int, intention: Intention, i: int) -> Facts:
    """The facts of an intended action; ``i`` is the pair it touches, or -1."""
    target = intention.target if intention.target >= 0 else actor
    pair = _pair_facts(state, i, actor, target)
    return Facts(
        _side(state, actor, _is_unsafe(state, actor, pair)),
        _side(state, target, False),
        pair,
        _content(state, actor, intention),
        _circumstances(state, actor, target, intention),
        intention.via,
    )


@part
def standing_of(state: State, account: int) -> int:
    """The penalty in force."""
    standing = int(state.accounts[account]["standing"])
    if standing < Standing.DM_BANNED:
        return standing
    until = int(state.profiles[account]["until"])
    return int(standing_now(standing, until, int(state.control[0]["now"])))


@part
def recent_reports(state: State, account: int) -> int:
    """Reports against an account, if the last of them is not too long ago."""
    profile = state.profiles[account]
    age = int(state.control[0]["now"]) - int(profile["last_report"])
    return int(profile["reports"]) if age <= state.policy.unsafe_report_days * _DAY_US else 0


@part
def is_page(state: State, account: int) -> bool:
    """Whether an account is a brand's page."""
    return int(state.accounts[account]["kind"]) == Kind.BRAND


@part
def page_of(state: State, account: int) -> Any:
    """The record of a page; pages come right after persons."""
    return state.pages[account - int(state.control[0]["persons"])]


@part
def video_named(intention: Intention) -> int:
    """The video that an action names, or -1."""
    shares = intention.action == Action.SHARE_CONTENT and intention.content == ContentKind.VIDEO
    if shares or intention.action in _OF_VIDEOS:
        return intention.uses
    return -1


@part
def _side(state: State, account: int, unsafe: bool) -> Side:
    a = state.accounts[account]
    return Side(
        int(a["registered"]) != 0,
        a["age"] + 0,
        int(a["restricted"]) != 0,
        standing_of(state, account),
        a["kind"] + 0,
        a["setting"] + 0,
        unsafe,
        int(a["filter_requests"]) != 0,
        int(a["allow_business"]) != 0,
        a["region"] + 0,
        int(a["read_status"]) != 0,
    )


@part
def _pair_facts(state: State, i: int, actor: int, target: int) -> PairFacts:
    if i < 0:
        return UNRELATED
    side = side_of(state, i, actor)
    other = 1 - side
    thread = int(state.pairs[i]["thread"])
    is_requester = requester_side(state, i) == side
    return PairFacts(
        has(state, i, FOLLOWS, side),
        has(state, i, FOLLOWS, other),
        has(state, i, CONTACT, 0),
        has(state, i, ACQUAINTED, 0),
        has(state, i, BLOCKS, side),
        has(state, i, BLOCKS, other),
        int(thread_for_sender(thread, is_requester)),
        int(state.pairs[i]["requested"]) if is_requester else 0,
        thread == Thread.REQUESTED and not is_requester,
        has(state, i, FILTERED, 0),
        visible(state, i, side) > 0,
        unread(state, i, other) == 0,
        int(state.profiles[actor]["ward"]) == target,
        has(state, i, BY_PRIVATE_REPLY, 0),
        _minutes_since(state, int(state.pairs[i]["answered"])),
    )


@part
def _minutes_since(state: State, at: int) -> int:
    return (int(state.control[0]["now"]) - at) // _MINUTE_US if at >= 0 else -1


@part
def _is_unsafe(state: State, account: int, pair: PairFacts) -> bool:
    # Asked only where it can decide: messages from known people never are requests.
    if is_known(pair, state.policy):
        return False
    related = pair.sender_follows or pair.recipient_follows or pair.contact_synced
    days = (int(state.control[0]["now"]) - int(state.profiles[account]["joined"])) // _DAY_US
    reports = recent_reports(state, account)
    return bool(is_unsafe(standing_of(state, account), reports, days, related, state.policy))


@part
def _content(state: State, actor: int, intention: Intention) -> ContentFacts:
    video = video_named(intention)
    private = own = False
    if video >= 0:
        private = int(state.videos[video]["private"]) != 0
        own = int(state.videos[video]["author"]) == actor
    added = False
    if intention.content == ContentKind.STICKER or intention.action in _OF_STICKER_SETS:
        panel = int(state.profiles[actor]["sticker_sets"])
        added = ((panel >> intention.uses) & 1) != 0
    return ContentFacts(
        max(intention.content, 0),
        private,
        own,
        added,
        max(intention.violation, 0),
        intention.detected > 0,
    )


@part
def _circumstances(state: State, actor: int, target: int, intention: Intention) -> Circumstances:
    option = active = device = report = publicly = privately = False
    age = replies = mailed = 0
    action = intention.action
    if action == Action.CHANGE_SETTING:
        offered = int(state.profiles[actor]["everyone_offered"]) != 0
        option = offered or intention.setting != Setting.EVERYONE
    elif action == Action.CHECK_PRESENCE:
        since = int(state.profiles[target]["active"])
        window = state.policy.active_minutes * _MINUTE_US
        active = since >= 0 and int(state.control[0]["now"]) - since <= window
    elif action == Action.REGISTER:
        owner = int(state.profiles[actor]["device"])
        device = int(state.profiles[owner]["device_banned"]) != 0
    elif action == Action.STAFF_ACCESS:
        report = int(state.profiles[target]["open_reports"]) > 0
    elif action in (Action.PRIVATE_REPLY, Action.READ_COMMENT):
        comment = state.comments[intention.uses]
        publicly = int(comment["publicly_replied"]) != 0
        privately = int(comment["privately_replied"]) != 0
        if action == Action.PRIVATE_REPLY:
            age = _minutes_since(state, int(comment["at"]))
            replies = _private_replies(state, actor)
    elif action in (Action.MAILING, Action.SPONSORED_MESSAGE):
        mailed = _mailed(state, actor)
    return Circumstances(option, device, active, report, publicly, privately, age, replies, mailed)


@part
def _private_replies(state: State, actor: int) -> int:
    """What the page has sent in the hour under way."""
    if not is_page(state, actor):
        return 0
    page = page_of(state, actor)
    now = int(state.control[0]["now"])
    return int(page["private_replies"]) if int(page["hour"]) == now // HOUR_US else 0


@part
def _mailed(state: State, actor: int) -> int:
    if not is_page(state, actor):
        return 0
    page = page_of(state, actor)
    now = int(state.control[0]["now"])
    return int(page["mailed"]) if int(page["second"]) == now // SECOND_US else 0
