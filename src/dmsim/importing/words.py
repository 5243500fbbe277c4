"""The words in which a log tells of actions and their outcomes."""

import polars as pl

from dmsim.trace.schema import words
from dmsim.vocabulary import Action, Reason, Verdict, names, word

#: What concerns the actor alone.
ALONE = tuple(
    map(
        word,
        (
            Action.OPEN_INBOX,
            Action.LIST_REQUESTS,
            Action.LIST_FILTERED,
            Action.SEARCH_CONTENT,
            Action.LIST_STICKER_SETS,
        ),
    )
)

#: What happens between two accounts and changes nothing but what is between them: their order is
#: all that has to be kept.
BETWEEN_TWO = tuple(
    map(
        word,
        (
            Action.SEND_MESSAGE,
            Action.READ_THREAD,
            Action.ACCEPT_REQUEST,
            Action.DELETE_REQUEST,
            Action.MUTE_CONVERSATION,
            Action.UNMUTE_CONVERSATION,
            Action.DELETE_MESSAGE,
            Action.DELETE_CONVERSATION,
            Action.CHECK_READ,
            Action.BLOCK_USER,
            Action.UNBLOCK_USER,
            Action.FOLLOW,
            Action.UNFOLLOW,
        ),
    )
)

#: Every outcome as a log writes it, with its verdict and its reason.
OUTCOMES = {
    f"{verdict}:{reason}" if reason != word(Reason.NONE) else verdict: (verdict, reason)
    for verdict in names(Verdict)
    for reason in names(Reason)
    # Of these the reason belongs to the verdict, of all others there is none.
    if (verdict in map(word, (Verdict.REFUSED, Verdict.REMOVED, Verdict.HIDDEN)))
    == (reason != word(Reason.NONE))
}


def verdicts(outcome: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The verdict that an outcome becomes, null for none, and its reason."""
    verdict = {told: pair[0] for told, pair in OUTCOMES.items()}
    reason = {told: pair[1] for told, pair in OUTCOMES.items()}
    return (
        outcome.replace_strict(verdict, default=None, return_dtype=words(Verdict)),
        outcome.replace_strict(reason, default=word(Reason.NONE), return_dtype=words(Reason)),
    )
