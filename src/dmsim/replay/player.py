"""Plays one schedule from T0 to the last answer: dispatcher, wire, adapter and judge together."""

import gc
import time
from array import array
from collections.abc import Callable, Collection
from operator import itemgetter

from dmsim.adapters.base import ActionRow, Adapter, Answer, Encoder, Outcome, ProbingEncoder
from dmsim.replay.client import ClientConnection, client_for
from dmsim.replay.core import sampled_core
from dmsim.replay.delivery import Probes
from dmsim.replay.dispatcher import Dispatcher, Fate, Lane
from dmsim.replay.judge import Judge, Judgement
from dmsim.replay.listeners import Listeners
from dmsim.replay.merge import record_of
from dmsim.replay.record import Record
from dmsim.replay.rows import Rows
from dmsim.replay.schedule import Schedule, not_sent_because_of
from dmsim.replay.settings import ReplaySettings
from dmsim.replay.shards import Share, whole
from dmsim.replay.target import Target
from dmsim.replay.timer import new_timer
from dmsim.replay.wire import WireError
from dmsim.replay.withheld import unsupported_because_of, withheld_because_of
from dmsim.replay.words import told_outcome
from dmsim.vocabulary import Action, Reason, Verdict, names, word

#: Connections opened before T0; the pool grows beyond on demand.
WARM = 16

#: So many exchanges in a row without an answer, over at least so long, mean that the backend is
#: gone: the rest of the trace would only say so again.
GONE_AFTER_FAILURES = 20
GONE_AFTER_NS = 1_000_000_000

#: Between warming the connections and T0.
_PAUSE_NS = 20_000_000

_ACTIONS = names(Action)
_VERDICTS = names(Verdict)
_REASONS = names(Reason)
_INBOX = word(Verdict.INBOX)
_DONE = word(Verdict.DONE)

#: Called after every answered or failed action: its word, response in ms from the intended start,
#: the size of the answer, and what was wrong with it (empty if nothing).
Listener = Callable[[str, float, int, str], None]


class Player:
    """Plays one schedule against one target, once.

    Args:
        schedule: the actions at their times.
        adapter: understands the answers.
        encoder: the adapter's templates, compiled for this target and trace.
        target: the backend.
        judge: of the schedule's actions.
        settings: limits on waiting and on connections.
        left_out: kinds of actions that are not sent.
        listener: told of every action as it ends.
        rows: where it is written what became of the actions; by default in memory alone.
        share: what of the schedule is ours; by default all of it.
        announce: told of the fate of every action of ours that others' actions come after.

    Attributes:
        listeners: who holds connections meanwhile; set before the run where anybody does.
    """

    def __init__(
        self,
        schedule: Schedule,
        adapter: Adapter,
        encoder: Encoder,
        target: Target,
        judge: Judge,
        settings: ReplaySettings,
        *,
        left_out: Collection[Action] = (),
        listener: Listener | None = None,
        rows: Rows | None = None,
        share: Share | None = None,
        announce: Callable[[int, Fate, int], None] | None = None,
    ) -> None:
        size = len(schedule)
        self.schedule = schedule
        self.rows = rows or Rows(size)
        self.encoder = encoder
        self.stepped = encoder.stepped
        self.decode = adapter.decode
        self._adapter = adapter
        self._withheld_kinds = left_out
        self.judge = judge
        self.listener = listener
        self.actions = schedule.action.tolist()
        self.columns = [getattr(schedule, name).data for name in ActionRow._fields]
        self.intended = array("q", bytes(8 * size))
        self.binder = schedule.binder.data
        self.bound: dict[int, bytes] = {}
        self.start = self.rows.start
        self.done = self.rows.done
        self.judgements = self.rows.judgements
        self.statuses = self.rows.statuses
        self.origins: dict[int, int] = {}
        self.core: list[float] = []
        self._failures = 0
        self._failing_since = 0
        self._t0 = 0
        self._client = client_for(adapter, target, settings.timeout / 1e6)
        self._timer = new_timer()
        self._unsupported = unsupported_because_of(schedule, adapter).data
        self._left_out = not_sent_because_of(schedule, left_out).data
        self.dispatcher = Dispatcher(
            schedule,
            lambda: _Lane(self, self._client.connection(headed=encoder.headed)),
            settings.connections,
            self._timer,
            self._withheld,
            self.rows,
            whole(size) if share is None else share,
            announce,
        )
        self._warm = min(WARM, settings.connections)
        self.listeners: Listeners | None = None
        self._probes: Probes | None = None
        if settings.delivery_probes and isinstance(encoder, ProbingEncoder):
            self._probes = Probes(self._client, encoder, self.rows, settings)

    @property
    def finished(self) -> int:
        """How many actions have met their fate."""
        return self.dispatcher.finished

    @property
    def began(self) -> bool:
        """Whether T0 was set; before that there is nothing to report."""
        return self._t0 > 0

    def run(self, begin: Callable[[], int] | None = None) -> None:
        """Play to the end, or until :meth:`stop`; :meth:`record` then tells what happened.

        Args:
            begin: asked for T0 (``time.monotonic_ns()``) when the connections are warm; by default
                it is at once.

        Raises:
            WireError: the backend could not be connected to before T0.
            Exception: something of ours failed; the record tells what had finished by then.
        """
        try:
            self.dispatcher.warm(self._warm_lanes())
            # What exists by now lives to the end; collecting it anew would cost lateness.
            gc.collect()
            gc.freeze()
            self._t0 = begin() if begin else time.monotonic_ns() + _PAUSE_NS
            self.rows.t0 = self._t0
            self.intended = array("q", (self.schedule.intended + self._t0).tobytes())
            if self.listeners is not None:
                self.listeners.start(self._t0)
            with sampled_core(self.core):
                self.dispatcher.run(self._t0)
            if self.listeners is not None and not self.dispatcher.stopped:
                self.listeners.finish()
            if self._probes is not None:
                self._probes.finish()
        finally:
            if self._probes is not None:
                self._probes.close()
            if self.listeners is not None:
                self.listeners.close()
            gc.unfreeze()
            self._client.close()
            self._timer.close()

    def stop(self, reason: str) -> None:
        """End the run early; it becomes invalid, and what has finished is kept."""
        self.dispatcher.stop(reason)
        if self.listeners is not None:
            self.listeners.stop()

    def record(self) -> Record:
        """The rows of the run as they stand, judged anew with all that is known by now."""
        return record_of(
            self.schedule,
            self.judge.anew(),
            withheld_because_of(self.schedule, self._adapter, self._withheld_kinds),
            [self.rows.finished()],
            stopped=self.dispatcher.stopped,
        )

    def answered(self, row: int, outcome: Outcome, size: int) -> Fate:
        """Note and judge an answer."""
        if outcome.error:
            return self.failed(row, outcome.error, size)
        self._failures = 0
        if outcome.bound:
            self.bound[row] = outcome.bound
        judgement, origin = self.judge.judge(row, outcome)
        self.judgements[row] = judgement
        if origin >= 0:
            self.origins[row] = origin
        if judgement != Judgement.MATCH:
            self.rows.note_outcome(row, outcome, self._sign(row))
        if self.listeners is not None and outcome.bound and outcome.verdict != _DONE:
            self.rows.note_id(row, outcome.bound)
        if self.listener is not None:
            self._tell(row, size, self._problem(row, outcome, judgement))
        probes = self._probes
        delivered = outcome.verdict == _INBOX and outcome.bound
        if probes is not None and delivered and probes.wants(self.done[row]):
            probes.begin(row, self.columns_of(row), outcome)
        return Fate.ANSWERED

    def failed(self, row: int, kind: str, size: int = 0) -> Fate:
        """Note that an action has no answer that says anything."""
        self.rows.note_error(row, kind)
        if not self._failures:
            self._failing_since = self.done[row]
        self._failures += 1
        if (
            self._failures >= GONE_AFTER_FAILURES
            and self.done[row] - self._failing_since >= GONE_AFTER_NS
        ):
            self.stop(f"the backend stopped answering ({self._failures} failures in a row: {kind})")
        if self.listener is not None:
            self._tell(row, size, kind)
        return Fate.ERROR

    def _problem(self, row: int, outcome: Outcome, judgement: Judgement) -> str:
        """Few different texts, since Locust counts failures by their text."""
        if judgement != Judgement.MISMATCH:
            return ""
        expected = _VERDICTS[self.schedule.verdict[row]], _REASONS[self.schedule.reason[row]]
        told = told_outcome(*expected, self._sign(row))
        if outcome.among:  # these words are the adapter's own
            return f"expected {told}, got {told_outcome(outcome.verdict, outcome.reason)}"
        got = outcome.verdict if outcome.verdict in _VERDICTS else "something else"
        reason = outcome.reason if outcome.reason in _REASONS else ""
        return f"expected {told}, got {told_outcome(got, reason)}"

    def columns_of(self, row: int) -> ActionRow:
        """What the request of an action is made of."""
        return ActionRow._make(map(itemgetter(row), self.columns))

    def _sign(self, row: int) -> str:
        """How the backend would write what is demanded."""
        return self.encoder.sign(self.columns_of(row), _REASONS[self.schedule.reason[row]])

    def _withheld(self, row: int) -> Fate:
        fate, origin = Fate.LEFT_OUT, self._left_out[row]
        if origin < 0:
            fate, origin = Fate.UNSUPPORTED, self._unsupported[row]
        if origin < 0:
            return Fate.PENDING
        if origin != row:
            self.origins[row] = origin
        self.judge.missing(row, origin)
        return fate

    def _tell(self, row: int, size: int, problem: str) -> None:
        response_ms = (self.done[row] - self.intended[row]) / 1e6
        assert self.listener is not None
        self.listener(_ACTIONS[self.actions[row]], response_ms, size, problem)

    def _warm_lanes(self) -> list[Lane]:
        lanes: list[Lane] = []
        for _ in range(self._warm):
            connection = self._client.connection(headed=self.encoder.headed)
            connection.open()
            lanes.append(_Lane(self, connection))
        return lanes


class _Lane:
    """One connection and what is done with it."""

    def __init__(self, player: Player, connection: ClientConnection) -> None:
        self._player = player
        self._connection = connection

    def perform(self, row: int) -> Fate:
        player = self._player
        binder = player.binder[row]
        bound = b""
        if binder >= 0:
            bound = player.bound.get(binder, b"")
            if not bound:
                # It was answered, but otherwise than with what it was to create.
                cause = player.origins.get(binder, binder)
                player.dispatcher.cause[row] = cause
                player.rows.note_cause(row, cause)
                return Fate.SKIPPED
        action = player.actions[row]
        columns = player.columns_of(row)
        if action in player.stepped:
            return self._perform_steps(row, columns, bound)
        request = player.encoder(columns, bound)
        player.start[row] = time.monotonic_ns()
        try:
            status, body = self._connection.exchange(request, columns.actor)
        except WireError as error:
            player.done[row] = time.monotonic_ns()
            return player.failed(row, str(error.trouble))
        player.done[row] = time.monotonic_ns()
        player.statuses[row] = status
        return player.answered(row, player.decode(action, status, body), len(body))

    def _perform_steps(self, row: int, columns: ActionRow, bound: bytes) -> Fate:
        """Several exchanges, timed from the beginning of the first to the end of the last."""
        player, connection = self._player, self._connection
        size = 0
        steps = player.encoder.steps(columns, bound)
        player.start[row] = time.monotonic_ns()
        try:
            request = next(steps)
            while True:
                status, body = connection.exchange(request, columns.actor)
                player.done[row] = time.monotonic_ns()
                player.statuses[row] = status
                size += len(body)
                request = steps.send(Answer(status, body, connection.headers))
        except StopIteration as end:
            if player.done[row] < 0:
                player.done[row] = time.monotonic_ns()
            return player.answered(row, end.value, size)
        except WireError as error:
            player.done[row] = time.monotonic_ns()
            return player.failed(row, str(error.trouble))

    def close(self) -> None:
        self._connection.close()
