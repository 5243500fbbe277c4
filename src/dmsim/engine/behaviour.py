"""What a person does next: visits, sessions, and the choice at each step of one."""

from dmsim.draws import (
    AGAIN,
    ANSWER_BRAND,
    BURST,
    BURST_GAP,
    CHOICE,
    DETAIL,
    LOOK_AT_FILTERED,
    MEMBERSHIP,
    REACTION,
    REPLY,
    REQUEST,
    SCALE,
    SESSION_LENGTH,
    THINK,
    WATCH_SHARED,
    quantile,
)
from dmsim.engine.choices import (
    begin_something,
    block,
    by_list,
    read_comment,
    watch_or_search,
)
from dmsim.engine.compiled import part, rare_part
from dmsim.engine.effects import BURST_GAPS, THINK_TIMES
from dmsim.engine.facts import standing_of
from dmsim.engine.inboxes import next_request, next_unread, stack
from dmsim.engine.intentions import NOTHING, Intention, intend
from dmsim.engine.messages import (
    business_message,
    choose_content,
    share_with,
    share_with_another,
    write,
    write_to_somebody,
)
from dmsim.engine.pages import comment_on_post, write_to_brand
from dmsim.engine.pairs import (
    EXPECTS_ANSWER,
    FILTERED,
    FOLLOWS,
    has,
    label,
    pair_of,
    peer_of,
    side_of,
    visible,
)
from dmsim.engine.queue import STEP, push
from dmsim.engine.state import AT_EASE, GONE, SILENT, WATCHING, State
from dmsim.engine.streams import draw_now
from dmsim.vocabulary import Action, Kind, Reason, Standing, Verdict, Via

#: What an event asks of an actor besides a step of a session: a visit, a look at the feed, a word
#: to a brand; in the order of the arrivals' kinds.
VISIT = 1
FEED = 2
WRITE = 3

# What a step is for: nothing in particular, the thread just read, another way after a refusal, the
# next addressee of a share, the next message in a row.
_NO_ERRAND = 0
_ANSWER = 1
_TRY_AGAIN = 2
_SHARE_ON = 3
_WRITE_ON = 4

# Half of the shared videos are watched; of filtered requests a quarter are looked at.
_WATCHES_SHARED = SCALE >> 1
_LOOKS_AT_FILTERED = SCALE >> 2
# Unasked messages of brands are answered so much more rarely (a power of 2).
_LEFT_ALONE = 3
# A conversation of so few messages shows the banner for new ones (R90).
_NEW_CONVERSATION = 3
# Addressees of one share follow each other at once; these refusals would meet all of them.
_SHARE_PAUSE_US = 1_000
_STOPS_SHARING = (Reason.SENDER_SANCTIONED, Reason.CONTENT_PRIVATE)


@part
def choose(state: State, actor: int, what: int) -> Intention:
    """The next action of an actor to whom something happens."""
    if int(state.accounts[actor]["kind"]) == Kind.BRAND:
        return business_message(state, actor)
    if int(state.accounts[actor]["mood"]) == GONE:
        return NOTHING
    if what == FEED:
        return comment_on_post(state, actor)
    if what == WRITE:
        return write_to_brand(state, actor)
    if what == VISIT:
        return _begin_session(state, actor)
    return _continue_session(state, actor)


@part
def _begin_session(state: State, person: int) -> Intention:
    """A person opens the inbox (R20), unless already there or without an account."""
    account = state.accounts[person]
    if int(account["steps_left"]) > 0:
        return NOTHING
    account["focus"] = -1
    account["listed"] = 0
    account["errand"] = _NO_ERRAND
    if int(account["mood"]) == WATCHING:
        account["mood"] = AT_EASE
    if int(account["registered"]) == 0:
        return _without_account(state, person)
    table = state.sessions[int(account["archetype"])]
    account["steps_left"] = quantile(table, draw_now(state, person, SESSION_LENGTH))
    return intend(Action.OPEN_INBOX.value, Via.INBOX.value)


@rare_part
def _without_account(state: State, person: int) -> Intention:
    """Sign up (R11), try to write all the same, or only watch."""
    archetype = state.archetypes[int(state.accounts[person]["archetype"])]
    number = draw_now(state, person, MEMBERSHIP)
    if number < int(archetype["register"]):
        return intend(Action.REGISTER.value, Via.SIGN_UP.value)
    if (number & 1) == 0:
        return write_to_somebody(state, person)
    return watch_or_search(state, person, True)


@part
def _continue_session(state: State, person: int) -> Intention:
    """A step: finish what was begun, answer, read, look at requests, or begin something."""
    account = state.accounts[person]
    if int(account["mood"]) == WATCHING:
        return _only_watch(state, person)
    if int(account["errand"]) != _NO_ERRAND:
        intention = _run_errand(state, person)
        if intention.action >= 0:
            return intention
    if int(account["mentioned"]) != 0:
        account["mentioned"] = 0
        return read_comment(state, int(state.profiles[person]["commented"]))
    i = next_unread(state, person)
    if i >= 0:
        peer = peer_of(state, i, person)
        account["focus"] = peer
        account["recent"] = peer
        account["errand"] = _ANSWER
        return intend(Action.READ_THREAD.value, Via.INBOX.value, peer)
    if int(account["requests_head"]) >= 0:
        intention = _look_at_requests(state, person)
        if intention.action >= 0:
            return intention
    return begin_something(state, person)


@rare_part
def _only_watch(state: State, person: int) -> Intention:
    """Who may not use messages watches; now and then the door is tried (R12, R82)."""
    if draw_now(state, person, CHOICE) < int(
        state.choices[int(state.accounts[person]["archetype"]), 0]
    ):
        return write_to_somebody(state, person)
    return watch_or_search(state, person, (draw_now(state, person, DETAIL) & 3) != 0)


@rare_part
def _run_errand(state: State, person: int) -> Intention:
    account = state.accounts[person]
    errand = int(account["errand"])
    account["errand"] = _NO_ERRAND
    peer = int(account["focus"])
    if errand == _SHARE_ON:
        return share_with_another(state, person)
    if errand == _WRITE_ON:
        return write(state, person, peer, Via.CHAT.value)
    if errand == _TRY_AGAIN:
        return _try_another_way(state, person, peer)
    return _react_to_message(state, person, peer)


@rare_part
def _try_another_way(state: State, person: int, peer: int) -> Intention:
    """After a refusal: follow the addressee, or share something instead of writing."""
    i = pair_of(state, person, peer)
    if not has(state, i, FOLLOWS, side_of(state, i, person)):
        return intend(Action.FOLLOW.value, Via.PROFILE.value, peer)
    choose_content(state, person)
    return share_with(state, person, peer)


@part
def _react_to_message(state: State, person: int, peer: int) -> Intention:
    """Report a violation (R85-R90), watch what was shared, answer (R32), or leave it."""
    archetype = state.archetypes[int(state.accounts[person]["archetype"])]
    i = pair_of(state, person, peer)
    side = side_of(state, i, person)
    number = draw_now(state, person, REACTION)
    if label(state, i, side) > 0 and number < int(archetype["report_message"]):
        return _report_message(state, person, i, peer, number)
    video = int(state.pairs[i]["video"])
    if video >= 0:
        author = int(state.videos[video]["author"])
        if author != person and draw_now(state, person, WATCH_SHARED) < _WATCHES_SHARED:
            state.pairs[i]["video"] = -1
            # The message itself may be answered after the video.
            state.accounts[person]["errand"] = _ANSWER
            return intend(Action.WATCH_VIDEO.value, Via.CHAT.value, author, video)
    if int(state.accounts[peer]["kind"]) == Kind.BRAND:
        return _answer_brand(state, person, i, peer)
    if draw_now(state, person, REPLY) < int(archetype["reply"]):
        return write(state, person, peer, Via.CHAT.value)
    return NOTHING


@rare_part
def _answer_brand(state: State, person: int, i: int, peer: int) -> Intention:
    """Answer a brand that asks for it (R122, R171); other messages of brands are mostly left."""
    chance = int(state.control[0]["answers"])
    if not has(state, i, EXPECTS_ANSWER, 0):
        archetype = state.archetypes[int(state.accounts[person]["archetype"])]
        chance = int(archetype["reply"]) >> _LEFT_ALONE
    if draw_now(state, person, ANSWER_BRAND) < chance:
        return write(state, person, peer, Via.CHAT.value)
    return NOTHING


@rare_part
def _report_message(state: State, person: int, i: int, peer: int, number: int) -> Intention:
    """One of the ways to report what was received (R85-R90)."""
    if (number & 1) == 0:
        return intend(Action.REPORT_MESSAGE.value, Via.LONG_PRESS.value, peer)
    is_new = visible(state, i, side_of(state, i, person)) <= _NEW_CONVERSATION
    if is_new and (number & 8) == 0:
        return intend(Action.REPORT_CONVERSATION.value, Via.BANNER.value, peer)
    via = by_list(state, person)
    if (number & 6) == 0:
        via = Via.CHAT.value
    elif (number & 6) == 2:
        via = Via.MORE_OPTIONS.value
    return intend(Action.REPORT_CONVERSATION.value, via, peer)


@part
def _look_at_requests(state: State, person: int) -> Intention:
    """List the requests, then decide on the newest; filtered ones are mostly left alone."""
    account = state.accounts[person]
    if int(account["listed"]) == 0:
        account["listed"] = 1
        return intend(Action.LIST_REQUESTS.value, Via.INBOX.value)
    i = next_request(state, person)
    if i < 0:
        return NOTHING
    if has(state, i, FILTERED, 0) and int(account["listed"]) == 1:
        if draw_now(state, person, LOOK_AT_FILTERED) >= _LOOKS_AT_FILTERED:
            return NOTHING
        account["listed"] = 2
        stack(state, person, i, side_of(state, i, person))
        return intend(Action.LIST_FILTERED.value, Via.REQUESTS.value)
    return _react_to_request(state, person, peer_of(state, i, person))


@part
def _react_to_request(state: State, person: int, peer: int) -> Intention:
    """Accept, delete, report, block or ignore (R64, R93)."""
    archetype = state.archetypes[int(state.accounts[person]["archetype"])]
    state.accounts[person]["recent"] = peer
    number = draw_now(state, person, REQUEST)
    accept = int(archetype["accept_request"])
    delete = accept + int(archetype["delete_request"])
    report = delete + int(archetype["report_request"])
    blocked = report + int(archetype["block_requester"])
    if number < accept:
        state.accounts[person]["focus"] = peer
        state.accounts[person]["errand"] = _ANSWER
        return intend(Action.ACCEPT_REQUEST.value, Via.REQUESTS.value, peer)
    if number < delete:
        return intend(Action.DELETE_REQUEST.value, Via.REQUESTS.value, peer)
    if number < report:
        return intend(Action.REPORT_REQUEST.value, Via.REQUESTS.value, peer)
    if number < blocked:
        return block(state, person, peer, by_list(state, person))
    return NOTHING


@part
def go_on(
    state: State, person: int, what: int, intention: Intention, verdict: int, reason: int
) -> None:
    """After the action: take the verdict in, and plan the next step of the session."""
    account = state.accounts[person]
    if int(account["kind"]) != Kind.PERSON:
        return
    if verdict == Verdict.REFUSED:
        _take_refusal(state, person, intention, reason)
    if what == FEED or (what == VISIT and intention.action != Action.OPEN_INBOX):
        return
    if what == WRITE:
        if int(account["steps_left"]) > 0:
            return
        # A row of messages is a short session of its own, which is over with its last.
        account["steps_left"] = 1
    _plan_errand(state, person, intention, verdict, reason)
    errand = int(account["errand"])
    left = int(account["steps_left"])
    # All addressees of a share are one step, and so are all messages in a row.
    if what != VISIT and errand not in (_SHARE_ON, _WRITE_ON):
        left -= 1
        account["steps_left"] = left
    if left <= 0:
        return
    push(state, int(state.control[0]["now"]) + _pause(state, person), (person << 1) | STEP)


@part
def _plan_errand(
    state: State, person: int, intention: Intention, verdict: int, reason: int
) -> None:
    """Whether the next step shares on with somebody, or writes one more message in a row."""
    account = state.accounts[person]
    if intention.action == Action.SHARE_CONTENT and reason not in _STOPS_SHARING:
        archetype = state.archetypes[int(account["archetype"])]
        if draw_now(state, person, AGAIN) < int(archetype["another_addressee"]):
            account["errand"] = _SHARE_ON
        return
    wrote = intention.action == Action.SEND_MESSAGE and verdict != Verdict.REFUSED
    if wrote and draw_now(state, person, BURST) < int(state.control[0]["burst"]):
        account["errand"] = _WRITE_ON
        account["focus"] = intention.target


@part
def _pause(state: State, person: int) -> int:
    """The µs until the next step."""
    errand = int(state.accounts[person]["errand"])
    if errand == _SHARE_ON:
        return _SHARE_PAUSE_US
    if errand == _WRITE_ON:
        return quantile(state.durations[BURST_GAPS], draw_now(state, person, BURST_GAP))
    return quantile(state.durations[THINK_TIMES], draw_now(state, person, THINK))


@rare_part
def _take_refusal(state: State, person: int, intention: Intention, reason: int) -> None:
    """Give up, try another way, fall silent, only watch, or stay away."""
    account = state.accounts[person]
    if reason == Reason.SENDER_SANCTIONED:
        standing = standing_of(state, person)
        account["errand"] = _NO_ERRAND
        account["mood"] = SILENT
        if standing == Standing.VIEW_ONLY:
            account["mood"] = WATCHING
        elif standing == Standing.BANNED:
            account["mood"] = GONE
            account["steps_left"] = 0
        return
    if intention.action == Action.OPEN_INBOX:
        account["mood"] = WATCHING
        return
    if intention.action != Action.SEND_MESSAGE or reason > Reason.SETTING:
        return
    archetype = state.archetypes[int(account["archetype"])]
    may_help = reason in (Reason.SETTING, Reason.STRANGER_LIMIT)
    if may_help and draw_now(state, person, AGAIN) < int(archetype["try_again"]):
        account["focus"] = intention.target
        account["errand"] = _TRY_AGAIN
