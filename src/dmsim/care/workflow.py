"""The life of a case: publicly first, then at once privately, then turn by turn to its end."""

from collections.abc import Callable, Generator

import simpy

from dmsim.care.book import CaseBook
from dmsim.care.case import REQUESTS, Case, Slip
from dmsim.care.desk import Desk
from dmsim.care.platform import Platform
from dmsim.care.service import ServiceTimes
from dmsim.care.work import Work
from dmsim.draws import (
    ESCALATES,
    LEAVES_SILENTLY,
    PATIENCE,
    SCALE,
    SLIP_DELAY,
    THREAD_PATIENCE,
    draw,
    exponential_table,
    quantile,
)
from dmsim.scenario.care import Customers, Team
from dmsim.scenario.units import DAY_US, HOUR_US
from dmsim.vocabulary import Ending, Reason, Topic, Verdict, word

Process = Generator[simpy.Event, object, None]

#: A silent customer is waited for so long where the platform has no window for human agents.
_SILENCE_US = 7 * DAY_US
#: The hours of a customer's day in which a reminder is welcome (R123).
_MORNING_US = 9 * HOUR_US
_EVENING_US = 20 * HOUR_US
#: Slips happen so long, on average, after they have become possible.
_SLIP_US = exponential_table(HOUR_US)


class Workflow:
    """Moves the cases of a team; every case is one SimPy process, :meth:`live`."""

    def __init__(
        self, env: simpy.Environment, platform: Platform, desk: Desk, book: CaseBook,
        team: Team, customers: Customers,
    ) -> None:  # fmt: skip
        self._env = env
        self._platform = platform
        self._desk = desk
        self._book = book
        self._times = ServiceTimes(platform.key, team)
        self._follow_up = team.follow_up
        self._escalates = round(customers.escalates * SCALE)
        self._patience = exponential_table(customers.patience)
        self._thread_patience = (
            exponential_table(customers.thread_patience) if customers.thread_patience else None
        )
        self._leaves_silently = round(customers.leaves_silently * SCALE)
        policy = platform.policy
        self._private_reply_us = policy.private_reply_days * DAY_US
        # A window for all is one for human agents at least.
        hours = max(policy.messaging_window_hours, policy.human_agent_hours)
        self._window_us = hours * HOUR_US if policy.messaging_window_hours else 0

    def live(self, case: Case) -> Process:
        """A case from the comment, or the message, with which it begins, to its end."""
        if case.comment >= 0:
            yield from self._answer_comment(case)
        while case.is_open:
            if case.unread:
                yield from self._answer_message(case)
            else:
                yield from self._wait_for_customer(case)

    def answer_escalation(self, case: Case, comment: int) -> Process:
        """The customer has turned to the public: the comment is answered there, with priority."""
        case.escalated = True
        work = self._desk.ask(case, "escalation")
        yield work.taken
        yield self._desk.handle(work, self._times.public_reply(case, number=1))
        self._platform.public_reply(case, comment, announces=False)
        self._desk.done(work)

    def message_came(self, case: Case) -> None:
        """The customer wrote in the thread of the case, of which everything else was read."""
        case.wrote = self._now
        case.unread = True
        case.reminded = False
        if case.returned < 0:
            case.returned = self._now
        if case.news is not None and not case.news.triggered:
            case.news.succeed("message")

    def _answer_comment(self, case: Case) -> Process:
        """Triage, the public reply first (R149, R159), the private one at once after it (R172)."""
        work = self._desk.ask(case, word(case.topic))
        self._begin_waiting(case, case.written, wait=0)
        yield work.taken
        self._slip_before(case)
        self._platform.look(case)
        yield self._desk.handle(work, self._times.triage(case))
        if case.topic == Topic.SPAM:
            self._end(case, Ending.DISMISSED)
        else:
            yield self._desk.handle(work, self._times.public_reply(case))
            self._reply_publicly(case)
        if case.is_open:
            yield self._desk.handle(work, self._times.private_reply(case))
            self._reply_privately(case)
        self._desk.done(work)
        while case.is_open and case.private < 0:
            yield from self._try_again(case)
        self._slip_after(case)

    def _reply_publicly(self, case: Case) -> None:
        """Thanks or an apology, with word of the private message where one follows (R165-R167)."""
        follows = case.in_private and not self._is_too_old(case)
        told = case.announced and follows
        self._platform.public_reply(case, case.comment, announces=told)
        case.public = self._now
        case.waiting = -1
        if not follows:
            self._end(case, Ending.EXPIRED if case.in_private else Ending.RESOLVED)

    def _reply_privately(self, case: Case) -> None:
        """In addition to the public reply (R147); what the limit of an hour stops stays open."""
        verdict, reason = self._platform.private_reply(case, personal=case.personal)
        if verdict != Verdict.REFUSED:
            case.private = case.said = self._now
            self._book.opens_thread(case)
        elif reason != Reason.RATE_LIMITED:
            self._end(case, _ending_without_private_reply(case, reason))

    def _try_again(self, case: Case) -> Process:
        """The private reply, which is written, waits for the next hour of the clock (R129)."""
        next_try = self._now + HOUR_US - self._now % HOUR_US
        if self._private_reply_us:
            next_try = min(next_try, case.written + self._private_reply_us)
        yield self._env.timeout(next_try - self._now)
        if self._is_too_old(case):
            self._end(case, Ending.EXPIRED)
            return
        work = self._desk.ask(case, word(case.topic))
        yield work.taken
        self._reply_privately(case)
        self._desk.done(work)

    def _answer_message(self, case: Case) -> Process:
        """A turn: an agent reads what the customer wrote, thinks, answers."""
        work = self._desk.ask(case, "thread")
        self._begin_waiting(case, case.wrote, wait=1 + case.turns)
        if self._thread_patience is not None:
            drawn = draw(self._platform.key, case.stream, THREAD_PATIENCE, case.turns)
            leaves = case.wrote + quantile(self._thread_patience, drawn)
            self._at(leaves, lambda: self._leave(case, work))
        if (yield work.taken) is None:
            self._end(case, Ending.ABANDONED)
            return
        self._read(case)
        # What is too late is found out at once.
        if self._platform.window_open(case):
            yield self._desk.handle(work, self._times.answer(case))
        verdict, reason = self._platform.answer(case)
        self._desk.done(work)
        if verdict == Verdict.REFUSED:
            self._end(case, Ending.EXPIRED if reason == Reason.OUTSIDE_WINDOW else Ending.ABANDONED)
        else:
            self._note_answer(case)

    def _leave(self, case: Case, work: Work) -> None:
        """The customer leaves the thread, unless an agent has his turn; some without a word."""
        if work.gone:
            return
        drawn = draw(self._platform.key, case.stream, LEAVES_SILENTLY, case.turns)
        if drawn < self._leaves_silently:
            case.left = True
            self._book.leaves(case)
        else:
            self._desk.withdraw(work)

    def _note_answer(self, case: Case) -> None:
        case.turns += 1
        case.said = self._now
        case.waiting = -1
        if case.left:
            return
        if case.answered < 0:
            case.answered = self._now
        if case.turns >= case.needed:
            self._end(case, Ending.HANDED_OFF if case.hands_off else Ending.RESOLVED)

    def _wait_for_customer(self, case: Case) -> Process:
        """Until he writes; a silent one is reminded once, and given up in the end (R163)."""
        news = case.news = self._env.event()
        gives_up = case.said + (self._window_us or _SILENCE_US)
        self._tell_at(gives_up, news, "silence")
        reminds = self._reminder(case)
        if reminds < gives_up:
            self._tell_at(reminds, news, "reminder")
        happened = yield news
        if happened == "silence":
            self._end(case, Ending.SILENT)
        elif happened == "reminder":
            case.reminded = True
            if self._platform.follow_up(case)[0] != Verdict.REFUSED:
                case.said = self._now

    def _reminder(self, case: Case) -> int:
        """When to remind the customer: at an hour convenient for him (R123); never is far away.

        Who has not written at all has opened no window in which the platform would let it through.
        """
        closed = case.returned < 0 and self._window_us > 0
        if self._follow_up == 0 or case.reminded or closed:
            return case.said + _SILENCE_US + self._window_us
        return convenient(case.said + self._follow_up, self._platform.utc_offset(case.person))

    def _begin_waiting(self, case: Case, since: int, wait: int) -> None:
        """The customer waits for an answer, and may turn to the public before it comes (R151)."""
        case.waiting = since
        key, stream = self._platform.key, case.stream
        if case.topic not in REQUESTS or draw(key, stream, ESCALATES, wait) >= self._escalates:
            return

        def lose_patience() -> None:
            if case.is_open and case.waiting == since and not case.escalated:
                self._book.escalates(case)
                self._platform.escalate(case)

        self._at(since + quantile(self._patience, draw(key, stream, PATIENCE, wait)), lose_patience)

    def _slip_before(self, case: Case) -> None:
        """Somebody writes privately before the public reply, where the platform refuses that."""
        if case.slip == Slip.BEFORE_PUBLIC and self._platform.policy.public_reply_first:
            self._platform.private_reply(case, personal=False)

    def _slip_after(self, case: Case) -> None:
        """Somebody writes privately once more, or too late, where the platform refuses that."""
        since = -1
        once = self._platform.policy.one_private_reply_per_comment
        if case.slip == Slip.ONCE_MORE and case.private >= 0 and once:
            since = case.private
        elif case.slip == Slip.TOO_LATE and case.private < 0 and self._private_reply_us:
            since = max(self._now, case.written + self._private_reply_us)
        if since >= 0:
            drawn = draw(self._platform.key, case.stream, SLIP_DELAY, 0)
            self._at(
                since + quantile(_SLIP_US, drawn),
                lambda: self._platform.private_reply(case, personal=False),
            )

    def _end(self, case: Case, ending: Ending) -> None:
        case.ending = ending
        case.ended = self._now
        case.waiting = -1
        if case.unread:
            self._read(case)
        self._book.ends(case)
        if ending == Ending.RESOLVED:
            self._platform.resolve(case)
        elif ending == Ending.HANDED_OFF:
            self._platform.hand_off(case)

    def _read(self, case: Case) -> None:
        self._platform.read(case)
        case.unread = False

    def _is_too_old(self, case: Case) -> bool:
        """Whether the comment cannot be answered privately any more."""
        return 0 < self._private_reply_us <= self._now - case.written

    def _tell_at(self, at: int, event: simpy.Event, happened: str) -> None:
        """Let an event happen at a time, if it has not happened by then."""

        def tell() -> None:
            if not event.triggered:
                event.succeed(happened)

        self._at(at, tell)

    def _at(self, at: int, happen: Callable[[], object]) -> None:
        """Do something at a time (µs), or now if that is over."""

        def ring(_: simpy.Event) -> None:
            happen()

        self._env.timeout(max(0, at - self._now)).callbacks.append(ring)

    @property
    def _now(self) -> int:
        return int(self._env.now)


def _ending_without_private_reply(case: Case, reason: Reason) -> Ending:
    """The public reply settles what neither needs more than that nor was told of more."""
    if reason == Reason.COMMENT_TOO_OLD:
        return Ending.EXPIRED
    return Ending.ABANDONED if case.personal or case.announced else Ending.RESOLVED


def convenient(at: int, utc_offset: int) -> int:
    """The first moment from ``at`` on at which a customer likes to be reminded (µs, R123).

    ``utc_offset`` is by how much his clock is ahead.
    """
    hour = (at + utc_offset) % DAY_US
    if hour < _MORNING_US:
        return at + _MORNING_US - hour
    return at if hour < _EVENING_US else at + DAY_US + _MORNING_US - hour
