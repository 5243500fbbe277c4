"""R1 to R58: who writes to whom, what messages carry, and what becomes of conversations."""

from dmsim.rulebook.parts import (
    MESSAGES,
    arrived,
    both,
    brand_to_person,
    by_device,
    by_setting,
    done,
    refused,
    sent,
    shared,
    to_friend,
)
from dmsim.rulebook.requirements.requirement import Requirement, requirement
from dmsim.vocabulary import (
    Action,
    ContentKind,
    Reason,
    Setting,
    Thread,
    Verdict,
    Via,
)

_ABILITIES = (
    requirement(1, "users communicate by direct message"),
    requirement(
        2,
        "a chat carries messages and videos",
        message=arrived(lambda s: s.action == Action.SEND_MESSAGE),
        video=shared(ContentKind.VIDEO),
    ),
    requirement(3, "share videos with others", shared=shared(ContentKind.VIDEO)),
    requirement(
        4,
        "messages with friends, suggested friends, people one may know",
        friend=arrived(to_friend),
        contact=arrived(lambda s: s.facts.pair.contact_synced),
        acquaintance=arrived(lambda s: s.facts.pair.known_through_friends),
    ),
    requirement(5, "a friend is a follower whom one follows back", friend=arrived(to_friend)),
    requirement(6, "choose who may write", chosen=done(Action.CHANGE_SETTING)),
    requirement(7, "configure notifications", switched=done(Action.CHANGE_NOTIFICATIONS)),
    requirement(
        8,
        "report accounts and content",
        account=done(Action.REPORT_ACCOUNT),
        content=done(Action.REPORT_CONTENT),
    ),
    requirement(
        9,
        "learn who has read one's messages",
        read=lambda s: s.action == Action.CHECK_READ and s.verdict == Verdict.SHOWN,
    ),
    requirement(
        10,
        "see who is or was active",
        active=lambda s: s.action == Action.CHECK_PRESENCE and s.verdict == Verdict.SHOWN,
    ),
)

_WHO_MAY_SEND = (
    requirement(
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
    requirement(
        12,
        "under 16 there are no messages",
        sender=both(refused(Reason.UNDER_AGE, *MESSAGES), lambda s: s.facts.sender.age < 16),
        recipient=both(refused(Reason.UNDER_AGE, *MESSAGES), lambda s: s.facts.recipient.age < 16),
    ),
    requirement(
        13,
        "guardians may restrict users of 16 and 17",
        restricted=done(Action.RESTRICT_TEEN, Via.FAMILY_PAIRING),
        held_back=refused(Reason.FAMILY_RESTRICTED, *MESSAGES),
    ),
    requirement(14, "a guardian linked to a teenager", acts=done(Action.RESTRICT_TEEN)),
    requirement(
        15,
        "permission is per addressee",
        let_in=arrived(lambda s: by_setting(s) and s.facts.recipient.setting != Setting.EVERYONE),
    ),
    requirement(16, "the addressee's setting decides", held_back=refused(Reason.SETTING)),
    requirement(17, "No one: no messages at all", refused=refused(Reason.NO_ONE)),
    requirement(
        18,
        "No one: the history stays",
        read=both(done(Action.READ_THREAD), lambda s: s.facts.sender.setting == Setting.NO_ONE),
    ),
    requirement(
        19,
        "No one: nothing new in open chats",
        refused=both(refused(Reason.NO_ONE), lambda s: s.facts.pair.thread == Thread.ACCEPTED),
    ),
)

_READING_AND_SENDING = (
    requirement(20, "the inbox lists conversations", opened=done(Action.OPEN_INBOX)),
    requirement(21, "opening a chat reads it", read=done(Action.READ_THREAD)),
    requirement(
        22,
        "video, effect, hashtag and sound can be shared",
        video=shared(ContentKind.VIDEO),
        effect=shared(ContentKind.EFFECT),
        hashtag=shared(ContentKind.HASHTAG),
        sound=shared(ContentKind.SOUND),
    ),
    requirement(
        23,
        "find content, then share it",
        search=done(Action.SEARCH_CONTENT),
        share=arrived(lambda s: s.via == Via.SHARE_SHEET),
    ),
    requirement(24, "search for content", search=done(Action.SEARCH_CONTENT, Via.SEARCH)),
    requirement(
        25,
        "share from within a video",
        tapped=arrived(lambda s: s.action == Action.SHARE_CONTENT and s.via == Via.VIDEO),
    ),
    requirement(
        26,
        "share by a long press",
        pressed=arrived(lambda s: s.action == Action.SHARE_CONTENT and s.via == Via.LONG_PRESS),
    ),
    requirement(
        27,
        "one share to several addressees",
        further=lambda s: s.action == Action.SHARE_CONTENT and 0 <= s.row.fanout < s.seq,
    ),
    requirement(
        28,
        "a share may carry a text",
        with_text=arrived(lambda s: s.action == Action.SHARE_CONTENT and s.row.text >= 0),
        without=arrived(lambda s: s.action == Action.SHARE_CONTENT and s.row.text < 0),
    ),
    requirement(
        29,
        "a private video cannot be sent",
        refused=refused(Reason.CONTENT_PRIVATE, Action.SHARE_CONTENT),
    ),
    requirement(
        30,
        "a video made private is unavailable where it was shared",
        made_private=both(done(Action.CHANGE_VIDEO_PRIVACY), lambda s: s.row.switch == 1),
        unavailable=both(
            refused(Reason.CONTENT_PRIVATE, Action.WATCH_VIDEO), lambda s: s.via == Via.CHAT
        ),
    ),
    requirement(31, "the author changes privacy", changed=done(Action.CHANGE_VIDEO_PRIVACY)),
    requirement(
        32,
        "answer in a chat",
        answer=arrived(lambda s: s.via == Via.CHAT and s.facts.pair.thread == Thread.ACCEPTED),
    ),
    requirement(
        33,
        "start a chat with a friend by the icon",
        started=arrived(lambda s: s.via == Via.NEW_CHAT and to_friend(s)),
    ),
    requirement(34, "write a text", text=arrived(lambda s: s.row.content == ContentKind.TEXT)),
    requirement(
        35,
        "GIF, emoji or sticker",
        gif=arrived(lambda s: s.row.content == ContentKind.GIF),
        emoji=arrived(lambda s: s.row.content == ContentKind.EMOJI),
        sticker=arrived(lambda s: s.row.content == ContentKind.STICKER),
    ),
    requirement(36, "a message is submitted", sent=lambda s: s.action == Action.SEND_MESSAGE),
    requirement(
        37,
        "start from a friend's profile",
        started=arrived(lambda s: s.via == Via.PROFILE and to_friend(s)),
    ),
    requirement(
        38,
        "not even one's followers under No one",
        refused=both(refused(Reason.NO_ONE), lambda s: s.facts.pair.recipient_follows),
    ),
)

_STICKERS = (
    requirement(
        39,
        "send a sticker",
        sent=arrived(lambda s: s.row.content == ContentKind.STICKER and s.via == Via.STICKER_PANEL),
    ),
    requirement(
        40,
        "save a sticker set, then use it",
        added=done(Action.ADD_STICKER_SET),
        used=arrived(lambda s: s.row.content == ContentKind.STICKER and s.facts.content.set_added),
    ),
    requirement(
        41,
        "use an added set",
        used=arrived(lambda s: s.row.content == ContentKind.STICKER and s.facts.content.set_added),
    ),
    requirement(42, "view all added sets", viewed=done(Action.LIST_STICKER_SETS)),
    requirement(43, "reorder added sets", reordered=done(Action.REORDER_STICKER_SETS)),
    requirement(44, "remove an added set", removed=done(Action.REMOVE_STICKER_SET)),
    requirement(45, "no stickers in some regions", refused=refused(Reason.STICKERS_UNAVAILABLE)),
)

_DELETE_MUTE_FILTER = (
    Requirement(
        "R46", "delete a conversation from the list", by_device(Action.DELETE_CONVERSATION)
    ),
    requirement(47, "delete one message", pressed=done(Action.DELETE_MESSAGE, Via.LONG_PRESS)),
    requirement(
        48,
        "deleting is local",
        other_side_reads=both(done(Action.READ_THREAD), lambda s: s.peer_deleted),
    ),
    Requirement("R49", "mute from the list", by_device(Action.MUTE_CONVERSATION)),
    requirement(
        50,
        "mute and unmute inside the chat",
        mute=done(Action.MUTE_CONVERSATION, Via.CHAT, Via.MORE_OPTIONS),
        unmute=done(Action.UNMUTE_CONVERSATION, Via.CHAT, Via.MORE_OPTIONS),
    ),
    requirement(51, "muting does not stop delivery", delivered=arrived(lambda s: s.muted)),
    requirement(
        52,
        "requests are apart from the inbox",
        request=lambda s: s.verdict == Verdict.REQUESTS,
        listed=done(Action.LIST_REQUESTS),
    ),
    requirement(53, "request filter settings", switched=done(Action.CHANGE_REQUEST_FILTER)),
    requirement(
        54,
        "unsafe sources are filtered out of requests",
        filtered=lambda s: s.verdict == Verdict.FILTERED,
        listed=done(Action.LIST_FILTERED),
    ),
    requirement(
        55,
        "an accepted filtered request appears in the inbox",
        accepted=both(done(Action.ACCEPT_REQUEST), lambda s: s.facts.pair.filtered),
    ),
    requirement(
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
    requirement(57, "brands of the marketplace", wrote=sent(brand_to_person)),
    requirement(
        58,
        "a brand sends at most 3 before acceptance",
        third=arrived(lambda s: brand_to_person(s) and s.facts.pair.requested_count == 2),
        fourth=refused(Reason.BUSINESS_LIMIT),
    ),
)

#: R1 to R58, in order.
MESSAGES_AND_CONVERSATIONS: tuple[Requirement, ...] = (
    *_ABILITIES,
    *_WHO_MAY_SEND,
    *_READING_AND_SENDING,
    *_STICKERS,
    *_DELETE_MUTE_FILTER,
)
