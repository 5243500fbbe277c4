"""Videos: who may watch them, who may make them private; and the sticker sets of an account."""

from dmsim.rules.facts import Facts, Policy
from dmsim.rules.messaging import may_use_stickers
from dmsim.vocabulary import Action, Reason, Region, Verdict


def decide_watching(facts: Facts, policy: Policy) -> tuple[Verdict, Reason]:
    """Watching a video, wherever it was found.

    Who is blocked cannot watch the blocker's videos (R92); one that became private is no longer
    available, not even in the messages that carry it (R30).
    """
    if facts.content.own:
        return Verdict.DONE, Reason.NONE
    if facts.pair.recipient_blocks and policy.blocks_stop_videos:
        return Verdict.REFUSED, Reason.BLOCKED
    if facts.content.private and policy.private_videos_stay:
        return Verdict.REFUSED, Reason.CONTENT_PRIVATE
    return Verdict.DONE, Reason.NONE


def decide_video_privacy(facts: Facts) -> tuple[Verdict, Reason]:
    """Only the author changes a video's privacy (R30, R31)."""
    return (
        (Verdict.DONE, Reason.NONE) if facts.content.own else (Verdict.REFUSED, Reason.NOT_AUTHOR)
    )


def decide_sticker_set(
    action: Action | int, facts: Facts, policy: Policy
) -> tuple[Verdict, Reason]:
    """Adding, ordering and removing sticker sets (R40, R43, R44), where there are any (R45)."""
    if action == Action.ADD_STICKER_SET:
        if policy.stickers_by_region and facts.sender.region == Region.WITHOUT_STICKERS:
            return Verdict.REFUSED, Reason.STICKERS_UNAVAILABLE
        return Verdict.DONE, Reason.NONE
    reason = may_use_stickers(facts.content, facts.sender, policy)
    return (Verdict.DONE, Reason.NONE) if reason == Reason.NONE else (Verdict.REFUSED, reason)
