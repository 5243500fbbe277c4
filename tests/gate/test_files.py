from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.errors import ExitCode
from dmsim.gate.junit import junit_xml
from dmsim.gate.limits import Check, parse_limit
from dmsim.gate.markdown import MOST_BYTES, markdown_summary
from tests.samples import NO_SAMPLES, listening, mismatch, summary, wrong_summary

KEPT = Check(parse_limit("response all p99 < 250ms"), 18.4)
MISSED = Check(parse_limit("service send_message max < 1ms"), 36.6)


def cases(document: bytes) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(document)
    return {case.get("name", ""): case for case in root.iter("testcase")}


def test_junit_has_a_case_per_limit_and_per_action_and_verdict() -> None:
    found = cases(junit_xml("ci-gate", summary(), [KEPT, MISSED]))
    assert set(found) == {
        "send_message is inbox",
        "send_message is requests",
        "send_message is refused",
        "open_inbox is done",
        "the run is valid",
        "response all p99 <= 250 ms",
        "service send_message max <= 1 ms",
    }


def test_junit_names_the_missed_limit_with_measured_and_bound() -> None:
    document = junit_xml("ci-gate", summary(), [KEPT, MISSED])
    failures = [case.find("failure") for case in cases(document).values()]
    (failure,) = [failure for failure in failures if failure is not None]
    assert failure.get("message") == "service send_message max <= 1 ms: measured 36.6 ms"
    assert ElementTree.fromstring(document).get("failures") == "1"


def test_junit_names_the_trace_line_of_a_mismatch() -> None:
    found = cases(junit_xml("ci-gate", wrong_summary([mismatch()]), []))
    failure = found["send_message is refused"].find("failure")
    assert failure is not None
    assert failure.text is not None
    assert failure.get("message") == "1 of 200 mismatched"
    assert (
        "cell=0 row 16 (seq 17): send_message of 3 to 1204: "
        "expected refused (blocked), got inbox (status 201)" in failure.text
    )


def test_both_files_name_the_trace_line_of_a_leaked_message() -> None:
    leak = mismatch(got="arrived")
    result = summary(listening=listening(leaked=1, worst_leaks=[leak]))
    failure = cases(junit_xml("x", result, []))["no message arrives that must not"].find("failure")
    assert failure is not None
    assert failure.text is not None
    assert failure.text.startswith("1 leaked\ncell=0 row 16 (seq 17): send_message of 3 to 1204")
    text = markdown_summary("x", result, [], ExitCode.MISMATCH)
    assert "### Leaked messages (1 of 1)" in text
    assert "got arrived" in text
    silent = summary(listening=listening())
    assert "Leaked" not in markdown_summary("x", silent, [], ExitCode.PASS)
    passed = cases(junit_xml("x", silent, []))["no message arrives that must not"]
    assert passed.find("failure") is None


def test_junit_fails_an_invalid_run() -> None:
    result = summary(valid=False, invalid_because=["too late", "3 dropped"])
    failure = cases(junit_xml("ci-gate", result, []))["the run is valid"].find("failure")
    assert failure is not None
    assert failure.text == "too late; 3 dropped"


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_junit_is_well_formed_whatever_the_backend_said(text: str) -> None:
    result = wrong_summary([mismatch(got=text)], valid=False, invalid_because=[text])
    assert cases(junit_xml(text, result, []))


@pytest.mark.parametrize("text", ["\x00\x1b[31m", "]]></failure>", "<&\"'>", "\ud800", "\ufffe"])
def test_junit_survives_hostile_texts(text: str) -> None:
    assert cases(junit_xml("x", wrong_summary([mismatch(got=text)]), []))


def test_markdown_says_how_it_ended_and_which_limit_was_missed() -> None:
    text = markdown_summary("ci-gate", summary(), [KEPT, MISSED], ExitCode.LIMIT_MISSED)
    assert "## dmsim gate ci-gate: ❌ a limit is missed" in text
    assert "| response all p99 | 250 ms | 18.4 ms | ✅ |" in text
    assert "| service send\\_message max | 1 ms | 36.6 ms | ❌ |" in text


def test_markdown_shows_at_most_ten_mismatches() -> None:
    result = wrong_summary([mismatch(number) for number in range(50)])
    text = markdown_summary("x", result, [], ExitCode.MISMATCH)
    assert text.count("- cell=0 row") == 10
    assert "### Mismatches (10 of 50)" in text


def test_markdown_stays_below_a_mebibyte_whatever_the_backend_said() -> None:
    huge = "ä<|`\n" * 400_000
    result = wrong_summary([mismatch(got=huge)] * 50, valid=False, invalid_because=[huge] * 5)
    text = markdown_summary(huge, result, [KEPT], ExitCode.MISMATCH)
    assert len(text.encode()) < MOST_BYTES


def test_markdown_texts_cannot_become_markup() -> None:
    result = wrong_summary([mismatch(got="<img src=x>\n# head | cell")])
    text = markdown_summary("x", result, [], ExitCode.MISMATCH)
    assert "\\<img src=x\\> \\# head \\| cell" in text


def test_markdown_without_samples_shows_a_dash() -> None:
    text = markdown_summary("x", summary(response_ms=NO_SAMPLES), [], ExitCode.PASS)
    assert "| response | \u2013 |" in text
