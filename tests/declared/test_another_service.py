"""A service of another shape is replayed against by a file alone."""

from pathlib import Path

import pytest

from dmsim.errors import UsageError
from dmsim.replay.result import ReplaySummary
from dmsim.replay.run import replay
from tests.declared.service import Service, serving
from tests.replay.conftest import MakeTrace, Row

FILE = Path(__file__).with_name("service.toml")

DANGEROUS = [
    'she said "no" & left=1; {text} %s',
    "first\r\nX-Injected: yes\r\n\r\nGET / HTTP/1.1",
    "nul \0 in the middle",
    "\N{WAVING HAND SIGN}\N{ZERO WIDTH JOINER}\N{PARTY POPPER}",
    "مرحبا بك \N{RIGHT-TO-LEFT OVERRIDE}abc",
    "back\\slash 'quote' <tag/>",
]


def write(actor: int, target: int, verdict: str, reason: str = "none", **more: object) -> Row:
    text = f"{actor} to {target}"
    return {
        "actor": actor,
        "target": target,
        "verdict": verdict,
        "reason": reason,
        "say": text,
        **more,
    }


def do(action: str, actor: int, target: int | None, **more: object) -> Row:
    return {
        "action": action,
        "actor": actor,
        "target": target,
        "content": None,
        "verdict": "done",
        **more,
    }


def in_order(rows: list[Row]) -> list[Row]:
    return [{**row, "after": [n - 1] if n else []} for n, row in enumerate(rows)]


#: All that the service can do, and how it should come out.
LIFE = [
    write(0, 1, "requests"),
    do("accept_request", 1, 0),
    write(0, 1, "inbox"),
    write(1, 0, "inbox"),
    do("block_user", 1, 0),
    write(0, 1, "refused", "blocked"),
    do("unblock_user", 1, 0),
    write(0, 1, "inbox"),
    do("change_setting", 2, None, setting="no_one"),
    write(3, 2, "refused", "no_one"),
    do("change_setting", 2, None, setting="everyone"),
    write(3, 2, "requests"),
]


def run(trace: Path, url: str) -> ReplaySummary:
    return replay(trace, out=trace.parent / "out", host=url, adapter=str(FILE)).summary


def test_a_file_alone_serves_a_service_of_another_shape(make_trace: MakeTrace) -> None:
    with serving(Service()) as url:
        summary = run(make_trace(in_order(LIFE)), url)
    assert (summary.mismatches, summary.errors, summary.unjudged) == (0, 0, 0)
    assert summary.matches == summary.sent == len(LIFE)


def test_what_the_service_cannot_do_is_counted_and_what_rests_on_it_is_unjudged(
    make_trace: MakeTrace,
) -> None:
    rows = in_order([*LIFE, do("follow", 4, 5), write(4, 5, "inbox")])
    with serving(Service()) as url:
        summary = run(make_trace(rows, unjudged_budget=1.0), url)
    assert (summary.mismatches, summary.unsupported, summary.unjudged) == (0, 1, 1)
    assert summary.by_action["follow"].unsupported == 1
    (origin,) = summary.worst_origins
    assert (origin.action, origin.seq, origin.unjudged) == ("follow", len(LIFE), 1)


def test_a_rule_that_is_not_promised_is_no_mismatch_and_named(make_trace: MakeTrace) -> None:
    rows = in_order([write(6, 7, "requests"), write(6, 7, "refused", "stranger_limit"),
                     write(6, 7, "requests"), write(0, 1, "requests")])  # fmt: skip
    with serving(Service()) as url:
        summary = run(make_trace(rows, unjudged_budget=0.0), url)
    assert (summary.mismatches, summary.matches, summary.unjudged) == (0, 2, 2)
    assert summary.not_promised == {"stranger_limit": 1}
    assert summary.unjudged_by_promise == 2
    assert summary.worst_origins[0].judgement == "not promised"
    assert summary.valid


def test_a_race_in_the_services_block_is_found_and_names_its_lines(make_trace: MakeTrace) -> None:
    rows = [
        do("block_user", 1, 2, after=[]),
        do("block_user", 1, 3, after=[]),
        write(2, 1, "refused", "blocked", after=[0, 1]),
        write(3, 1, "refused", "blocked", after=[0, 1]),
        write(4, 5, "requests", after=[]),
    ]
    with serving(Service(racing=True)) as url:
        summary = run(make_trace(rows), url)
    assert (summary.mismatches, summary.matches) == (1, 4)
    (mismatch,) = summary.worst_mismatches
    assert mismatch.seq in {2, 3}
    assert (mismatch.expected_reason, mismatch.got) == ("blocked", "requests")


def test_what_filling_captured_serves_several_processes(make_trace: MakeTrace) -> None:
    trace = make_trace(in_order(LIFE))
    with serving(Service()) as url:
        out = trace.parent / "out"
        summary = replay(trace, out=out, host=url, adapter=str(FILE), workers=2).summary
    assert (summary.mismatches, summary.errors, summary.unjudged) == (0, 0, 0)
    assert summary.matches == len(LIFE)
    assert not any(b"s-1" in file.read_bytes() for file in out.rglob("*") if file.is_file())


def test_a_declared_adapter_needs_a_backend(make_trace: MakeTrace) -> None:
    trace = make_trace(in_order(LIFE))
    with pytest.raises(UsageError, match="give --host"):
        replay(trace, out=trace.parent / "out", adapter=str(FILE))


def test_no_text_breaks_a_request(make_trace: MakeTrace) -> None:
    rows = in_order([write(0, 1, "requests", say=text) for text in DANGEROUS])
    service = Service()
    with serving(service) as url:
        summary = run(make_trace(rows), url)
    assert (summary.errors, summary.matches) == (0, len(DANGEROUS))
    assert service.posts == DANGEROUS
