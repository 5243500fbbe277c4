"""One action of one actor: decide by the rules, record the row, apply the effects."""

from typing import NamedTuple

from dmsim.engine.compiled import part
from dmsim.engine.conflicts import read_settings, touch_comment, touch_pair, write_settings
from dmsim.engine.draws import TEXT, VISIT, VISIT_DELAY, below, draw, quantile
from dmsim.engine.inboxes import stack
from dmsim.engine.pairs import (
    BLOCKS,
    CONTACT,
    FOLLOWS,
    HIGH_REQUESTED,
    has,
    pair_of,
    put,
    requester_side,
    set_unread,
    side_of,
    unread,
)
from dmsim.engine.queue import push
from dmsim.engine.state import State
from dmsim.rules.facts import CommentFacts, DeliveryFacts
from dmsim.rules.messaging import decide_message, decide_request, thread_for_sender
from dmsim.rules.private_replies import decide_private_reply
from dmsim.rules.resources import Resource, own_setting_counts, reading, writing
from dmsim.vocabulary import Action, Kind, Reason, Thread, Verdict, Via

#: Banks of texts, by purpose.
MESSAGE_TEXTS = 0
COMMENT_TEXTS = 1
PUBLIC_REPLY_TEXTS = 2
PRIVATE_REPLY_TEXTS = 3
ANSWER_TEXTS = 4

#: Rows of ``State.durations``.
THINK_TIMES = 0
VISIT_DELAYS = 1

#: What a heap entry asks for, in the low bit: the next step of a session, or a new visit.
STEP = 0
VISIT_EVENT = 1

#: What an action reads and writes, by its code; compiled code holds these as constants.
_READS_PAIR = reading(Resource.PAIR)
_WRITES_PAIR = writing(Resource.PAIR)
_READS_COMMENT = reading(Resource.COMMENT)
_READS_TARGET_SETTING = reading(Resource.TARGET_SETTING)
_READS_OWN_SETTING = reading(Resource.ACTOR_SETTING)
_WRITES_OWN_SETTING = writing(Resource.ACTOR_SETTING)

part(own_setting_counts)


class Intention(NamedTuple):
    """What an actor is about to do; fields without meaning for the action are -1."""

    action: Action | int
    target: int
    uses: int
    setting: int
    via: Via | int


@part
def intend(
    action: Action | int,
    via: Via | int,
    target: int = -1,
    uses: int = -1,
    setting: int = -1,
) -> Intention:
    """An intention whose fields are all of one width: adding 0 widens what was read narrow."""
    return Intention(action + 0, target + 0, uses + 0, setting + 0, via + 0)


@part
def delivery_facts(state: State, i: int, sender: int, recipient: int) -> DeliveryFacts:
    """Gather what the rules need to know of a pair, seen from the sender."""
    a = state.accounts[sender]
    b = state.accounts[recipient]
    side = side_of(state, i, sender)
    other = 1 - side
    return DeliveryFacts(
        int(a["registered"]) != 0,
        int(a["age"]),
        int(a["kind"]),
        int(a["setting"]),
        int(b["registered"]) != 0,
        int(b["age"]),
        int(b["kind"]),
        int(b["setting"]),
        has(state, i, FOLLOWS, side),
        has(state, i, FOLLOWS, other),
        has(state, i, CONTACT, 0),
        has(state, i, BLOCKS, side),
        has(state, i, BLOCKS, other),
        _thread_seen_by(state, i, side),
    )


@part
def _thread_seen_by(state: State, i: int, side: int) -> int:
    thread = int(state.pairs[i]["thread"])
    return int(thread_for_sender(thread, requester_side(state, i) == side))


@part
def _decide(state: State, actor: int, intention: Intention, i: int) -> tuple[int, int]:
    action = intention.action
    target = intention.target
    if action == Action.SEND_MESSAGE:
        verdict, reason = decide_message(delivery_facts(state, i, actor, target), state.policy)
        return verdict.value, reason.value
    if action in (Action.ACCEPT_REQUEST, Action.DELETE_REQUEST):
        verdict, reason = decide_request(_thread_seen_by(state, i, side_of(state, i, target)))
        return verdict.value, reason.value
    if action == Action.PRIVATE_REPLY:
        comment = state.comments[intention.uses]
        verdict, reason = decide_private_reply(
            delivery_facts(state, i, actor, target),
            CommentFacts(
                int(comment["publicly_replied"]) != 0, int(comment["privately_replied"]) != 0
            ),
            state.policy,
        )
        return verdict.value, reason.value
    return Verdict.DONE.value, Reason.NONE.value


@part
def _order(state: State, actor: int, intention: Intention, i: int) -> None:
    """Note which earlier rows the coming one must wait for."""
    action = intention.action
    if i >= 0:
        touch_pair(state, i)
    if _READS_COMMENT[action]:
        touch_comment(state, intention.uses)
    if _READS_TARGET_SETTING[action]:
        read_settings(state, i, intention.target)
    if _READS_OWN_SETTING[action] and own_setting_counts(state.policy):
        read_settings(state, i, actor)
    if _WRITES_OWN_SETTING[action]:
        write_settings(state, actor)


@part
def _text(state: State, actor: int, intention: Intention) -> int:
    """Choose a text from the bank of the purpose, in the language of the person involved."""
    action = intention.action
    speaker = actor
    if action == Action.COMMENT:
        bank = COMMENT_TEXTS
    elif action == Action.PUBLIC_REPLY:
        bank = PUBLIC_REPLY_TEXTS
    elif action == Action.PRIVATE_REPLY:
        bank = PRIVATE_REPLY_TEXTS
    elif action == Action.SEND_MESSAGE and int(state.accounts[actor]["kind"]) == Kind.BRAND:
        bank = ANSWER_TEXTS
    elif action == Action.SEND_MESSAGE:
        bank = MESSAGE_TEXTS
    else:
        return -1
    if int(state.accounts[actor]["kind"]) == Kind.BRAND:
        speaker = intention.target
    locale = int(state.accounts[speaker]["locale"])
    number = draw(int(state.control[0]["key"]), actor, TEXT, int(state.accounts[actor]["step"]))
    return int(state.banks[bank, locale, 0]) + below(number, int(state.banks[bank, locale, 1]))


@part
def _record(
    state: State, actor: int, intention: Intention, binds: int, verdict: int, reason: int
) -> int:
    """Write the trace row; its ``seq``, or -1 outside the recorded window."""
    control = state.control[0]
    control["actions"] = int(control["actions"]) + 1
    if int(control["recording"]) == 0:
        return -1
    n = int(control["rows"])
    control["rows"] = n + 1
    seq = int(control["next_seq"])
    control["next_seq"] = seq + 1
    row = state.rows[n]
    row["at"] = int(control["now"])
    row["actor"] = actor
    row["action"] = intention.action
    row["target"] = intention.target
    row["uses"] = intention.uses
    row["binds"] = binds
    row["text"] = _text(state, actor, intention)
    row["setting"] = intention.setting
    row["via"] = intention.via
    row["platform"] = int(state.accounts[actor]["platform"])
    row["verdict"] = verdict
    row["reason"] = reason
    row["afters_end"] = int(control["afters"])
    return seq


@part
def _deliver(state: State, i: int, actor: int, target: int, verdict: int) -> None:
    """A message arrives: the thread opens or is requested, and somebody may come to look."""
    control = state.control[0]
    side = side_of(state, i, actor)
    if verdict == Verdict.INBOX:
        state.pairs[i]["thread"] = Thread.ACCEPTED
    else:
        state.pairs[i]["thread"] = Thread.REQUESTED
        put(state, i, HIGH_REQUESTED, 0, side == 1)
    waiting = unread(state, i, 1 - side)
    set_unread(state, i, 1 - side, waiting + 1)
    if int(state.accounts[target]["kind"]) == Kind.BRAND:
        if waiting == 0:
            mail(state, target, actor, -1)
        return
    stack(state, target, i, 1 - side)
    step = int(state.accounts[actor]["step"])
    if draw(int(control["key"]), actor, VISIT, step) < int(control["notified_visit"]):
        delay = draw(int(control["key"]), actor, VISIT_DELAY, step)
        at = int(control["now"]) + quantile(state.durations[VISIT_DELAYS], delay)
        push(state, at, (target << 1) | VISIT_EVENT)


@part
def mail(state: State, page: int, person: int, comment: int) -> None:
    """Leave something for the page's care team, and note whether somebody idle would react."""
    team = int(state.pages[page - int(state.control[0]["persons"])]["team"])
    if team < 0:
        return
    n = int(state.control[0]["mail"])
    state.control[0]["mail"] = n + 1
    letter = state.mail[n]
    letter["at"] = int(state.control[0]["now"])
    letter["comment"] = comment
    letter["page"] = page
    letter["person"] = person
    if int(state.teams[team]["idle"]) > 0:
        state.control[0]["reacting"] = 1


@part
def _new_comment(state: State, author: int, page: int, post: int) -> int:
    n = int(state.control[0]["comments"])
    state.control[0]["comments"] = n + 1
    comment = state.comments[n]
    comment["last_seq"] = -1
    comment["post"] = post
    comment["page"] = page
    comment["author"] = author
    comment["publicly_replied"] = 0
    comment["privately_replied"] = 0
    return n


@part
def _apply(state: State, actor: int, intention: Intention, i: int, verdict: int) -> None:
    """Change the world as the action does; refused ones change nothing."""
    action = intention.action
    target = intention.target
    if verdict == Verdict.REFUSED:
        return
    if action == Action.SEND_MESSAGE:
        _deliver(state, i, actor, target, verdict)
    elif action == Action.READ_THREAD:
        set_unread(state, i, side_of(state, i, actor), 0)
    elif action == Action.ACCEPT_REQUEST:
        state.pairs[i]["thread"] = Thread.ACCEPTED
    elif action == Action.DELETE_REQUEST:
        state.pairs[i]["thread"] = Thread.DELETED
        set_unread(state, i, side_of(state, i, actor), 0)
    elif action in (Action.BLOCK_USER, Action.UNBLOCK_USER):
        put(state, i, BLOCKS, side_of(state, i, actor), action == Action.BLOCK_USER)
    elif action in (Action.FOLLOW, Action.UNFOLLOW):
        put(state, i, FOLLOWS, side_of(state, i, actor), action == Action.FOLLOW)
    elif action == Action.CHANGE_SETTING:
        state.accounts[actor]["setting"] = intention.setting
    elif action == Action.PUBLIC_REPLY:
        state.comments[intention.uses]["publicly_replied"] = 1
    elif action == Action.PRIVATE_REPLY:
        state.comments[intention.uses]["privately_replied"] = 1
        _deliver(state, i, actor, target, verdict)


@part
def perform(state: State, actor: int, intention: Intention) -> int:
    """Do one action now: decide, order, record, apply. Returns the verdict's code."""
    action = intention.action
    on_pair = _READS_PAIR[action] or _WRITES_PAIR[action]
    i = pair_of(state, actor, intention.target) if on_pair else -1
    verdict, reason = _decide(state, actor, intention, i)
    _order(state, actor, intention, i)
    binds = -1
    if action == Action.COMMENT:
        binds = _new_comment(state, actor, intention.target, intention.uses)
    seq = _record(state, actor, intention, binds, verdict, reason)
    if i >= 0:
        state.pairs[i]["last_seq"] = seq
    if _WRITES_OWN_SETTING[action]:
        state.accounts[actor]["settings_seq"] = seq
    if _READS_COMMENT[action]:
        state.comments[intention.uses]["last_seq"] = seq
    if binds >= 0:
        state.comments[binds]["last_seq"] = seq
        mail(state, intention.target, actor, binds)
    _apply(state, actor, intention, i, verdict)
    return verdict
