"""The customers of a team that is run without a population: they look, think, and answer."""

from collections.abc import Callable

import simpy

from dmsim.care.case import Case
from dmsim.draws import (
    ANSWER_BRAND,
    FORGETTING,
    SCALE,
    THINK,
    VISIT,
    VISIT_DELAY,
    draw,
    exponential_table,
    lognormal_table,
    quantile,
)
from dmsim.scenario import Customers as Settings

#: Sets the answer to a reminder apart from that to the word of the brand before it.
_REMINDED = 1 << 20


class Customers:
    """How customers go on, each drawn by its case alone, so that the staff have no say in it.

    How long a customer waits in silence, and what he does then, is the workflow's. ``write`` is
    called at the moment at which the customer of a case writes to the page.
    """

    def __init__(
        self, env: simpy.Environment, key: int, settings: Settings, write: Callable[[Case], None]
    ) -> None:
        self._env = env
        self._key = key
        self._write = write
        self._opens = {
            told: (round(share * SCALE), lognormal_table(median, settings.sigma))
            for told, share, median in (
                (True, settings.opens_told, settings.told_after),
                (False, settings.opens_untold, settings.untold_after),
            )
        }
        self._forgets = exponential_table(settings.forgets)
        self._answers = round(settings.answers * SCALE)
        self._thinks = exponential_table(settings.thinks)

    def receive_private_reply(self, case: Case) -> None:
        """Who was told of it looks sooner and more often (R168).

        Who was not, and has forgotten the comment by now, does not look (R163).
        """
        age = int(self._env.now) - case.written
        if not case.announced and age > quantile(self._forgets, self._draw(case, FORGETTING)):
            return
        opens, delays = self._opens[case.announced]
        if self._draw(case, VISIT) < opens:
            delay = quantile(delays, self._draw(case, VISIT_DELAY))
            self._after(delay, lambda: self._think(case, 0))

    def receive_answer(self, case: Case) -> None:
        """In a thread that is open a customer sees at once what the brand writes."""
        self._think(case, 1 + case.turns)

    def receive_reminder(self, case: Case) -> None:
        """One more chance to answer (R123)."""
        self._think(case, _REMINDED | case.turns)

    def _think(self, case: Case, step: int) -> None:
        """Answer after a while, or not."""
        if self._draw(case, ANSWER_BRAND, step) < self._answers:
            thinks = quantile(self._thinks, self._draw(case, THINK, step))
            self._after(thinks, lambda: self._answer(case))

    def _answer(self, case: Case) -> None:
        # What was settled in the meantime needs no answer; nor does one more line begin anything.
        if case.is_open and not case.unread and not case.left:
            self._write(case)

    def _after(self, delay: int, happen: Callable[[], None]) -> None:
        self._env.timeout(delay).callbacks.append(lambda _: happen())

    def _draw(self, case: Case, purpose: int, step: int = 0) -> int:
        return draw(self._key, case.stream, purpose, step)
