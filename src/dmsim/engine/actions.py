"""One action of one actor: decide by the rules, order, record the row, apply the effects."""

from dmsim.engine.compiled import part, rare_part
from dmsim.engine.conflicts import read_account, read_own, wait_for, write_account
from dmsim.engine.effects import apply, mail
from dmsim.engine.facts import facts_of, is_page, page_of, video_named
from dmsim.engine.intentions import Intention
from dmsim.engine.pairs import pair_of
from dmsim.engine.record import record
from dmsim.engine.state import MailKind, State
from dmsim.rules.decide import decide
from dmsim.rules.resources import Resource, reading, touching, writing
from dmsim.rules.sanctions import bans_device
from dmsim.vocabulary import Action, Verdict

#: What an action reads and writes, by its code; compiled code holds these as constants.
_ON_PAIR = touching(Resource.PAIR)
_READS_ACTOR = reading(Resource.ACTOR)
_WRITES_ACTOR = writing(Resource.ACTOR)
_READS_TARGET = reading(Resource.TARGET)
_WRITES_TARGET = writing(Resource.TARGET)
_READS_AUTHOR = reading(Resource.AUTHOR)
_ANSWERS_COMMENT = reading(Resource.COMMENT)
_OF_PAGE = reading(Resource.PAGE)


@part
def perform(state: State, actor: int, intention: Intention) -> tuple[int, int]:
    """Do one action now: decide, order, record, apply. Returns the codes of verdict and reason."""
    action = intention.action
    i = pair_of(state, actor, intention.target) if _ON_PAIR[action] else -1
    verdict, reason = decide(action, facts_of(state, actor, intention, i), state.policy)
    source = _pair_with_author(state, actor, intention)
    _order(state, actor, intention, i, source)
    comments = action == Action.COMMENT and verdict == Verdict.DONE
    binds = _new_comment(state, actor, intention) if comments else -1
    seq = record(state, actor, intention, binds, verdict.value, reason.value)
    _mark(state, actor, intention, i, seq)
    if source >= 0:
        state.pairs[source]["last_seq"] = seq
    if binds >= 0:
        state.comments[binds]["last_seq"] = seq
        letter = intention.topic
        mail(state, MailKind.COMMENT.value, intention.target, actor, binds, 0, letter)
    apply(state, actor, intention, i, verdict.value)
    return verdict.value, reason.value


@rare_part
def _pair_with_author(state: State, actor: int, intention: Intention) -> int:
    """The pair through which a share reads the account of the video's author; -1 for others."""
    video = video_named(intention)
    if not _READS_AUTHOR[intention.action] or video < 0:
        return -1
    author = int(state.videos[video]["author"])
    return pair_of(state, actor, author) if author != actor else -1


@part
def _order(state: State, actor: int, intention: Intention, i: int, source: int) -> None:
    """Note which earlier rows the coming one must wait for."""
    action = intention.action
    target = intention.target
    if i >= 0:
        wait_for(state, int(state.pairs[i]["last_seq"]))
        if _READS_ACTOR[action]:
            read_account(state, i, actor)
        if _READS_TARGET[action] and target != actor:
            read_account(state, i, target)
    elif _READS_ACTOR[action]:
        read_own(state, actor)
    if source >= 0:
        wait_for(state, int(state.pairs[source]["last_seq"]))
        read_account(state, source, int(state.videos[intention.uses]["author"]))
    if _ANSWERS_COMMENT[action]:
        wait_for(state, int(state.comments[intention.uses]["last_seq"]))
    if _WRITES_ACTOR[action]:
        write_account(state, actor, i)
    if _WRITES_TARGET[action]:
        write_account(state, target, i)
    _order_rarer(state, actor, intention)


@rare_part
def _order_rarer(state: State, actor: int, intention: Intention) -> None:
    action = intention.action
    if _OF_PAGE[action] and is_page(state, actor):
        wait_for(state, int(page_of(state, actor)["last_seq"]))
    elif action == Action.OPEN_INBOX:
        wait_for(state, int(state.profiles[actor]["presence_seq"]))
    elif action == Action.CHECK_PRESENCE:
        wait_for(state, int(state.profiles[intention.target]["presence_seq"]))
    elif action in (Action.REGISTER, Action.MODERATE):
        account = actor if action == Action.REGISTER else intention.target
        owner = int(state.profiles[account]["device"])
        wait_for(state, int(state.profiles[owner]["device_seq"]))
        if _stops_whole_device(state, intention):
            while owner >= 0:
                write_account(state, owner, -1)
                owner = int(state.profiles[owner]["second"])


@part
def _stops_whole_device(state: State, intention: Intention) -> bool:
    banned = intention.action == Action.MODERATE and bans_device(intention.violation, state.policy)
    return banned and state.policy.device_ban_stops_other_accounts


@part
def _mark(state: State, actor: int, intention: Intention, i: int, seq: int) -> None:
    """Note the row with everything that later rows may have to wait for."""
    action = intention.action
    if i >= 0:
        state.pairs[i]["last_seq"] = seq
    elif _READS_ACTOR[action]:
        state.accounts[actor]["own_seq"] = seq
    if _WRITES_ACTOR[action]:
        state.accounts[actor]["written_seq"] = seq
    if _WRITES_TARGET[action]:
        state.accounts[intention.target]["written_seq"] = seq
    if _ANSWERS_COMMENT[action]:
        state.comments[intention.uses]["last_seq"] = seq
    if _OF_PAGE[action] and is_page(state, actor):
        page_of(state, actor)["last_seq"] = seq
    elif action == Action.OPEN_INBOX:
        state.profiles[actor]["presence_seq"] = seq
    elif action == Action.CHECK_PRESENCE:
        state.profiles[intention.target]["presence_seq"] = seq
    elif action in (Action.REGISTER, Action.MODERATE):
        account = actor if action == Action.REGISTER else intention.target
        owner = int(state.profiles[account]["device"])
        state.profiles[owner]["device_seq"] = seq
        if _stops_whole_device(state, intention):
            while owner >= 0:
                state.accounts[owner]["written_seq"] = seq
                owner = int(state.profiles[owner]["second"])


@rare_part
def _new_comment(state: State, author: int, intention: Intention) -> int:
    n = int(state.control[0]["comments"])
    state.control[0]["comments"] = n + 1
    comment = state.comments[n]
    comment["last_seq"] = -1
    comment["at"] = int(state.control[0]["now"])
    comment["post"] = intention.uses
    comment["page"] = intention.target
    comment["author"] = author
    comment["announced"] = 0
    comment["publicly_replied"] = 0
    comment["privately_replied"] = 0
    return n
