"""The adapter under test, made anew for every look at it."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import cast

from dmsim.adapters import (
    OWN,
    ActionRow,
    Adapter,
    Answer,
    Encoder,
    LabelledText,
    Outcome,
    ProvisionRequest,
    adapter_named,
)
from dmsim.adapters.declared.sample import ACTOR, PAGE, TARGET, sample_actions
from dmsim.adapters.installed import faults_of
from dmsim.errors import UsageError
from dmsim.testing.framing import Shape, http_shape
from dmsim.testing.sample import PAGES, SampleTrace
from dmsim.vocabulary import Action

TOKEN = "token-of-the-checks"
AUTHORITY = "127.0.0.1:8000"

#: More steps than these no action takes.
MOST_STEPS = 50

#: Makes the adapter of a master token, as an entry point does.
Make = Callable[[str], Adapter]

#: How many whole requests some bytes are.
Counter = Callable[[bytes], int]


def expect(holds: bool, otherwise: str) -> None:
    """Fail a check.

    Raises:
        AssertionError: it does not hold.
    """
    if not holds:
        raise AssertionError(otherwise)


class Subject:
    """An adapter under test.

    Args:
        adapter: its name or file as in ``--adapter``, or what makes it of a master token.
        requests_in: how many requests some bytes are; of use where the adapter speaks no HTTP.
    """

    def __init__(self, adapter: str | Make, requests_in: Counter | None = None) -> None:
        self.name = adapter if isinstance(adapter, str) else ""
        self._adapter = adapter
        self._speaks_http: bool | None = None
        self._requests_in = requests_in

    def adapter(self) -> Adapter:
        """A fresh one, which lacks nothing."""
        told = self._adapter
        made: object = adapter_named(told, TOKEN) if isinstance(told, str) else told(TOKEN)
        faults = faults_of(made)
        expect(not faults, f"it is no adapter: {'; '.join(faults)}")
        return cast(Adapter, made)

    def encoder(
        self, adapter: Adapter, texts: dict[int, LabelledText], authority: str = AUTHORITY
    ) -> Encoder:
        """The adapter's templates for the sample's accounts and pages."""
        return adapter.encoder(authority, (ACTOR, TARGET, PAGE), texts, pages=PAGES)

    def rows(self, adapter: Adapter) -> list[ActionRow]:
        """An action of every supported kind by a person, and by a page."""
        rows = [row for row in sample_actions() if adapter.supports(Action(row.action))]
        return [*rows, *(row._replace(actor=PAGE, target=ACTOR) for row in rows)]

    def shape(self, request: bytes) -> Shape:
        """What a server sees of a request.

        Raises:
            AssertionError: it is not one whole request.
        """
        if self._requests_in is not None:
            found = self._requests_in(request)
            expect(found == 1, f"a server would read {found} requests in {request!r}")
            return Shape()
        if self._speaks_http is None:
            self._speaks_http = self.adapter().client != OWN
        return http_shape(request) if self._speaks_http else Shape()


def filling(adapter: Adapter, trace: SampleTrace) -> list[ProvisionRequest]:
    """The requests of provisioning; of an adapter that needs answers, as many as it makes."""
    requests: list[ProvisionRequest] = []
    try:
        for one in adapter.provisioning(trace):
            first = None if one is None else one.begun()
            if one is not None and first is not None:
                requests.append(replace(first, rows=one.rows))
    except UsageError as lacking:
        expect(adapter.remembers, f"provisioning ends with: {lacking}")
    return requests


def walk(
    encoder: Encoder, row: ActionRow, bound: bytes, answers: Iterator[Answer]
) -> tuple[list[bytes], Outcome]:
    """Take a stepped action to its end.

    Raises:
        AssertionError: it comes to none, or to something else than an outcome.
    """
    requests: list[bytes] = []
    steps = encoder.steps(row, bound)
    try:
        request = next(steps)
        while len(requests) < MOST_STEPS:
            requests.append(request)
            request = steps.send(next(answers))
    except StopIteration as end:
        told = end.value
        expect(isinstance(told, Outcome), f"{named(row)}: its steps return {told!r}, no Outcome")
        return requests, cast(Outcome, told)
    raise AssertionError(f"{named(row)}: its steps come to no end")


def first_request(encoder: Encoder, row: ActionRow, bound: bytes = b"") -> bytes | None:
    """The first request of an action; None where it asks for what no answer has given yet."""
    if row.action not in encoder.stepped:
        return encoder(row, bound)
    return next(encoder.steps(row, bound), None)


def named(row: ActionRow) -> str:
    """An action's word, for people."""
    return Action(row.action).name.lower()


def supported(adapter: Adapter) -> Collection[Action]:
    """The actions that the backend can express."""
    return [action for action in Action if adapter.supports(action)]
