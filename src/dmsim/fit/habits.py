"""Sessions and turns as a list of named values, in words."""

from collections.abc import Iterator

from dmsim.fit.behaviour import Estimate, Lognormal, Sessions, Turns


def habits(sessions: Sessions | None, turns: Turns | None) -> Iterator[tuple[str, Estimate]]:
    """Each known value with what it is."""
    if sessions:
        yield "sessions of a person in a week", sessions.per_week
        yield "actions in a session", sessions.actions
        yield "length of a session in s, from its first to its last action", sessions.length_s
        yield from _times("pause between actions of a session", sessions.pauses)
    if turns:
        yield "messages in a row (one side's, without a long pause)", turns.burst
        yield from _times("pause between messages in a row", turns.burst_gaps)
        if turns.replies:
            yield "share of such rows that are answered in time", turns.replies
        yield from _times("time to an answer", turns.delays)


def _times(what: str, told: Lognormal | None) -> Iterator[tuple[str, Estimate]]:
    if told:
        yield f"{what}: median in s", told.median_s
        yield f"{what}: sigma of the logarithm", told.sigma
