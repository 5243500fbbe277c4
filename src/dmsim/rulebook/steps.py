"""A trace, action by action, with what each was decided on: the ground of all coverage."""

from collections.abc import Iterator
from dataclasses import dataclass

from dmsim.adapters.base import ActionRow, Outcome
from dmsim.replay.judge import same
from dmsim.replay.schedule import as_codes
from dmsim.rulebook.mirror import Mirror
from dmsim.rules.facts import Facts
from dmsim.trace.reader import Trace
from dmsim.trace.schema import COMMENTS, OF_COMMENTS, TEXTS
from dmsim.vocabulary import Action, Platform, Reason, Standing, Topic, Verdict, Via, names

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
        comment: the comment that it makes, answers or reads, or whose case it ends; None for none.
        asks_personal: whether its text asks for personal data.
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
    comment: "Comment | None"
    asks_personal: bool


@dataclass(slots=True)
class Comment:
    """A comment as the trace has told of it so far.

    Attributes:
        author: who wrote it.
        at: when.
        topic: what it is about; None for one from before the trace.
        answered: when it was first answered publicly, -1 for not yet, or before the trace.
    """

    author: int
    at: int
    topic: Topic | None
    answered: int = -1


def steps(trace: Trace, mirror: Mirror) -> Iterator[Step]:
    """Every action of a trace in order, done by the mirror."""
    deleted: set[tuple[int, int]] = set()
    bound: dict[int, bytes] = {}
    texts = _Texts(trace)
    comments = _comments(trace)
    for row, seq, binds, platform, verdict, reason in _rows(trace):
        action = Action(row.action)
        muted = _has_muted(mirror, row.target, row.actor)
        before = _standing(mirror, row.target)
        comment = comments.get(row.uses) if action in OF_COMMENTS else None
        created = bound.get(row.uses, b"") if action in OF_COMMENTS else b""
        outcome, facts = mirror.do(row, created)
        assert facts is not None, f"{action.name} asks no rule"
        if binds >= 0:
            bound[binds] = outcome.bound
            comment = Comment(row.actor, row.at, texts.topics.get(row.text))
            comments[binds] = comment
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
            comment=comment,
            asks_personal=row.text in texts.personal,
        )
        if action == Action.PUBLIC_REPLY and verdict == Verdict.DONE and comment is not None:
            comment.answered = comment.answered if comment.answered >= 0 else row.at
        if action == Action.DELETE_CONVERSATION and verdict == Verdict.DONE:
            deleted.add((row.actor, row.target))


class _Texts:
    """What the bank says of its texts: topics of comments, and which ask for personal data."""

    def __init__(self, trace: Trace) -> None:
        bank = trace.table(TEXTS).select("id", "topic", "personal")
        words = names(Topic)
        self.topics = {
            number: Topic(words.index(topic)) for number, topic, _ in bank.rows() if topic
        }
        self.personal = {number for number, _, personal in bank.rows() if personal}


def _comments(trace: Trace) -> dict[int, Comment]:
    """Those from before the trace, by id."""
    columns = trace.table(COMMENTS).select("id", "author", "at").iter_rows()
    return {number: Comment(author, at, None) for number, author, at in columns}


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
