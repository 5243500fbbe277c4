"""What a person does next: visits, sessions, and the choice at each step of one."""

from dmsim.engine.actions import STEP, THINK_TIMES, Intention, intend, perform
from dmsim.engine.compiled import part
from dmsim.engine.draws import (
    ADDRESSEE,
    ADDRESSEE_KIND,
    CHOICE,
    FRIEND_OF_FRIEND,
    NEW_SETTING,
    POST,
    REPLY,
    REQUEST,
    SESSION_LENGTH,
    THINK,
    below,
    draw,
    quantile,
)
from dmsim.engine.inboxes import next_request, next_unread
from dmsim.engine.pairs import BLOCKS, FOLLOWS, has, pair_of, peer_of, side_of
from dmsim.engine.queue import push
from dmsim.engine.state import State
from dmsim.vocabulary import Action, Via

NOTHING = Intention(-1, -1, -1, -1, -1)


@part
def _draw(state: State, person: int, purpose: int) -> int:
    return draw(int(state.control[0]["key"]), person, purpose, int(state.accounts[person]["step"]))


@part
def advance_step(state: State, person: int) -> None:
    """Move a person's random streams on; once per event of that person."""
    state.accounts[person]["step"] = int(state.accounts[person]["step"]) + 1


@part
def _schedule_step(state: State, person: int) -> None:
    wait = quantile(state.durations[THINK_TIMES], _draw(state, person, THINK))
    push(state, int(state.control[0]["now"]) + wait, (person << 1) | STEP)


@part
def start_session(state: State, person: int) -> None:
    """A person opens the inbox (R20), unless already there."""
    account = state.accounts[person]
    if int(account["steps_left"]) > 0:
        return
    table = state.sessions[int(account["archetype"])]
    account["steps_left"] = quantile(table, _draw(state, person, SESSION_LENGTH))
    account["focus"] = -1
    account["listed"] = 0
    perform(state, person, intend(Action.OPEN_INBOX.value, Via.INBOX.value))
    _schedule_step(state, person)


@part
def continue_session(state: State, person: int) -> None:
    """One step of a session: choose, act, think."""
    intention = choose(state, person)
    if intention.action >= 0:
        perform(state, person, intention)
    account = state.accounts[person]
    left = int(account["steps_left"]) - 1
    account["steps_left"] = left
    if left > 0:
        _schedule_step(state, person)


@part
def choose(state: State, person: int) -> Intention:
    """The next action in a session: answer, read, look at requests, or begin something."""
    account = state.accounts[person]
    archetype = state.archetypes[int(account["archetype"])]
    peer = int(account["focus"])
    if peer >= 0:
        account["focus"] = -1
        if _draw(state, person, REPLY) < int(archetype["reply"]):
            return intend(Action.SEND_MESSAGE.value, Via.INBOX.value, peer)
    i = next_unread(state, person)
    if i >= 0:
        peer = peer_of(state, i, person)
        account["focus"] = peer
        return intend(Action.READ_THREAD.value, Via.INBOX.value, peer)
    if int(account["requests_head"]) >= 0:
        if int(account["listed"]) == 0:
            account["listed"] = 1
            return intend(Action.LIST_REQUESTS.value, Via.INBOX.value)
        i = next_request(state, person)
        if i >= 0:
            return _react_to_request(state, person, peer_of(state, i, person))
    return _begin_something(state, person)


@part
def _react_to_request(state: State, person: int, peer: int) -> Intention:
    """Accept, delete, block or ignore (R64, R93)."""
    archetype = state.archetypes[int(state.accounts[person]["archetype"])]
    number = _draw(state, person, REQUEST)
    accept = int(archetype["accept_request"])
    delete = accept + int(archetype["delete_request"])
    block = delete + int(archetype["block_requester"])
    if number < accept:
        state.accounts[person]["focus"] = peer
        return intend(Action.ACCEPT_REQUEST.value, Via.REQUESTS.value, peer)
    if number < delete:
        return intend(Action.DELETE_REQUEST.value, Via.REQUESTS.value, peer)
    if number < block:
        state.accounts[person]["last_blocked"] = peer
        return intend(Action.BLOCK_USER.value, Via.REQUESTS.value, peer)
    return NOTHING


@part
def _begin_something(state: State, person: int) -> Intention:  # noqa: PLR0911 - one per choice
    """With nothing waiting: write to somebody, change a setting, follow, block, or only look."""
    account = state.accounts[person]
    archetype = state.archetypes[int(account["archetype"])]
    number = _draw(state, person, CHOICE)
    if number < int(archetype["choose_message"]):
        return _write_to_somebody(state, person)
    if number < int(archetype["choose_setting"]):
        setting = below(_draw(state, person, NEW_SETTING), 4)
        return intend(Action.CHANGE_SETTING.value, Via.SETTINGS.value, setting=setting)
    if number < int(archetype["choose_follow"]):
        return _follow_somebody(state, person)
    if number < int(archetype["choose_unfollow"]):
        return _leave_somebody(state, person, Action.UNFOLLOW.value)
    if number < int(archetype["choose_block"]):
        return _leave_somebody(state, person, Action.BLOCK_USER.value)
    if number < int(archetype["choose_unblock"]):
        return _unblock_somebody(state, person)
    return NOTHING


@part
def _leave_somebody(state: State, person: int, action: int) -> Intention:
    """Unfollow or block somebody followed; a page is only unfollowed."""
    peer = _somebody_followed(state, person)
    is_page = peer >= int(state.control[0]["persons"])
    if peer < 0 or (is_page and action == Action.BLOCK_USER):
        return NOTHING
    if action == Action.BLOCK_USER:
        state.accounts[person]["last_blocked"] = peer
    return intend(action, Via.PROFILE.value, peer)


@part
def _write_to_somebody(state: State, person: int) -> Intention:
    """Choose an addressee: somebody followed (R33, R37), a synced contact (R66), or a stranger."""
    number = _draw(state, person, ADDRESSEE_KIND)
    pick = _draw(state, person, ADDRESSEE)
    account = state.accounts[person]
    peer = -1
    via = Via.PROFILE.value
    if number < int(state.control[0]["addressee_followed"]):
        peer = _somebody_followed(state, person)
    elif number < int(state.control[0]["addressee_contact"]):
        via = Via.SHARE_SHEET.value
        count = int(account["contacts"])
        if count > 0:
            peer = int(state.contacts[int(account["contact_start"]) + below(pick, count)])
    else:
        peer = below(pick, int(state.control[0]["persons"]))
    if peer < 0 or peer == person:
        return NOTHING
    return intend(Action.SEND_MESSAGE.value, via, peer)


@part
def _somebody_followed(state: State, person: int) -> int:
    account = state.accounts[person]
    count = int(account["follows"])
    if count == 0:
        return -1
    pick = _draw(state, person, ADDRESSEE)
    peer = int(state.links[int(account["follow_start"]) + below(pick, count)])
    i = pair_of(state, person, peer)
    return peer if has(state, i, FOLLOWS, side_of(state, i, person)) else -1


@part
def _follow_somebody(state: State, person: int) -> Intention:
    """Follow a friend of a friend (R4, Q21): somebody whom a followed person follows."""
    known = _somebody_followed(state, person)
    if known < 0:
        return NOTHING
    account = state.accounts[known]
    count = int(account["follows"])
    if count == 0:
        return NOTHING
    pick = below(_draw(state, person, FRIEND_OF_FRIEND), count)
    peer = int(state.links[int(account["follow_start"]) + pick])
    if peer == person:
        return NOTHING
    return intend(Action.FOLLOW.value, Via.PROFILE.value, peer)


@part
def _unblock_somebody(state: State, person: int) -> Intention:
    peer = int(state.accounts[person]["last_blocked"])
    if peer < 0:
        return NOTHING
    i = pair_of(state, person, peer)
    state.accounts[person]["last_blocked"] = -1
    if not has(state, i, BLOCKS, side_of(state, i, person)):
        return NOTHING
    return intend(Action.UNBLOCK_USER.value, Via.PROFILE.value, peer)


@part
def comment_on_post(state: State, person: int) -> None:
    """A visit to the feed: comment on a post of one of the followed pages, if there is one.

    Pages have the highest ids, so they end a person's sorted list of follows.
    """
    account = state.accounts[person]
    persons = int(state.control[0]["persons"])
    start = int(account["follow_start"])
    end = start + int(account["follows"])
    first = end
    while first > start and int(state.links[first - 1]) >= persons:
        first -= 1
    if first == end:
        return
    page = int(state.links[first + below(_draw(state, person, ADDRESSEE), end - first)])
    posts = state.pages[page - persons]
    post = int(posts["first_post"]) + below(_draw(state, person, POST), int(posts["posts"]))
    perform(state, person, intend(Action.COMMENT.value, Via.FEED.value, page, uses=post))
