"""Writing down what was done: the text of it, and the row."""

from dmsim.draws import TEXT, below, draw
from dmsim.engine.compiled import part
from dmsim.engine.intentions import Intention
from dmsim.engine.state import State
from dmsim.vocabulary import Action, ContentKind, Kind, Topic, Violation

# Banks of texts, by purpose; those of violations follow the pattern of _label_bank.
MESSAGE_TEXTS = 0
QUESTION_TEXTS = 1
PUBLIC_REPLY_TEXTS = 2
PRIVATE_REPLY_TEXTS = 3
ANSWER_TEXTS = 4
FALSE_ALARM_TEXTS = 5
EMOJI_TEXTS = 12
BUSINESS_TEXTS = 15
COMPLAINT_TEXTS = 16
THANKS_TEXTS = 20
PERSONAL_QUESTION_TEXTS = 21
HAND_OFF_TEXTS = 22
FOLLOW_UP_TEXTS = 23
MAILING_TEXTS = 24
SPONSORED_TEXTS = 25


@part
def _message_bank(state: State, actor: int, intention: Intention) -> int:
    if int(state.accounts[actor]["kind"]) == Kind.BRAND:
        if intention.violation >= 0:
            return BUSINESS_TEXTS
        return HAND_OFF_TEXTS if intention.switch == 1 else ANSWER_TEXTS
    if intention.content > ContentKind.TEXT:
        return EMOJI_TEXTS - 1 + intention.content
    if intention.violation <= Violation.NONE and intention.detected <= 0:
        return MESSAGE_TEXTS
    return FALSE_ALARM_TEXTS - 1 + 2 * intention.violation + intention.detected


@part
def _bank(state: State, actor: int, intention: Intention) -> int:
    """The bank of an action's texts, or -1 for actions without."""
    action = intention.action
    if action == Action.SEND_MESSAGE:
        return _message_bank(state, actor, intention)
    if action == Action.SHARE_CONTENT:
        return MESSAGE_TEXTS if intention.detected >= 0 else -1
    if action == Action.COMMENT:
        question = intention.topic <= Topic.QUESTION
        return QUESTION_TEXTS if question else COMPLAINT_TEXTS - 1 + intention.topic
    return _brand_bank(action, intention.switch)


@part
def _brand_bank(action: int, switch: int) -> int:
    if action == Action.PUBLIC_REPLY:
        return PUBLIC_REPLY_TEXTS if switch == 1 else THANKS_TEXTS
    if action == Action.PRIVATE_REPLY:
        return PERSONAL_QUESTION_TEXTS if switch == 1 else PRIVATE_REPLY_TEXTS
    if action == Action.FOLLOW_UP:
        return FOLLOW_UP_TEXTS
    if action == Action.MAILING:
        return MAILING_TEXTS
    return SPONSORED_TEXTS if action == Action.SPONSORED_MESSAGE else -1


@part
def _text(state: State, actor: int, intention: Intention) -> int:
    """Choose a text from the bank of the purpose, in the language of the person involved."""
    bank = _bank(state, actor, intention)
    if bank < 0:
        return -1
    is_person = int(state.accounts[actor]["kind"]) == Kind.PERSON
    locale = int(state.accounts[actor if is_person else intention.target]["locale"])
    number = draw(int(state.control[0]["key"]), actor, TEXT, int(state.accounts[actor]["step"]))
    return int(state.banks[bank, locale, 0]) + below(number, int(state.banks[bank, locale, 1]))


@part
def record(
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
    row["content"] = intention.content
    row["switch"] = intention.switch
    row["violation"] = intention.violation if intention.action == Action.MODERATE else -1
    row["until"] = intention.until
    row["fanout"] = _fanout(state, actor, intention, seq)
    row["via"] = intention.via
    row["platform"] = int(state.accounts[actor]["platform"])
    row["verdict"] = verdict
    row["reason"] = reason
    row["afters_end"] = int(control["afters"])
    return seq


@part
def _fanout(state: State, actor: int, intention: Intention, seq: int) -> int:
    """The first row of the share that this one belongs to."""
    if intention.action != Action.SHARE_CONTENT:
        return -1
    profile = state.profiles[actor]
    if int(profile["fanout_seq"]) < 0:
        profile["fanout_seq"] = seq
    return int(profile["fanout_seq"])
