"""R59 to R100: settings, receipts, penalties, reports, blocks and encryption."""

from dmsim.rulebook.parts import (
    MESSAGES,
    REPORTS,
    arrived,
    both,
    by_device,
    by_setting,
    done,
    first,
    lasting,
    penalised,
    refused,
    setting_is,
    to_friend,
)
from dmsim.rulebook.requirements.requirement import Requirement, requirement
from dmsim.vocabulary import (
    Action,
    Reason,
    Setting,
    Standing,
    Verdict,
    Via,
    Violation,
)

_SECRET = "tests/server/test_encryption.py::test_no_text_is_to_be_found_in_the_files"
_SEEN = "tests/server/test_conversations.py::test_a_blocked_conversation_is_marked_for_the_blocker"

_SETTINGS = (
    requirement(59, "the path to the settings", chosen=done(Action.CHANGE_SETTING, Via.SETTINGS)),
    requirement(
        60, "some options are not for everybody", refused=refused(Reason.OPTION_UNAVAILABLE)
    ),
    requirement(
        61,
        "Everyone: anyone may write",
        let_in=arrived(lambda s: first(s) and s.facts.recipient.setting == Setting.EVERYONE),
    ),
    requirement(
        62,
        "Everyone: friends and followed people land in the inbox",
        friend=both(
            arrived(to_friend),
            setting_is(Setting.EVERYONE),
            by_setting,
            lambda s: s.verdict == Verdict.INBOX,
        ),
        followed=both(
            arrived(lambda s: s.facts.pair.recipient_follows and not s.facts.pair.sender_follows),
            setting_is(Setting.EVERYONE),
            by_setting,
            lambda s: s.verdict == Verdict.INBOX,
        ),
    ),
    requirement(
        63,
        "Everyone: others land in the requests",
        request=both(
            arrived(lambda s: not s.facts.pair.recipient_follows),
            setting_is(Setting.EVERYONE),
            lambda s: s.verdict == Verdict.REQUESTS,
        ),
    ),
    requirement(
        64,
        "a request is accepted, deleted or reported",
        accepted=done(Action.ACCEPT_REQUEST),
        deleted=done(Action.DELETE_REQUEST),
        reported=done(Action.REPORT_REQUEST),
    ),
    requirement(
        65,
        "Suggested friends: contacts and friends may write",
        contact=arrived(
            lambda s: (
                s.facts.pair.contact_synced
                and not to_friend(s)
                and by_setting(s)
                and s.facts.recipient.setting == Setting.SUGGESTED
            )
        ),
        friend=arrived(
            lambda s: (
                to_friend(s) and by_setting(s) and s.facts.recipient.setting == Setting.SUGGESTED
            )
        ),
        others=both(refused(Reason.SETTING), setting_is(Setting.SUGGESTED)),
    ),
    requirement(
        66,
        "synced contacts are a relation of their own",
        contact=arrived(lambda s: s.facts.pair.contact_synced),
    ),
    requirement(
        67,
        "Friends: followers whom one follows back may write",
        friend=arrived(
            lambda s: (
                to_friend(s) and by_setting(s) and s.facts.recipient.setting == Setting.FRIENDS
            )
        ),
        others=both(refused(Reason.SETTING), setting_is(Setting.FRIENDS)),
    ),
    requirement(68, "No one: nobody may write", refused=refused(Reason.NO_ONE)),
)

_READ_STATUS = (
    requirement(
        69,
        "a receipt tells whether a message was read",
        read=lambda s: s.action == Action.CHECK_READ and s.verdict == Verdict.SHOWN,
        unread=lambda s: s.action == Action.CHECK_READ and s.reason == Reason.NOT_READ,
    ),
    requirement(70, "read status on or off", switched=done(Action.CHANGE_READ_STATUS)),
    requirement(
        71,
        "on by default over 18",
        "tests/population/test_traits.py::test_switches_stand_at_the_policys_defaults_but_for_those_who_changed_them",
        adults=lambda s: (
            s.action == Action.CHECK_READ
            and s.verdict == Verdict.SHOWN
            and s.facts.sender.age >= 18
            and s.facts.recipient.age >= 18
        ),
    ),
    requirement(
        72,
        "seen only if both sides have it on",
        both=lambda s: s.action == Action.CHECK_READ and s.verdict == Verdict.SHOWN,
        one=lambda s: (
            s.reason == Reason.RECEIPTS_OFF
            and s.facts.sender.read_status != s.facts.recipient.read_status
        ),
    ),
)

_SAFETY = (
    requirement(
        73,
        "messages are checked, reported, senders forbidden",
        checked=lambda s: s.verdict == Verdict.REMOVED,
        reported=lambda s: s.action in REPORTS and s.verdict == Verdict.DONE,
        forbidden=done(Action.BLOCK_USER),
    ),
    requirement(
        74,
        "violations stop sending and receiving",
        sender=refused(Reason.SENDER_SANCTIONED, *MESSAGES),
        recipient=refused(Reason.RECIPIENT_SANCTIONED, *MESSAGES),
    ),
    requirement(
        75,
        "a violating message is removed automatically",
        removed=lambda s: (
            s.verdict == Verdict.REMOVED and s.facts.content.violation > Violation.NONE
        ),
    ),
    requirement(
        76,
        "or reviewed by moderators if reported",
        reviewed=both(done(Action.MODERATE, Via.MODERATION), lambda s: s.row.switch == 1),
    ),
    requirement(
        77,
        "automatic moderation and moderators",
        automatic=done(Action.MODERATE, Via.AUTOMATIC),
        moderators=done(Action.MODERATE, Via.MODERATION),
    ),
    requirement(
        78,
        "the first violation: a warning",
        warned=both(penalised(Standing.WARNED), lambda s: s.before == Standing.GOOD),
    ),
    requirement(
        79,
        "zero tolerance: a permanent ban",
        banned=both(
            penalised(Standing.BANNED), lambda s: s.row.violation == Violation.ZERO_TOLERANCE
        ),
    ),
    requirement(
        80,
        "a banned device registers no account",
        refused=refused(Reason.DEVICE_BANNED, Action.REGISTER),
    ),
    requirement(
        81, "a ban from messages of 24 to 48 hours", banned=lasting(Standing.DM_BANNED, 24, 48)
    ),
    requirement(
        82,
        "view only, 72 hours to a week",
        restricted=lasting(Standing.VIEW_ONLY, 72, 168),
        watching=both(
            done(Action.WATCH_VIDEO), lambda s: s.facts.sender.standing == Standing.VIEW_ONLY
        ),
        nothing_else=both(
            refused(Reason.SENDER_SANCTIONED),
            lambda s: s.facts.sender.standing == Standing.VIEW_ONLY,
        ),
    ),
    requirement(
        83,
        "a permanent ban after several violations",
        banned=both(
            penalised(Standing.BANNED), lambda s: s.row.violation != Violation.ZERO_TOLERANCE
        ),
    ),
    requirement(
        84,
        "penalties escalate with the record",
        warned=penalised(Standing.WARNED),
        banned_from_messages=penalised(Standing.DM_BANNED),
        view_only=penalised(Standing.VIEW_ONLY),
        banned=penalised(Standing.BANNED),
    ),
)

_REPORT_AND_BLOCK = (
    requirement(85, "report a message received", reported=done(Action.REPORT_MESSAGE)),
    Requirement(
        "R86", "report a conversation from the list", by_device(Action.REPORT_CONVERSATION)
    ),
    requirement(
        87, "report inside the conversation", reported=done(Action.REPORT_CONVERSATION, Via.CHAT)
    ),
    requirement(
        88, "report by more options", reported=done(Action.REPORT_CONVERSATION, Via.MORE_OPTIONS)
    ),
    requirement(
        89,
        "report one message by a long press",
        reported=done(Action.REPORT_MESSAGE, Via.LONG_PRESS),
    ),
    requirement(
        90,
        "report a new conversation by its banner",
        reported=done(Action.REPORT_CONVERSATION, Via.BANNER),
    ),
    requirement(91, "who is blocked cannot write", refused=refused(Reason.BLOCKED, *MESSAGES)),
    requirement(92, "nor watch one's videos", refused=refused(Reason.BLOCKED, Action.WATCH_VIDEO)),
    Requirement("R93", "block from the inbox", by_device(Action.BLOCK_USER)),
    requirement(94, "block by more options", blocked=done(Action.BLOCK_USER, Via.MORE_OPTIONS)),
    requirement(95, "blocked conversations are marked", _SEEN),
    requirement(96, "encrypted in transit and at rest", _SECRET),
    requirement(
        97,
        "no end-to-end encryption: content can be moderated",
        _SECRET,
        moderated=lambda s: s.verdict == Verdict.REMOVED,
    ),
    requirement(98, "transparency reports are published"),
    requirement(
        99,
        "staff access by permission and need",
        "tests/server/test_moderation.py::test_the_audit_log_tells_who_read_whose_messages_when_and_why",
        access=done(Action.STAFF_ACCESS),
    ),
    requirement(100, "younger users' safety weighs most"),
)

#: R59 to R100, in order.
SETTINGS_AND_SAFETY: tuple[Requirement, ...] = (
    *_SETTINGS,
    *_READ_STATUS,
    *_SAFETY,
    *_REPORT_AND_BLOCK,
)
