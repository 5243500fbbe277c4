"""What a person begins when nothing waits: one of many things, by the archetype's probabilities."""

from dmsim.draws import CHOICE, DETAIL, FRIEND_OF_FRIEND, NEW_SETTING, OBJECT, READING, below
from dmsim.engine.compiled import part, rare_part
from dmsim.engine.intentions import NOTHING, Intention, intend
from dmsim.engine.messages import (
    STICKER_SETS,
    choose_content,
    share_with_another,
    somebody_followed,
    sticker_set,
    write,
    write_to_somebody,
)
from dmsim.engine.pairs import BLOCKS, has, pair_of, side_of
from dmsim.engine.state import State
from dmsim.engine.streams import draw_now
from dmsim.scenario import PER_STEP
from dmsim.vocabulary import Action, ContentKind, Platform, Via, Violation

#: So many of the newest comments of a cell are read.
_NEWEST_COMMENTS = 64

# The order of these numbers is that of PER_STEP.
(
    _WRITE, _PERSIST, _SHARE, _WATCH, _SEARCH, _SETTING, _FOLLOW, _UNFOLLOW, _BLOCK, _UNBLOCK,
    _CHECK_READ, _CHECK_PRESENCE, _REREAD, _DELETE_MESSAGE, _DELETE_CONVERSATION, _MUTE, _UNMUTE,
    _READ_STATUS, _REQUEST_FILTER, _BUSINESS, _NOTIFICATIONS, _STICKERS, _VIDEO_PRIVACY,
    _REPORT_ACCOUNT, _REPORT_CONTENT, _RESTRICT, _TRESPASS, _READ_COMMENTS,
) = range(len(PER_STEP))  # fmt: skip


@part
def begin_something(state: State, person: int) -> Intention:
    """The choice of a step in which nothing waits; mostly none."""
    number = draw_now(state, person, CHOICE)
    archetype = int(state.accounts[person]["archetype"])
    choice = 0
    while choice < len(PER_STEP) and number >= int(state.choices[archetype, choice]):
        choice += 1
    if choice <= _SHARE:
        return _message(state, person, choice)
    if choice <= _SEARCH:
        return watch_or_search(state, person, choice == _WATCH)
    if choice <= _UNBLOCK and choice != _SETTING:
        return _relation(state, person, choice)
    if choice <= _UNMUTE and choice != _SETTING:
        return _conversation(state, person, choice)
    return _own_affairs(state, person, choice)


@rare_part
def _message(state: State, person: int, choice: int) -> Intention:
    if choice == _WRITE:
        return write_to_somebody(state, person)
    if choice == _PERSIST:
        return write(state, person, int(state.accounts[person]["addressee"]), Via.CHAT.value)
    choose_content(state, person)
    return share_with_another(state, person)


@rare_part
def watch_or_search(state: State, person: int, watch: bool) -> Intention:
    """Watch a video of somebody's, or search for content (R23, R24)."""
    videos = int(state.control[0]["videos"])
    if not watch or videos == 0:
        return intend(Action.SEARCH_CONTENT.value, Via.SEARCH.value)
    video = below(draw_now(state, person, OBJECT), videos)
    author = int(state.videos[video]["author"])
    if author == person:
        return NOTHING
    return intend(Action.WATCH_VIDEO.value, Via.FEED.value, author, video)


@rare_part
def _relation(state: State, person: int, choice: int) -> Intention:
    """Follow, unfollow, block or unblock; a page is never blocked."""
    if choice == _FOLLOW:
        return _follow_somebody(state, person)
    if choice == _UNBLOCK:
        return _unblock_somebody(state, person)
    peer = somebody_followed(state, person)
    is_page = peer >= int(state.control[0]["persons"])
    if peer < 0 or (is_page and choice == _BLOCK):
        return NOTHING
    if choice == _UNFOLLOW:
        return intend(Action.UNFOLLOW.value, Via.PROFILE.value, peer)
    return block(state, person, peer, Via.MORE_OPTIONS.value)


@part
def block(state: State, person: int, peer: int, via: int) -> Intention:
    """Block somebody, and keep in mind whom."""
    state.profiles[person]["last_blocked"] = peer
    return intend(Action.BLOCK_USER.value, via, peer)


@rare_part
def _follow_somebody(state: State, person: int) -> Intention:
    """Follow a friend of a friend (R4, Q21): somebody whom a followed person follows."""
    known = somebody_followed(state, person)
    if known < 0:
        return NOTHING
    account = state.accounts[known]
    count = int(account["follows"])
    if count == 0:
        return NOTHING
    pick = below(draw_now(state, person, FRIEND_OF_FRIEND), count)
    peer = int(state.links[int(account["follow_start"]) + pick])
    if peer == person:
        return NOTHING
    return intend(Action.FOLLOW.value, Via.PROFILE.value, peer)


@rare_part
def _unblock_somebody(state: State, person: int) -> Intention:
    peer = int(state.profiles[person]["last_blocked"])
    if peer < 0:
        return NOTHING
    i = pair_of(state, person, peer)
    state.profiles[person]["last_blocked"] = -1
    if not has(state, i, BLOCKS, side_of(state, i, person)):
        return NOTHING
    return intend(Action.UNBLOCK_USER.value, Via.MORE_OPTIONS.value, peer)


@part
def by_list(state: State, person: int) -> int:
    """How one reaches the actions on a conversation in the list (R46, R49, R86, R93)."""
    platform = int(state.accounts[person]["platform"])
    if platform == Platform.IOS:
        return Via.SWIPE.value
    return Via.LONG_PRESS.value if platform == Platform.ANDROID else Via.MORE_OPTIONS.value


@rare_part
def _conversation(  # noqa: PLR0911 - one per choice
    state: State, person: int, choice: int
) -> Intention:
    """Something about a conversation: reading it again, receipts, deleting, muting."""
    account = state.accounts[person]
    if choice == _UNMUTE:
        peer = int(state.profiles[person]["last_muted"])
        state.profiles[person]["last_muted"] = -1
        if peer < 0:
            return NOTHING
        return intend(Action.UNMUTE_CONVERSATION.value, Via.MORE_OPTIONS.value, peer)
    asks = choice in (_CHECK_READ, _CHECK_PRESENCE)
    peer = int(account["addressee"]) if asks else int(account["recent"])
    if peer < 0:
        return NOTHING
    if choice == _CHECK_READ:
        return intend(Action.CHECK_READ.value, Via.CHAT.value, peer)
    if choice == _CHECK_PRESENCE:
        return intend(Action.CHECK_PRESENCE.value, Via.INBOX.value, peer)
    if choice == _REREAD:
        return intend(Action.READ_THREAD.value, Via.INBOX.value, peer)
    if choice == _DELETE_MESSAGE:
        return intend(Action.DELETE_MESSAGE.value, Via.LONG_PRESS.value, peer)
    if choice == _DELETE_CONVERSATION:
        return intend(Action.DELETE_CONVERSATION.value, by_list(state, person), peer)
    state.profiles[person]["last_muted"] = peer
    inside = (draw_now(state, person, DETAIL) & 1) == 0
    via = Via.CHAT.value if inside else by_list(state, person)
    return intend(Action.MUTE_CONVERSATION.value, via, peer)


@rare_part
def _own_affairs(  # noqa: PLR0911 - one per choice
    state: State, person: int, choice: int
) -> Intention:
    """Settings, stickers, videos, reports, a guardian's restriction."""
    if choice == _SETTING:
        setting = below(draw_now(state, person, NEW_SETTING), 4)
        return intend(Action.CHANGE_SETTING.value, Via.SETTINGS.value, setting=setting)
    if choice <= _NOTIFICATIONS:
        return _switch(state, person, choice)
    if choice == _STICKERS:
        return _manage_stickers(state, person)
    if choice == _VIDEO_PRIVACY:
        return _change_video_privacy(state, person)
    if choice in (_REPORT_ACCOUNT, _REPORT_CONTENT):
        return _report(state, person, choice == _REPORT_CONTENT)
    if choice == _TRESPASS:
        return _trespass(state, person)
    if choice == _READ_COMMENTS:
        return _read_comments(state, person)
    ward = int(state.profiles[person]["ward"])
    if choice != _RESTRICT or ward < 0:
        return NOTHING
    switch = 1 - int(state.accounts[ward]["restricted"])
    return intend(Action.RESTRICT_TEEN.value, Via.FAMILY_PAIRING.value, ward, switch=switch)


@rare_part
def _read_comments(state: State, person: int) -> Intention:
    """Read one of the newest comments under the brands' posts (R134, R144)."""
    comments = int(state.control[0]["comments"])
    if comments == 0:
        return NOTHING
    back = below(draw_now(state, person, READING), min(comments, _NEWEST_COMMENTS))
    return read_comment(state, comments - 1 - back)


@rare_part
def read_comment(state: State, comment: int) -> Intention:
    """Look at a comment with its answers, and the note of a private reply (R133, R134)."""
    page = int(state.comments[comment]["page"])
    return intend(Action.READ_COMMENT.value, Via.FEED.value, page, comment)


@rare_part
def _trespass(state: State, person: int) -> Intention:  # noqa: PLR0911 - one per try
    """Try what only others may: authors, guardians, who was asked, the platform's staff."""
    number = draw_now(state, person, DETAIL) % 9
    other = below(draw_now(state, person, OBJECT), int(state.control[0]["persons"]))
    videos = int(state.control[0]["videos"])
    if number == 0 or other == person:
        return intend(Action.REGISTER.value, Via.SIGN_UP.value)
    if number == 1:
        return intend(Action.RESTRICT_TEEN.value, Via.FAMILY_PAIRING.value, other, switch=1)
    if number == 2 and videos > 0:
        video = below(draw_now(state, person, OBJECT), videos)
        return intend(Action.CHANGE_VIDEO_PRIVACY.value, Via.VIDEO.value, uses=video, switch=1)
    if number == 3:
        found = Violation.MINOR.value
        via = Via.MODERATION.value
        return intend(Action.MODERATE.value, via, other, violation=found, switch=0)
    if number == 4:
        return intend(Action.STAFF_ACCESS.value, Via.MODERATION.value, other)
    if number == 5:
        return intend(Action.MAILING.value, Via.CAMPAIGN.value, other)
    if number == 6:
        return intend(Action.RESOLVE.value, Via.CARE_DESK.value, other)
    if number == 7:
        return intend(Action.DELETE_REQUEST.value, Via.REQUESTS.value, other)
    return intend(Action.ACCEPT_REQUEST.value, Via.REQUESTS.value, other)


@rare_part
def _switch(state: State, person: int, choice: int) -> Intention:
    """Turn one of the switches over (R7, R53, R56, R70)."""
    account = state.accounts[person]
    via = Via.SETTINGS.value
    if choice == _READ_STATUS:
        on = int(account["read_status"])
        return intend(Action.CHANGE_READ_STATUS.value, via, switch=1 - on)
    if choice == _REQUEST_FILTER:
        on = int(account["filter_requests"])
        return intend(Action.CHANGE_REQUEST_FILTER.value, Via.REQUESTS.value, switch=1 - on)
    if choice == _BUSINESS:
        on = int(account["allow_business"])
        return intend(Action.CHANGE_BUSINESS_MESSAGES.value, Via.REQUESTS.value, switch=1 - on)
    on = int(state.profiles[person]["notifications"])
    return intend(Action.CHANGE_NOTIFICATIONS.value, via, switch=1 - on)


@rare_part
def _manage_stickers(state: State, person: int) -> Intention:
    """Look at the sticker sets, add, order or remove one (R40-R44)."""
    number = draw_now(state, person, DETAIL) & 3
    via = Via.STICKER_PANEL.value
    if number == 0:
        return intend(Action.LIST_STICKER_SETS.value, via)
    if number == 1:
        fresh = below(draw_now(state, person, OBJECT), STICKER_SETS)
        return intend(Action.ADD_STICKER_SET.value, via, uses=fresh)
    uses = sticker_set(state, person)
    if number == 2:
        return intend(Action.REORDER_STICKER_SETS.value, via, uses=uses)
    return intend(Action.REMOVE_STICKER_SET.value, via, uses=uses)


@rare_part
def _change_video_privacy(state: State, person: int) -> Intention:
    """An author makes a video private, or public again (R30, R31): often what was shared last."""
    profile = state.profiles[person]
    own = int(profile["videos"])
    if own == 0:
        return NOTHING
    first = int(profile["video_start"])
    video = first + below(draw_now(state, person, OBJECT), own)
    shared = int(profile["shared"])
    is_own = int(profile["shared_kind"]) == ContentKind.VIDEO and first <= shared < first + own
    if is_own and (draw_now(state, person, DETAIL) & 1) == 0:
        video = shared
    switch = 1 - int(state.videos[video]["private"])
    return intend(Action.CHANGE_VIDEO_PRIVACY.value, Via.VIDEO.value, uses=video, switch=switch)


@rare_part
def _report(state: State, person: int, content: bool) -> Intention:
    """Report an account or content outside messages (R8, Q24)."""
    if not content:
        peer = int(state.accounts[person]["recent"])
        if peer < 0:
            return NOTHING
        return intend(Action.REPORT_ACCOUNT.value, Via.PROFILE.value, peer)
    videos = int(state.control[0]["videos"])
    if videos == 0:
        return NOTHING
    video = below(draw_now(state, person, OBJECT), videos)
    author = int(state.videos[video]["author"])
    if author == person:
        return NOTHING
    return intend(Action.REPORT_CONTENT.value, Via.VIDEO.value, author, video)
