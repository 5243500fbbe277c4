"""What a decision rests on: plain values, gathered by whoever asks the rules.

Named tuples, because the compiled kernel and ordinary Python can both build and read them.
"""

from typing import NamedTuple

from dmsim.vocabulary import Kind, Setting, Thread


class DeliveryFacts(NamedTuple):
    """The facts about a sender, a recipient and the pair of them."""

    sender_registered: bool
    sender_age: int
    sender_kind: Kind | int
    sender_setting: Setting | int
    recipient_registered: bool
    recipient_age: int
    recipient_kind: Kind | int
    recipient_setting: Setting | int
    sender_follows: bool
    recipient_follows: bool
    contact_synced: bool
    sender_blocks: bool
    recipient_blocks: bool
    thread: Thread | int


class CommentFacts(NamedTuple):
    """The facts about a comment that a page wants to answer."""

    publicly_replied: bool
    privately_replied: bool


class Policy(NamedTuple):
    """The numbers and switches of the rules; ``seeds/policy.toml`` holds the defaults."""

    minimum_age: int
    no_one_may_send: bool
    blocker_may_send: bool
    deleted_request_may_be_repeated: bool
    one_private_reply_per_comment: bool
    public_reply_first: bool
