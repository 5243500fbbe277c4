"""The checks by name, as a list and all at once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dmsim.testing import answers, requests
from dmsim.testing.exercise import exercise
from dmsim.testing.subject import Counter, Make, Subject

#: Without a backend, in the order in which an adapter is best mended.
_OFFLINE: tuple[Callable[[Subject], None], ...] = (
    answers.what_it_supports_and_promises_is_fixed,
    requests.no_text_breaks_a_request,
    requests.the_same_action_is_the_same_request,
    requests.another_process_makes_the_same_requests,
    requests.steps_come_to_an_end,
    requests.signs_are_texts,
    requests.probes_are_requests,
    requests.filling_is_the_same_each_time,
    requests.filling_carries_the_rows_that_it_counts,
    answers.no_answer_ends_in_an_exception,
    answers.what_was_created_is_named_without_harm,
    answers.no_health_ends_in_an_exception,
    answers.no_probe_ends_in_an_exception,
)


@dataclass(frozen=True)
class Check:
    """One check of one adapter; call it to run it, its text is its name."""

    name: str
    run: Callable[[], object]

    def __call__(self) -> None:
        """Run it.

        Raises:
            AssertionError: the adapter fails it, for the reason that the text tells.
        """
        self.run()

    def __str__(self) -> str:
        return self.name


def checks(
    adapter: str | Make,
    *,
    requests_in: Counter | None = None,
    backend_url: str = "",
    trace: Path | None = None,
) -> list[Check]:
    """All checks of an adapter, each to be a test of its own.

    Args:
        adapter: its name or file as in ``--adapter``, or what makes it of a master token.
        requests_in: how many whole requests a server reads in some bytes, by which an adapter of
            another protocol than HTTP shows that no text breaks a request.
        backend_url: a backend that runs, to be filled and replayed against as well; what it holds
            is lost. Only for an adapter given by its name or file, as its processes need one.
        trace: what is replayed against it; by default a sample, see :func:`exercise`.

    Raises:
        ValueError: a backend is given without the adapter's name.
    """
    subject = Subject(adapter, requests_in)
    if backend_url and not subject.name:
        raise ValueError("backend_url: the replay needs the adapter by its name or file")
    found = [Check(check.__name__, _bound(check, subject)) for check in _OFFLINE]
    if backend_url:
        found.append(
            Check("its_backend_keeps_the_promises", _against(subject.name, backend_url, trace))
        )
    return found


def check_adapter(
    adapter: str | Make,
    *,
    requests_in: Counter | None = None,
    backend_url: str = "",
    trace: Path | None = None,
) -> None:
    """Run all checks of :func:`checks`, one after the other.

    Raises:
        AssertionError: some failed; its text names each with its reason.
    """
    failed: list[str] = []
    for check in checks(adapter, requests_in=requests_in, backend_url=backend_url, trace=trace):
        try:
            check()
        except AssertionError as error:
            failed.append(f"{check}: {error}")
    if failed:
        raise AssertionError("\n".join(failed))


def _bound(check: Callable[[Subject], None], subject: Subject) -> Callable[[], None]:
    return lambda: check(subject)


def _against(name: str, backend_url: str, trace: Path | None) -> Callable[[], None]:
    def run() -> None:
        done = exercise(name, backend_url, trace)
        # It is no fault, but whoever reads the test's output is to know.
        print(f"exercised: {', '.join(done.exercised)}")
        print(f"not exercised: {', '.join(done.not_exercised) or 'nothing'}")

    return run
