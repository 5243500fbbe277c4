"""How an action changes the world."""

from dmsim.draws import (
    FORGETTING,
    MENTION_DELAY,
    MENTION_VISIT,
    OPENING,
    OPENING_DELAY,
    SCALE,
    VISIT,
    VISIT_DELAY,
    draw,
    moment_of,
    quantile,
)
from dmsim.engine.compiled import part, rare_part
from dmsim.engine.facts import (
    HOUR_US,
    SECOND_US,
    page_of,
    recent_reports,
    standing_of,
    video_named,
)
from dmsim.engine.inboxes import stack
from dmsim.engine.intentions import Intention
from dmsim.engine.pairs import (
    BLOCKS,
    BY_PRIVATE_REPLY,
    EXPECTS_ANSWER,
    FILTERED,
    FOLLOWS,
    HIGH_REQUESTED,
    MUTED,
    has,
    label,
    put,
    requester_side,
    set_label,
    set_unread,
    set_visible,
    side_of,
    unread,
    visible,
)
from dmsim.engine.queue import VISIT_EVENT, push
from dmsim.engine.state import MailKind, State
from dmsim.rules.messaging import thread_for_sender
from dmsim.rules.sanctions import History, bans_device, penalty
from dmsim.vocabulary import Action, Kind, Standing, Thread, Verdict, Via, Violation

#: Rows of ``State.durations``.
THINK_TIMES = 0
VISIT_DELAYS = 1
TOLD_DELAYS = 2
UNTOLD_DELAYS = 3
FORGETTING_TIMES = 4
BURST_GAPS = 5

_REPORTS = (
    Action.REPORT_MESSAGE,
    Action.REPORT_CONVERSATION,
    Action.REPORT_REQUEST,
    Action.REPORT_ACCOUNT,
    Action.REPORT_CONTENT,
)
_OUTSIDE_MESSAGES = (Action.REPORT_ACCOUNT, Action.REPORT_CONTENT)
_MESSAGES = (
    Action.SEND_MESSAGE,
    Action.SHARE_CONTENT,
    Action.PRIVATE_REPLY,
    Action.FOLLOW_UP,
    Action.MAILING,
    Action.SPONSORED_MESSAGE,
)


@part
def apply(state: State, actor: int, intention: Intention, i: int, verdict: int) -> None:
    """Change the world as the action does; what is refused, or only looked at, changes nothing."""
    if verdict in (Verdict.REFUSED, Verdict.SHOWN, Verdict.HIDDEN):
        return
    action = intention.action
    if action in _MESSAGES:
        _apply_message(state, actor, intention, i, verdict)
    elif i >= 0 and action in _REPORTS:
        _report(state, i, actor, intention)
    elif i >= 0:
        _apply_to_pair(state, actor, intention, i)
    else:
        _apply_to_account(state, actor, intention)


@part
def _apply_message(state: State, actor: int, intention: Intention, i: int, verdict: int) -> None:
    if verdict == Verdict.REMOVED:
        _note_removal(state, actor, intention.violation)
        return
    if int(state.accounts[actor]["kind"]) == Kind.BRAND:
        _note_brand_message(state, actor, intention, i)
    elif int(state.accounts[intention.target]["kind"]) == Kind.BRAND:
        state.pairs[i]["answered"] = int(state.control[0]["now"])
    _place(state, i, side_of(state, i, actor), verdict)
    other = 1 - side_of(state, i, actor)
    set_label(state, i, other, max(intention.violation, 0))
    video = video_named(intention)
    if video >= 0:
        state.pairs[i]["video"] = video
    _notify(state, i, actor, intention)


@rare_part
def _note_brand_message(state: State, actor: int, intention: Intention, i: int) -> None:
    """What a brand's message means for later ones, and for whom it reaches."""
    action = intention.action
    now = int(state.control[0]["now"])
    page = page_of(state, actor)
    by_agent = action == Action.SEND_MESSAGE and intention.via == Via.CARE_DESK
    by_robot = action == Action.MAILING and intention.switch == 1
    expects = by_agent or by_robot or action in (Action.PRIVATE_REPLY, Action.FOLLOW_UP)
    put(state, i, EXPECTS_ANSWER, 0, expects)
    if action == Action.PRIVATE_REPLY:
        state.comments[intention.uses]["privately_replied"] = 1
        is_requester = requester_side(state, i) == side_of(state, i, actor)
        if thread_for_sender(int(state.pairs[i]["thread"]), is_requester) != Thread.ACCEPTED:
            put(state, i, BY_PRIVATE_REPLY, 0, True)
        same_hour = int(page["hour"]) == now // HOUR_US
        page["private_replies"] = (int(page["private_replies"]) if same_hour else 0) + 1
        page["hour"] = now // HOUR_US
    elif action in (Action.MAILING, Action.SPONSORED_MESSAGE):
        same_second = int(page["second"]) == now // SECOND_US
        page["mailed"] = (int(page["mailed"]) if same_second else 0) + 1
        page["second"] = now // SECOND_US


@part
def _place(state: State, i: int, side: int, verdict: int) -> None:
    """Open the conversation, or count one more message that waits to be accepted."""
    pair = state.pairs[i]
    is_requester = requester_side(state, i) == side
    seen = thread_for_sender(int(pair["thread"]), is_requester)
    if verdict == Verdict.INBOX:
        if int(pair["thread"]) == Thread.NONE:
            put(state, i, HIGH_REQUESTED, 0, side == 1)
        pair["thread"] = Thread.ACCEPTED
        pair["requested"] = 0
        put(state, i, FILTERED, 0, False)
    else:
        before = 0 if seen == Thread.NONE else int(pair["requested"])
        pair["requested"] = min(before + 1, 32767)
        pair["thread"] = Thread.REQUESTED
        put(state, i, HIGH_REQUESTED, 0, side == 1)
        put(state, i, FILTERED, 0, verdict == Verdict.FILTERED)
    set_visible(state, i, 0, visible(state, i, 0) + 1)
    set_visible(state, i, 1, visible(state, i, 1) + 1)


@part
def _notify(state: State, i: int, actor: int, intention: Intention) -> None:
    """The message waits for the recipient, who may come to look unless nothing tells of it."""
    control = state.control[0]
    target = intention.target
    side = 1 - side_of(state, i, actor)
    waiting = unread(state, i, side)
    set_unread(state, i, side, waiting + 1)
    if int(state.accounts[target]["kind"]) != Kind.PERSON:
        if waiting == 0:
            mail(state, MailKind.MESSAGE.value, target, actor, -1, 0, -1)
        return
    stack(state, target, i, side)
    # Muting stops the notification, not the delivery (R51).
    if has(state, i, MUTED, side) or int(state.profiles[target]["notifications"]) == 0:
        return
    if intention.action == Action.PRIVATE_REPLY:
        _tell_commenter(state, intention)
        return
    step = int(state.accounts[actor]["step"])
    if draw(int(control["key"]), actor, VISIT, step) < int(control["notified_visit"]):
        delay = draw(int(control["key"]), actor, VISIT_DELAY, step)
        at = int(control["now"]) + quantile(state.durations[VISIT_DELAYS], delay)
        push(state, at, (target << 1) | VISIT_EVENT)


@rare_part
def _tell_commenter(state: State, intention: Intention) -> None:
    """A private reply that was announced is looked at sooner, and by more (R168).

    Of one that was not, who has forgotten the comment by then takes no notice (R163). All is drawn
    by the author and the moment of the comment: who answered it, and when, has no say in it.
    """
    control = state.control[0]
    comment = state.comments[intention.uses]
    key = int(control["key"])
    author = intention.target
    moment = moment_of(int(comment["at"]))
    told = int(comment["announced"]) != 0
    age = int(control["now"]) - int(comment["at"])
    remembers = quantile(state.durations[FORGETTING_TIMES], draw(key, author, FORGETTING, moment))
    if not told and age > remembers:
        return
    opens = int(control["opens_told"]) if told else int(control["opens_untold"])
    if draw(key, author, OPENING, moment) < opens:
        table = TOLD_DELAYS if told else UNTOLD_DELAYS
        delay = quantile(state.durations[table], draw(key, author, OPENING_DELAY, moment))
        push(state, int(control["now"]) + delay, (author << 1) | VISIT_EVENT)


@rare_part
def _mention(state: State, intention: Intention) -> None:
    """Who is mentioned in an answer learns of it, and may come to look (R161-R163)."""
    control = state.control[0]
    author = intention.target
    if int(state.accounts[author]["kind"]) != Kind.PERSON:
        return
    state.accounts[author]["mentioned"] = 1
    state.profiles[author]["commented"] = intention.uses
    if int(state.profiles[author]["notifications"]) == 0:
        return
    key = int(control["key"])
    moment = moment_of(int(state.comments[intention.uses]["at"]))
    if draw(key, author, MENTION_VISIT, moment) < int(control["notified_visit"]):
        delay = quantile(state.durations[VISIT_DELAYS], draw(key, author, MENTION_DELAY, moment))
        push(state, int(control["now"]) + delay, (author << 1) | VISIT_EVENT)


@rare_part
def _note_removal(state: State, actor: int, violation: int) -> None:
    """Automatic moderation acts on what it removed (R75).

    Its hits earn it false alarms, as many as its precision says.
    """
    control = state.control[0]
    hit = violation > Violation.NONE
    change = int(control["alarms_per_hit"]) if hit else -SCALE
    control["alarms_due"] = int(control["alarms_due"]) + change
    mail(state, MailKind.REMOVAL.value, int(control["staff"]), actor, -1, max(violation, 0), -1)


@rare_part
def mail(
    state: State, kind: int, page: int, person: int, comment: int, violation: int, topic: int
) -> None:
    """Leave something for whoever serves a page, who learns of it at this very moment."""
    team = int(state.pages[page - int(state.control[0]["persons"])]["team"])
    if team < 0:
        return
    n = int(state.control[0]["mail"])
    state.control[0]["mail"] = n + 1
    letter = state.mail[n]
    letter["at"] = int(state.control[0]["now"])
    letter["kind"] = kind
    letter["comment"] = comment
    letter["page"] = page
    letter["person"] = person
    letter["violation"] = violation
    letter["topic"] = topic
    state.control[0]["reacting"] = 1


@rare_part
def _report(state: State, i: int, actor: int, intention: Intention) -> None:
    """A report counts against the account and waits for a moderator (R8, R76, R85)."""
    target = intention.target
    outside = intention.action in _OUTSIDE_MESSAGES
    if outside and not state.policy.reports_outside_messages_count:
        return
    profile = state.profiles[target]
    profile["reports"] = recent_reports(state, target) + 1
    profile["last_report"] = int(state.control[0]["now"])
    profile["open_reports"] = int(profile["open_reports"]) + 1
    violation = 0 if outside else label(state, i, side_of(state, i, actor))
    staff = int(state.control[0]["staff"])
    mail(state, MailKind.REPORT.value, staff, target, -1, violation, -1)


@part
def _apply_to_pair(state: State, actor: int, intention: Intention, i: int) -> None:
    action = intention.action
    side = side_of(state, i, actor)
    if action == Action.READ_THREAD:
        set_unread(state, i, side, 0)
    elif action in (Action.ACCEPT_REQUEST, Action.DELETE_REQUEST):
        _decide_request(state, i, side, intention)
    elif action in (Action.BLOCK_USER, Action.UNBLOCK_USER):
        put(state, i, BLOCKS, side, action == Action.BLOCK_USER)
    elif action in (Action.FOLLOW, Action.UNFOLLOW):
        put(state, i, FOLLOWS, side, action == Action.FOLLOW)
    elif action in (Action.MUTE_CONVERSATION, Action.UNMUTE_CONVERSATION):
        put(state, i, MUTED, side, action == Action.MUTE_CONVERSATION)
    elif action == Action.DELETE_MESSAGE:
        _keep_visible(state, i, side, visible(state, i, side) - 1)
    elif action == Action.DELETE_CONVERSATION:
        _keep_visible(state, i, side, 0)
    elif action == Action.RESTRICT_TEEN:
        state.accounts[intention.target]["restricted"] = intention.switch
    elif action == Action.PUBLIC_REPLY:
        state.comments[intention.uses]["publicly_replied"] = 1
        state.comments[intention.uses]["announced"] = intention.switch == 1
        _mention(state, intention)
    elif action in (Action.RESOLVE, Action.HAND_OFF):
        put(state, i, EXPECTS_ANSWER, 0, False)


@part
def _keep_visible(state: State, i: int, side: int, count: int) -> None:
    """Deleting is local: the other side still sees everything (R48)."""
    set_visible(state, i, side, count)
    set_unread(state, i, side, min(unread(state, i, side), count))


@rare_part
def _decide_request(state: State, i: int, side: int, intention: Intention) -> None:
    pair = state.pairs[i]
    put(state, i, FILTERED, 0, False)
    if intention.action == Action.ACCEPT_REQUEST:
        if int(state.accounts[intention.target]["kind"]) == Kind.BRAND:
            pair["answered"] = int(state.control[0]["now"])
        pair["thread"] = Thread.ACCEPTED
        pair["requested"] = 0
        if state.policy.accepting_follows_back:
            put(state, i, FOLLOWS, side, True)
        return
    pair["thread"] = Thread.DELETED
    _keep_visible(state, i, side, 0)
    if state.policy.deleting_resets_business_limit:
        pair["requested"] = 0


@rare_part
def _apply_to_account(state: State, actor: int, intention: Intention) -> None:
    action = intention.action
    account = state.accounts[actor]
    profile = state.profiles[actor]
    if action == Action.OPEN_INBOX:
        profile["active"] = int(state.control[0]["now"])
    elif action == Action.CHANGE_SETTING:
        account["setting"] = intention.setting
    elif action == Action.CHANGE_READ_STATUS:
        account["read_status"] = intention.switch
    elif action == Action.CHANGE_REQUEST_FILTER:
        account["filter_requests"] = intention.switch
    elif action == Action.CHANGE_BUSINESS_MESSAGES:
        account["allow_business"] = intention.switch
    elif action == Action.CHANGE_NOTIFICATIONS:
        profile["notifications"] = intention.switch
    elif action == Action.CHANGE_VIDEO_PRIVACY:
        state.videos[intention.uses]["private"] = intention.switch
    elif action == Action.ADD_STICKER_SET:
        profile["sticker_sets"] = int(profile["sticker_sets"]) | (1 << intention.uses)
    elif action == Action.REMOVE_STICKER_SET:
        profile["sticker_sets"] = int(profile["sticker_sets"]) & ~(1 << intention.uses)
    elif action == Action.REGISTER:
        account["registered"] = 1
    elif action == Action.MODERATE:
        _moderate(state, intention)


@rare_part
def _moderate(state: State, intention: Intention) -> None:
    """A found violation goes on record and brings the penalty of the ladder (R78-R84)."""
    target = intention.target
    profile = state.profiles[target]
    if intention.switch == 1:
        profile["open_reports"] = max(0, int(profile["open_reports"]) - 1)
    if intention.violation <= Violation.NONE:
        return
    history = History(int(profile["violations"]), int(profile["worst"]))
    _punish(state, target, penalty(history, intention.violation, state.policy), intention.until)
    profile["violations"] = int(profile["violations"]) + 1
    profile["worst"] = max(int(profile["worst"]), intention.violation)
    if bans_device(intention.violation, state.policy):
        owner = int(profile["device"])
        state.profiles[owner]["device_banned"] = 1
        if state.policy.device_ban_stops_other_accounts:
            while owner >= 0:
                _punish(state, owner, Standing.BANNED.value, -1)
                owner = int(state.profiles[owner]["second"])


@rare_part
def _punish(state: State, account: int, standing: int, until: int) -> None:
    """The graver of the penalty in force and a new one holds; of two alike the longer."""
    current = standing_of(state, account)
    profile = state.profiles[account]
    if standing > current:
        profile["until"] = until
    elif standing == current:
        profile["until"] = max(int(profile["until"]), until)
    state.accounts[account]["standing"] = max(standing, current)
