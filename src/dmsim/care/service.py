"""How long the staff take for what they do."""

from math import exp

import numpy as np
from numpy.typing import NDArray

from dmsim.care.case import Case
from dmsim.draws import (
    ANSWER_TIME,
    PRIVATE_TIME,
    PUBLIC_TIME,
    QUANTILES,
    TRIAGE_TIME,
    draw,
    exponential_table,
    lognormal_table,
    quantile,
)
from dmsim.scenario.care import ServiceTime, Team


def service_table(told: ServiceTime) -> NDArray[np.int64]:
    """Quantiles (µs) of a service time; whatever its shape, their mean is the one that was told."""
    if told.shape == "fixed":
        return np.full(QUANTILES, told.mean, dtype=np.int64)
    if told.shape == "exponential":
        return exponential_table(told.mean)
    # The far tail lies beyond the last quantile: it is spread over all.
    raw = lognormal_table(told.mean / exp(told.sigma**2 / 2), told.sigma)
    scaled = np.rint(raw * (told.mean * QUANTILES / int(raw.sum())))
    return np.asarray(np.maximum(scaled, 1), dtype=np.int64)


class ServiceTimes:
    """Service times of a team in µs, drawn by case and turn, whoever does the work."""

    def __init__(self, key: int, team: Team) -> None:
        self._key = key
        self._triage = service_table(team.triage)
        self._public = service_table(team.public_reply)
        self._private = service_table(team.private_reply)
        self._answer = service_table(team.answer)
        self._template_speed = team.template_speed
        self._personalise = team.personalise

    def triage(self, case: Case) -> int:
        """Reading the comment and sorting it."""
        return self._drawn(self._triage, case, TRIAGE_TIME, 0)

    def public_reply(self, case: Case, number: int = 0) -> int:
        """Writing the ``number``-th public reply of a case."""
        return self._reply(case, self._drawn(self._public, case, PUBLIC_TIME, number))

    def private_reply(self, case: Case) -> int:
        """Writing the private reply."""
        return self._reply(case, self._drawn(self._private, case, PRIVATE_TIME, 0))

    def answer(self, case: Case) -> int:
        """The next turn in the thread."""
        return self._drawn(self._answer, case, ANSWER_TIME, case.turns)

    def _reply(self, case: Case, time: int) -> int:
        """A template makes a reply faster (R174), making it personal takes time (R175)."""
        if case.templated:
            return round(time * self._template_speed) + self._personalise
        return time

    def _drawn(self, table: NDArray[np.int64], case: Case, purpose: int, turn: int) -> int:
        return quantile(table, draw(self._key, case.stream, purpose, turn))
