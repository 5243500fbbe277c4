"""Whole replays over TLS, in the processes that Locust patches."""

import json
from pathlib import Path

import pytest

from dmsim.errors import UsageError
from dmsim.replay.run import replay
from dmsim.replay.transport import Transport
from tests.replay.conftest import MakeTrace
from tests.replay.test_command import dmsim
from tests.replay.test_end_to_end import locust, says


@pytest.mark.parametrize("workers", [1, 2])
def test_a_replay_over_tls_is_a_replay(
    make_trace: MakeTrace, tls_backend: str, authority: Path, workers: int
) -> None:
    trace = make_trace(says(*["inbox"] * 60, "chunked:inbox", "last:inbox"))
    transport = Transport(ca=str(authority))
    out = trace.parent / "out"
    result = replay(trace, host=tls_backend, out=out, transport=transport, workers=workers)
    assert result.exit_code == 0, result.summary.invalid_because
    assert result.summary.matches == 62
    assert not result.summary.insecure


def test_a_backend_that_nobody_vouches_for_is_refused_before_the_first_request(
    make_trace: MakeTrace, tls_backend: str
) -> None:
    trace = make_trace(says("inbox"))
    with pytest.raises(UsageError, match="--ca FILE"):
        replay(trace, host=tls_backend, out=trace.parent / "out")


def test_a_certificate_that_was_not_checked_is_told_loudly(
    make_trace: MakeTrace, tls_backend: str, authority: Path
) -> None:
    trace = make_trace(says("inbox"))
    done = dmsim(trace, "--host", tls_backend, "--insecure", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["insecure"]
    assert "INSECURE: the certificate of" in done.stderr
    checked = dmsim(trace, "--host", tls_backend, "--ca", authority, "--json", "--force")
    assert checked.returncode == 0, checked.stderr
    assert not json.loads(checked.stdout)["insecure"]
    assert "INSECURE" not in checked.stderr


def test_plain_locust_replays_over_tls_too(
    make_trace: MakeTrace, tls_backend: str, authority: Path
) -> None:
    trace = make_trace(says("inbox"))
    done = locust(trace, "--host", tls_backend, "--ca", str(authority))
    assert done.returncode == 0, done.stderr
