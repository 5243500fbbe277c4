"""What a decision rests on: plain values, gathered by whoever asks the rules.

Named tuples, because the compiled kernel and ordinary Python can both build and read them. One
shape serves every decision; a decision looks at what concerns it. ``sender`` is whoever acts,
``recipient`` the other account; where there is none, both are the actor.
"""

from typing import NamedTuple

from dmsim.vocabulary import ContentKind, Kind, Region, Setting, Standing, Thread, Via, Violation


class Side(NamedTuple):
    """One of the two accounts.

    ``standing`` is the penalty in force at this moment, ``unsafe`` what
    :func:`dmsim.rules.sanctions.is_unsafe` says of the account towards the other one.
    """

    registered: bool
    age: int
    family_restricted: bool
    standing: Standing | int
    kind: Kind | int
    setting: Setting | int
    unsafe: bool
    filter_requests: bool
    allow_business: bool
    region: Region | int
    read_status: bool


class PairFacts(NamedTuple):
    """What stands between the two, seen from the sender.

    ``known_through_friends`` is the platform's suggestion of the recipient's friends' circle (R4,
    Q2, Q21); ``thread`` what :func:`dmsim.rules.messaging.thread_for_sender` makes of the
    conversation; ``requested_count`` how many messages the sender has written since the
    conversation was last open or new; ``asked`` whether a request of the recipient's waits for the
    sender's decision, and ``filtered`` whether it stands among the filtered ones; ``visible``
    whether the sender's own view of the conversation holds a message; ``read`` whether the
    recipient has read all that the sender wrote; ``is_guardian`` whether the sender is the
    recipient's guardian. Of a brand that writes to a person: ``by_private_reply`` whether a private
    reply opened the conversation (R131), ``answered_minutes`` how many minutes ago the person wrote
    or accepted, -1 for never.
    """

    sender_follows: bool
    recipient_follows: bool
    contact_synced: bool
    known_through_friends: bool
    sender_blocks: bool
    recipient_blocks: bool
    thread: Thread | int
    requested_count: int
    asked: bool
    filtered: bool
    visible: bool
    read: bool
    is_guardian: bool
    by_private_reply: bool
    answered_minutes: int


class ContentFacts(NamedTuple):
    """What is sent, shared, watched or used.

    ``private`` and ``own`` (the sender made it) are facts of a video, ``set_added`` of a sticker
    set; ``violation`` and ``detected`` (automatic moderation takes it for one) label a text.
    """

    kind: ContentKind | int
    private: bool
    own: bool
    set_added: bool
    violation: Violation | int
    detected: bool


#: What stands between an account and nobody, or somebody it has nothing to do with.
UNRELATED = PairFacts(
    sender_follows=False,
    recipient_follows=False,
    contact_synced=False,
    known_through_friends=False,
    sender_blocks=False,
    recipient_blocks=False,
    thread=Thread.NONE.value,
    requested_count=0,
    asked=False,
    filtered=False,
    visible=False,
    read=False,
    is_guardian=False,
    by_private_reply=False,
    answered_minutes=-1,
)

#: A text that nobody objects to; also the content of actions without any.
PLAIN = ContentFacts(
    kind=ContentKind.TEXT.value,
    private=False,
    own=False,
    set_added=False,
    violation=Violation.NONE.value,
    detected=False,
)


class Circumstances(NamedTuple):
    """The rest: facts of single decisions.

    ``option_available`` (R60): the setting chosen is offered to the account; ``device_banned``
    (R80): the actor's device is; ``recently_active`` (R10): the recipient was within the last
    minutes that the policy says; ``report_open`` (R99): a report against the recipient waits for a
    decision; ``publicly_replied`` and ``privately_replied``: the comment that is answered or read
    was; ``comment_minutes``: its age; ``private_replies_this_hour`` and ``mailed_this_second``:
    what the actor's page has sent in the hour and in the second of the clock.
    """

    option_available: bool
    device_banned: bool
    recently_active: bool
    report_open: bool
    publicly_replied: bool
    privately_replied: bool
    comment_minutes: int
    private_replies_this_hour: int
    mailed_this_second: int


#: The circumstances of an action about which nothing of all that is to be said.
NOTHING_SPECIAL = Circumstances(
    option_available=True,
    device_banned=False,
    recently_active=False,
    report_open=False,
    publicly_replied=False,
    privately_replied=False,
    comment_minutes=0,
    private_replies_this_hour=0,
    mailed_this_second=0,
)


class Facts(NamedTuple):
    """Everything that one decision may rest on."""

    sender: Side
    recipient: Side
    pair: PairFacts
    content: ContentFacts
    circumstances: Circumstances
    via: Via | int


class Policy(NamedTuple):
    """The numbers and switches of the rules; ``seeds/policy.toml`` holds and explains the values.

    Each rule can be switched off: a switch is false, a limit 0.
    """

    # Who may use direct messages.
    registration_required: bool
    minimum_age: int
    family_restrictions: bool
    family_age_from: int
    family_age_until: int
    # Who may write to whom.
    settings_hold: bool
    settings_hold_in_conversations: bool
    no_one_may_send: bool
    friends_are_mutual: bool
    contacts_are_suggested: bool
    contacts_to_inbox: bool
    acquaintances_may_write: bool
    options_are_limited: bool
    start_needs_friendship: bool
    blocks_stop_messages: bool
    blocker_may_send: bool
    blocks_stop_videos: bool
    # Requests.
    followed_to_inbox: bool
    strangers_to_requests: bool
    stranger_message_limit: int
    deleted_request_may_be_repeated: bool
    accepting_follows_back: bool
    filter_unsafe_requests: bool
    filter_by_default: bool
    unsafe_with_penalty: bool
    unsafe_reports: int
    unsafe_report_days: int
    unsafe_account_days: int
    # Brands.
    business_message_limit: int
    deleting_resets_business_limit: bool
    allow_business_opens_requests: bool
    allow_business_overrides_no_one: bool
    filtered_business_requests_may_be_accepted: bool
    # Content.
    private_videos_stay: bool
    stickers_by_region: bool
    sticker_sets_must_be_added: bool
    # Receipts and presence.
    receipts_need_both: bool
    read_status_of_adults: bool
    read_status_of_teens: bool
    active_minutes: int
    # Moderation and penalties.
    remove_detected: bool
    sanctions_hold: bool
    dm_ban_stops_receiving: bool
    view_only_stops_receiving: bool
    dm_ban_from: int
    view_only_from: int
    ban_from: int
    dm_ban_hours_least: int
    dm_ban_hours_most: int
    view_only_hours_least: int
    view_only_hours_most: int
    view_only_hours_vary: bool
    zero_tolerance_bans: bool
    zero_tolerance_bans_device: bool
    device_ban_stops_other_accounts: bool
    reports_outside_messages_count: bool
    staff_need_a_report: bool
    # Private replies, and what else brands send.
    one_private_reply_per_comment: bool
    public_reply_first: bool
    private_reply_days: int
    private_reply_to_pages: bool
    private_replies_per_hour: int
    messaging_window_hours: int
    human_agent_hours: int
    window_everywhere: bool
    mailings_per_second: int
    sponsored_need_conversation: bool
