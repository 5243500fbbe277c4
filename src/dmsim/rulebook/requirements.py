"""What it takes to say that a requirement was met in a trace: R1 to R100, one by one.

A requirement is *traced* where each of its parts happens in a trace, *proved* where a trace cannot
show it and a test does, *context* where there is nothing to enforce. Written from the requirements,
not from the code: a part names what was done under which facts, and how it came out.
"""

from dataclasses import dataclass, field

from dmsim.rulebook.parts import (
    MESSAGES,
    REPORTS,
    Part,
    arrived,
    both,
    brand_to_person,
    by_device,
    by_setting,
    done,
    first,
    lasting,
    penalised,
    refused,
    sent,
    setting_is,
    shared,
    to_friend,
)
from dmsim.vocabulary import (
    Action,
    ContentKind,
    Reason,
    Setting,
    Standing,
    Thread,
    Verdict,
    Via,
    Violation,
)


@dataclass(frozen=True)
class Requirement:
    """One numbered statement of the sources.

    Attributes:
        number: such as ``R61``.
        says: the statement in a few words.
        parts: by name, what has to happen in a trace; empty where a trace cannot show it.
        proof: the test that proves what a trace cannot show, as pytest names it; empty if none.
    """

    number: str
    says: str
    parts: dict[str, Part] = field(default_factory=dict)
    proof: str = ""

    @property
    def is_context(self) -> bool:
        """Whether there is nothing to enforce."""
        return not self.parts and not self.proof


def _requirement(number: int, says: str, proof: str = "", **parts: Part) -> Requirement:
    named = {name.replace("_", " "): part for name, part in parts.items()}
    return Requirement(f"R{number}", says, named, proof)


_SECRET = "tests/server/test_encryption.py::test_no_text_is_to_be_found_in_the_files"
_SEEN = "tests/server/test_conversations.py::test_a_blocked_conversation_is_marked_for_the_blocker"

_ABILITIES = (
    _requirement(1, "users communicate by direct message"),
    _requirement(
        2,
        "a chat carries messages and videos",
        message=arrived(lambda s: s.action == Action.SEND_MESSAGE),
        video=shared(ContentKind.VIDEO),
    ),
    _requirement(3, "share videos with others", shared=shared(ContentKind.VIDEO)),
    _requirement(
        4,
        "messages with friends, suggested friends, people one may know",
        friend=arrived(to_friend),
        contact=arrived(lambda s: s.facts.pair.contact_synced),
        acquaintance=arrived(lambda s: s.facts.pair.known_through_friends),
    ),
    _requirement(5, "a friend is a follower whom one follows back", friend=arrived(to_friend)),
    _requirement(6, "choose who may write", chosen=done(Action.CHANGE_SETTING)),
    _requirement(7, "configure notifications", switched=done(Action.CHANGE_NOTIFICATIONS)),
    _requirement(
        8,
        "report accounts and content",
        account=done(Action.REPORT_ACCOUNT),
        content=done(Action.REPORT_CONTENT),
    ),
    _requirement(
        9,
        "learn who has read one's messages",
        read=lambda s: s.action == Action.CHECK_READ and s.verdict == Verdict.SHOWN,
    ),
    _requirement(
        10,
        "see who is or was active",
        active=lambda s: s.action == Action.CHECK_PRESENCE and s.verdict == Verdict.SHOWN,
    ),
)

_WHO_MAY_SEND = (
    _requirement(
        11,
        "messages are for registered accounts",
        sender=both(
            refused(Reason.NOT_REGISTERED, *MESSAGES), lambda s: not s.facts.sender.registered
        ),
        recipient=both(
            refused(Reason.NOT_REGISTERED, *MESSAGES), lambda s: not s.facts.recipient.registered
        ),
        registration=done(Action.REGISTER),
    ),
    _requirement(
        12,
        "under 16 there are no messages",
        sender=both(refused(Reason.UNDER_AGE, *MESSAGES), lambda s: s.facts.sender.age < 16),
        recipient=both(refused(Reason.UNDER_AGE, *MESSAGES), lambda s: s.facts.recipient.age < 16),
    ),
    _requirement(
        13,
        "guardians may restrict users of 16 and 17",
        restricted=done(Action.RESTRICT_TEEN, Via.FAMILY_PAIRING),
        held_back=refused(Reason.FAMILY_RESTRICTED, *MESSAGES),
    ),
    _requirement(14, "a guardian linked to a teenager", acts=done(Action.RESTRICT_TEEN)),
    _requirement(
        15,
        "permission is per addressee",
        let_in=arrived(lambda s: by_setting(s) and s.facts.recipient.setting != Setting.EVERYONE),
    ),
    _requirement(16, "the addressee's setting decides", held_back=refused(Reason.SETTING)),
    _requirement(17, "No one: no messages at all", refused=refused(Reason.NO_ONE)),
    _requirement(
        18,
        "No one: the history stays",
        read=both(done(Action.READ_THREAD), lambda s: s.facts.sender.setting == Setting.NO_ONE),
    ),
    _requirement(
        19,
        "No one: nothing new in open chats",
        refused=both(refused(Reason.NO_ONE), lambda s: s.facts.pair.thread == Thread.ACCEPTED),
    ),
)

_READING_AND_SENDING = (
    _requirement(20, "the inbox lists conversations", opened=done(Action.OPEN_INBOX)),
    _requirement(21, "opening a chat reads it", read=done(Action.READ_THREAD)),
    _requirement(
        22,
        "video, effect, hashtag and sound can be shared",
        video=shared(ContentKind.VIDEO),
        effect=shared(ContentKind.EFFECT),
        hashtag=shared(ContentKind.HASHTAG),
        sound=shared(ContentKind.SOUND),
    ),
    _requirement(
        23,
        "find content, then share it",
        search=done(Action.SEARCH_CONTENT),
        share=arrived(lambda s: s.via == Via.SHARE_SHEET),
    ),
    _requirement(24, "search for content", search=done(Action.SEARCH_CONTENT, Via.SEARCH)),
    _requirement(
        25,
        "share from within a video",
        tapped=arrived(lambda s: s.action == Action.SHARE_CONTENT and s.via == Via.VIDEO),
    ),
    _requirement(
        26,
        "share by a long press",
        pressed=arrived(lambda s: s.action == Action.SHARE_CONTENT and s.via == Via.LONG_PRESS),
    ),
    _requirement(
        27,
        "one share to several addressees",
        further=lambda s: s.action == Action.SHARE_CONTENT and 0 <= s.row.fanout < s.seq,
    ),
    _requirement(
        28,
        "a share may carry a text",
        with_text=arrived(lambda s: s.action == Action.SHARE_CONTENT and s.row.text >= 0),
        without=arrived(lambda s: s.action == Action.SHARE_CONTENT and s.row.text < 0),
    ),
    _requirement(
        29,
        "a private video cannot be sent",
        refused=refused(Reason.CONTENT_PRIVATE, Action.SHARE_CONTENT),
    ),
    _requirement(
        30,
        "a video made private is unavailable where it was shared",
        made_private=both(done(Action.CHANGE_VIDEO_PRIVACY), lambda s: s.row.switch == 1),
        unavailable=both(
            refused(Reason.CONTENT_PRIVATE, Action.WATCH_VIDEO), lambda s: s.via == Via.CHAT
        ),
    ),
    _requirement(31, "the author changes privacy", changed=done(Action.CHANGE_VIDEO_PRIVACY)),
    _requirement(
        32,
        "answer in a chat",
        answer=arrived(lambda s: s.via == Via.CHAT and s.facts.pair.thread == Thread.ACCEPTED),
    ),
    _requirement(
        33,
        "start a chat with a friend by the icon",
        started=arrived(lambda s: s.via == Via.NEW_CHAT and to_friend(s)),
    ),
    _requirement(34, "write a text", text=arrived(lambda s: s.row.content == ContentKind.TEXT)),
    _requirement(
        35,
        "GIF, emoji or sticker",
        gif=arrived(lambda s: s.row.content == ContentKind.GIF),
        emoji=arrived(lambda s: s.row.content == ContentKind.EMOJI),
        sticker=arrived(lambda s: s.row.content == ContentKind.STICKER),
    ),
    _requirement(36, "a message is submitted", sent=lambda s: s.action == Action.SEND_MESSAGE),
    _requirement(
        37,
        "start from a friend's profile",
        started=arrived(lambda s: s.via == Via.PROFILE and to_friend(s)),
    ),
    _requirement(
        38,
        "not even one's followers under No one",
        refused=both(refused(Reason.NO_ONE), lambda s: s.facts.pair.recipient_follows),
    ),
)

_STICKERS = (
    _requirement(
        39,
        "send a sticker",
        sent=arrived(lambda s: s.row.content == ContentKind.STICKER and s.via == Via.STICKER_PANEL),
    ),
    _requirement(
        40,
        "save a sticker set, then use it",
        added=done(Action.ADD_STICKER_SET),
        used=arrived(lambda s: s.row.content == ContentKind.STICKER and s.facts.content.set_added),
    ),
    _requirement(
        41,
        "use an added set",
        used=arrived(lambda s: s.row.content == ContentKind.STICKER and s.facts.content.set_added),
    ),
    _requirement(42, "view all added sets", viewed=done(Action.LIST_STICKER_SETS)),
    _requirement(43, "reorder added sets", reordered=done(Action.REORDER_STICKER_SETS)),
    _requirement(44, "remove an added set", removed=done(Action.REMOVE_STICKER_SET)),
    _requirement(45, "no stickers in some regions", refused=refused(Reason.STICKERS_UNAVAILABLE)),
)

_DELETE_MUTE_FILTER = (
    Requirement(
        "R46", "delete a conversation from the list", by_device(Action.DELETE_CONVERSATION)
    ),
    _requirement(47, "delete one message", pressed=done(Action.DELETE_MESSAGE, Via.LONG_PRESS)),
    _requirement(
        48,
        "deleting is local",
        other_side_reads=both(done(Action.READ_THREAD), lambda s: s.peer_deleted),
    ),
    Requirement("R49", "mute from the list", by_device(Action.MUTE_CONVERSATION)),
    _requirement(
        50,
        "mute and unmute inside the chat",
        mute=done(Action.MUTE_CONVERSATION, Via.CHAT, Via.MORE_OPTIONS),
        unmute=done(Action.UNMUTE_CONVERSATION, Via.CHAT, Via.MORE_OPTIONS),
    ),
    _requirement(51, "muting does not stop delivery", delivered=arrived(lambda s: s.muted)),
    _requirement(
        52,
        "requests are apart from the inbox",
        request=lambda s: s.verdict == Verdict.REQUESTS,
        listed=done(Action.LIST_REQUESTS),
    ),
    _requirement(53, "request filter settings", switched=done(Action.CHANGE_REQUEST_FILTER)),
    _requirement(
        54,
        "unsafe sources are filtered out of requests",
        filtered=lambda s: s.verdict == Verdict.FILTERED,
        listed=done(Action.LIST_FILTERED),
    ),
    _requirement(
        55,
        "an accepted filtered request appears in the inbox",
        accepted=both(done(Action.ACCEPT_REQUEST), lambda s: s.facts.pair.filtered),
    ),
    _requirement(
        56,
        "allow any business messages",
        switched=done(Action.CHANGE_BUSINESS_MESSAGES),
        let_in=arrived(
            lambda s: (
                brand_to_person(s)
                and s.facts.recipient.allow_business
                and s.facts.recipient.setting in (Setting.FRIENDS, Setting.SUGGESTED)
            )
        ),
    ),
    _requirement(57, "brands of the marketplace", wrote=sent(brand_to_person)),
    _requirement(
        58,
        "a brand sends at most 3 before acceptance",
        third=arrived(lambda s: brand_to_person(s) and s.facts.pair.requested_count == 2),
        fourth=refused(Reason.BUSINESS_LIMIT),
    ),
)

_SETTINGS = (
    _requirement(59, "the path to the settings", chosen=done(Action.CHANGE_SETTING, Via.SETTINGS)),
    _requirement(
        60, "some options are not for everybody", refused=refused(Reason.OPTION_UNAVAILABLE)
    ),
    _requirement(
        61,
        "Everyone: anyone may write",
        let_in=arrived(lambda s: first(s) and s.facts.recipient.setting == Setting.EVERYONE),
    ),
    _requirement(
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
    _requirement(
        63,
        "Everyone: others land in the requests",
        request=both(
            arrived(lambda s: not s.facts.pair.recipient_follows),
            setting_is(Setting.EVERYONE),
            lambda s: s.verdict == Verdict.REQUESTS,
        ),
    ),
    _requirement(
        64,
        "a request is accepted, deleted or reported",
        accepted=done(Action.ACCEPT_REQUEST),
        deleted=done(Action.DELETE_REQUEST),
        reported=done(Action.REPORT_REQUEST),
    ),
    _requirement(
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
    _requirement(
        66,
        "synced contacts are a relation of their own",
        contact=arrived(lambda s: s.facts.pair.contact_synced),
    ),
    _requirement(
        67,
        "Friends: followers whom one follows back may write",
        friend=arrived(
            lambda s: (
                to_friend(s) and by_setting(s) and s.facts.recipient.setting == Setting.FRIENDS
            )
        ),
        others=both(refused(Reason.SETTING), setting_is(Setting.FRIENDS)),
    ),
    _requirement(68, "No one: nobody may write", refused=refused(Reason.NO_ONE)),
)

_READ_STATUS = (
    _requirement(
        69,
        "a receipt tells whether a message was read",
        read=lambda s: s.action == Action.CHECK_READ and s.verdict == Verdict.SHOWN,
        unread=lambda s: s.action == Action.CHECK_READ and s.reason == Reason.NOT_READ,
    ),
    _requirement(70, "read status on or off", switched=done(Action.CHANGE_READ_STATUS)),
    _requirement(
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
    _requirement(
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
    _requirement(
        73,
        "messages are checked, reported, senders forbidden",
        checked=lambda s: s.verdict == Verdict.REMOVED,
        reported=lambda s: s.action in REPORTS and s.verdict == Verdict.DONE,
        forbidden=done(Action.BLOCK_USER),
    ),
    _requirement(
        74,
        "violations stop sending and receiving",
        sender=refused(Reason.SENDER_SANCTIONED, *MESSAGES),
        recipient=refused(Reason.RECIPIENT_SANCTIONED, *MESSAGES),
    ),
    _requirement(
        75,
        "a violating message is removed automatically",
        removed=lambda s: (
            s.verdict == Verdict.REMOVED and s.facts.content.violation > Violation.NONE
        ),
    ),
    _requirement(
        76,
        "or reviewed by moderators if reported",
        reviewed=both(done(Action.MODERATE, Via.MODERATION), lambda s: s.row.switch == 1),
    ),
    _requirement(
        77,
        "automatic moderation and moderators",
        automatic=done(Action.MODERATE, Via.AUTOMATIC),
        moderators=done(Action.MODERATE, Via.MODERATION),
    ),
    _requirement(
        78,
        "the first violation: a warning",
        warned=both(penalised(Standing.WARNED), lambda s: s.before == Standing.GOOD),
    ),
    _requirement(
        79,
        "zero tolerance: a permanent ban",
        banned=both(
            penalised(Standing.BANNED), lambda s: s.row.violation == Violation.ZERO_TOLERANCE
        ),
    ),
    _requirement(
        80,
        "a banned device registers no account",
        refused=refused(Reason.DEVICE_BANNED, Action.REGISTER),
    ),
    _requirement(
        81, "a ban from messages of 24 to 48 hours", banned=lasting(Standing.DM_BANNED, 24, 48)
    ),
    _requirement(
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
    _requirement(
        83,
        "a permanent ban after several violations",
        banned=both(
            penalised(Standing.BANNED), lambda s: s.row.violation != Violation.ZERO_TOLERANCE
        ),
    ),
    _requirement(
        84,
        "penalties escalate with the record",
        warned=penalised(Standing.WARNED),
        banned_from_messages=penalised(Standing.DM_BANNED),
        view_only=penalised(Standing.VIEW_ONLY),
        banned=penalised(Standing.BANNED),
    ),
)

_REPORT_AND_BLOCK = (
    _requirement(85, "report a message received", reported=done(Action.REPORT_MESSAGE)),
    Requirement(
        "R86", "report a conversation from the list", by_device(Action.REPORT_CONVERSATION)
    ),
    _requirement(
        87, "report inside the conversation", reported=done(Action.REPORT_CONVERSATION, Via.CHAT)
    ),
    _requirement(
        88, "report by more options", reported=done(Action.REPORT_CONVERSATION, Via.MORE_OPTIONS)
    ),
    _requirement(
        89,
        "report one message by a long press",
        reported=done(Action.REPORT_MESSAGE, Via.LONG_PRESS),
    ),
    _requirement(
        90,
        "report a new conversation by its banner",
        reported=done(Action.REPORT_CONVERSATION, Via.BANNER),
    ),
    _requirement(91, "who is blocked cannot write", refused=refused(Reason.BLOCKED, *MESSAGES)),
    _requirement(92, "nor watch one's videos", refused=refused(Reason.BLOCKED, Action.WATCH_VIDEO)),
    Requirement("R93", "block from the inbox", by_device(Action.BLOCK_USER)),
    _requirement(94, "block by more options", blocked=done(Action.BLOCK_USER, Via.MORE_OPTIONS)),
    _requirement(95, "blocked conversations are marked", _SEEN),
    _requirement(96, "encrypted in transit and at rest", _SECRET),
    _requirement(
        97,
        "no end-to-end encryption: content can be moderated",
        _SECRET,
        moderated=lambda s: s.verdict == Verdict.REMOVED,
    ),
    _requirement(98, "transparency reports are published"),
    _requirement(
        99,
        "staff access by permission and need",
        "tests/server/test_moderation.py::test_the_audit_log_tells_who_read_whose_messages_when_and_why",
        access=done(Action.STAFF_ACCESS),
    ),
    _requirement(100, "younger users' safety weighs most"),
)

#: All statements about direct messages, in order.
REQUIREMENTS: tuple[Requirement, ...] = (
    *_ABILITIES,
    *_WHO_MAY_SEND,
    *_READING_AND_SENDING,
    *_STICKERS,
    *_DELETE_MUTE_FILTER,
    *_SETTINGS,
    *_READ_STATUS,
    *_SAFETY,
    *_REPORT_AND_BLOCK,
)
