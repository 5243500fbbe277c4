"""A trace, action by action, with what each was decided on: the ground of all coverage."""

from collections.abc import Iterator
from dataclasses import dataclass

from dmsim.adapters.base import ActionRow, Outcome
from dmsim.replay.judge import same
from dmsim.replay.schedule import as_codes
from dmsim.rulebook.mirror import Mirror
from dmsim.rules.facts import Facts
from dmsim.trace.reader import Trace
from dmsim.vocabulary import Action, Platform, Reason, Standing, Verdict, Via

#: What names an object that the trace itself may have created.
_ANSWER_COMMENTS = (Action.PUBLIC_REPLY, Action.PRIVATE_REPLY)
_COLUMNS = (*ActionRow._fields, "seq", "binds", "platform", "verdict", "reason")


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a trace.

    Attributes:
        seq: the row of the trace.
        row: what was done, as codes.
        action: the same as a word of the vocabulary.
        via: the path through the interface.
        platform: the actor's device.
        verdict: what the trace demands.
        reason: why, where it is refused, removed or shows nothing.
        facts: what it was decided on, gathered anew by the reference backend.
        agrees: whether the reference backend came to the same verdict.
        muted: whether the recipient had muted the conversation.
        peer_deleted: whether the other side deleted its view of the conversation before.
        before: the target's penalty before a decision of the moderators.
        after: its penalty after it.
    """

    seq: int
    row: ActionRow
    action: Action
    via: Via
    platform: Platform
    verdict: Verdict
    reason: Reason
    facts: Facts
    agrees: bool
    muted: bool
    peer_deleted: bool
    before: Standing
    after: Standing


def steps(trace: Trace, mirror: Mirror) -> Iterator[Step]:
    """Every action of a trace in order, done by the mirror."""
    deleted: set[tuple[int, int]] = set()
    bound: dict[int, bytes] = {}
    for row, seq, binds, platform, verdict, reason in _rows(trace):
        action = Action(row.action)
        muted = _has_muted(mirror, row.target, row.actor)
        before = _standing(mirror, row.target)
        created = bound.get(row.uses, b"") if action in _ANSWER_COMMENTS else b""
        outcome, facts = mirror.do(row, created)
        assert facts is not None, f"{action.name} asks no rule"
        if binds >= 0:
            bound[binds] = outcome.bound
        yield Step(
            seq=seq,
            row=row,
            action=action,
            via=Via(row.via),
            platform=Platform(platform),
            verdict=Verdict(verdict),
            reason=Reason(reason),
            facts=facts,
            agrees=_agrees(outcome, verdict, reason),
            muted=muted,
            peer_deleted=(row.target, row.actor) in deleted,
            before=before,
            after=_standing(mirror, row.target),
        )
        if action == Action.DELETE_CONVERSATION and verdict == Verdict.DONE:
            deleted.add((row.actor, row.target))


def _agrees(outcome: Outcome, verdict: int, reason: int) -> bool:
    return not outcome.error and same(outcome, verdict, reason)


def _rows(trace: Trace) -> Iterator[tuple[ActionRow, int, int, int, int, int]]:
    frame = trace.actions(list(_COLUMNS))
    columns = [as_codes(frame[name]).tolist() for name in _COLUMNS]
    width = len(ActionRow._fields)
    for values in zip(*columns, strict=True):
        yield ActionRow(*values[:width]), *values[width:]


def _standing(mirror: Mirror, account: int) -> Standing:
    return Standing(mirror.world.accounts[account].standing) if account >= 0 else Standing.GOOD


def _has_muted(mirror: Mirror, account: int, peer: int) -> bool:
    if account < 0 or account == peer:
        return False
    conversation = mirror.world.conversation(account, peer)
    return conversation is not None and conversation.view(account).muted
