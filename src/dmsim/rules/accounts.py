"""What an account may do at all, registration, guardians, settings and the platform's staff."""

from dmsim.rules.facts import Facts, Policy, Side
from dmsim.rules.messaging import is_in_family_age, is_old_enough, is_registered
from dmsim.rules.sanctions import stops_acting, stops_watching
from dmsim.vocabulary import Action, Kind, Reason, Verdict

#: What belongs to direct messages, and so asks for an account of somebody old enough (R11, R12).
_OF_MESSAGES = (
    Action.OPEN_INBOX,
    Action.LIST_REQUESTS,
    Action.LIST_FILTERED,
    Action.READ_THREAD,
    Action.ACCEPT_REQUEST,
    Action.DELETE_REQUEST,
    Action.REPORT_MESSAGE,
    Action.REPORT_CONVERSATION,
    Action.REPORT_REQUEST,
    Action.MUTE_CONVERSATION,
    Action.UNMUTE_CONVERSATION,
    Action.DELETE_MESSAGE,
    Action.DELETE_CONVERSATION,
    Action.LIST_STICKER_SETS,
    Action.ADD_STICKER_SET,
    Action.REORDER_STICKER_SETS,
    Action.REMOVE_STICKER_SET,
    Action.CHECK_READ,
    Action.CHECK_PRESENCE,
)


def may_act(action: Action | int, actor: Side, policy: Policy) -> Reason:
    """What forbids an actor to do anything of a kind.

    Watching and searching ask for no account; the rest asks for a registered one (R11), and what
    belongs to direct messages for the age (R12). Who is restricted to viewing can only watch, not
    even search (R82), who is banned not even that (R83).
    """
    open_to_all = action in (Action.WATCH_VIDEO, Action.SEARCH_CONTENT)
    if not open_to_all and not is_registered(actor, policy):
        return Reason.NOT_REGISTERED
    if action in _OF_MESSAGES and not is_old_enough(actor, policy):
        return Reason.UNDER_AGE
    if action == Action.WATCH_VIDEO:
        stopped = stops_watching(actor.standing, policy)
    else:
        stopped = stops_acting(actor.standing, policy)
    return Reason.SENDER_SANCTIONED if stopped else Reason.NONE


def decide_registration(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """Creating an account: not twice, and not from a banned device (R11, R80, Q25)."""
    if facts.sender.registered:
        return Verdict.REFUSED, Reason.ALREADY_REGISTERED
    if facts.circumstances.device_banned and policy.zero_tolerance_bans_device:
        return Verdict.REFUSED, Reason.DEVICE_BANNED
    return Verdict.DONE, Reason.NONE


def decide_setting(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """Choosing who may write (R6, R59); not every option is offered to everybody (R60)."""
    if policy.options_are_limited and not facts.circumstances.option_available:
        return Verdict.REFUSED, Reason.OPTION_UNAVAILABLE
    return Verdict.DONE, Reason.NONE


def decide_restriction(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """A guardian restricts the messages of the linked teenager, or lifts that (R13, R14)."""
    if not facts.pair.is_guardian:
        return Verdict.REFUSED, Reason.NOT_GUARDIAN
    if not is_in_family_age(facts.recipient, policy):
        return Verdict.REFUSED, Reason.NOT_IN_FAMILY_AGE
    return Verdict.DONE, Reason.NONE


def decide_moderation(facts: Facts) -> tuple[Verdict, Reason]:
    """Only the platform's moderators decide on violations (R76, R77)."""
    if facts.sender.kind != Kind.STAFF:
        return Verdict.REFUSED, Reason.NOT_PERMITTED
    return Verdict.DONE, Reason.NONE


def decide_staff_access(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """Staff read messages only where their work asks for it: a report waits (R99)."""
    needed = facts.circumstances.report_open or not policy.staff_need_a_report
    if facts.sender.kind != Kind.STAFF or not needed:
        return Verdict.REFUSED, Reason.NOT_PERMITTED
    return Verdict.DONE, Reason.NONE


def decide_conversation(facts: Facts) -> tuple[Verdict, Reason]:
    """Reading, muting, deleting or reporting a conversation needs one in one's own view (R21, R48).

    The history stays there under "No one" (R18), and what the other side deletes (R48).
    """
    if facts.pair.visible:
        return Verdict.DONE, Reason.NONE
    return Verdict.REFUSED, Reason.NO_CONVERSATION
