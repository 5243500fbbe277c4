"""What a gate found, as JUnit XML: one test case per limit and per action and verdict."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from dmsim.gate.limits import Check
from dmsim.replay.result import ReplaySummary
from dmsim.replay.words import mismatch_line

#: Characters that XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(name: str, result: ReplaySummary, checks: Sequence[Check]) -> bytes:
    """The JUnit file of a judged replay.

    Args:
        name: of the scenario; the prefix of every class name.
        result: of the replay.
        checks: of the limits; none when only verdicts count.
    """
    root = ElementTree.Element("testsuites", name=_clean(f"dmsim {name}"))
    _suite(root, f"{name}.verdicts", _verdict_cases(result))
    _suite(root, f"{name}.run", [("the run is valid", "; ".join(result.invalid_because))])
    _suite(root, f"{name}.limits", [(c.name, "" if c.passed else c.told) for c in checks])
    for key in ("tests", "failures"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ElementTree.indent(root)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _verdict_cases(result: ReplaySummary) -> list[tuple[str, str]]:
    """Each case's name and what failed in it, empty for nothing."""
    cases = []
    for action, verdicts in result.by_verdict.items():
        for verdict, counts in verdicts.items():
            lines = [
                mismatch_line(mismatch)
                for mismatch in result.worst_mismatches
                if (mismatch.action, mismatch.expected) == (action, verdict)
            ]
            told = "\n".join([f"{counts.mismatches} of {counts.expected} mismatched", *lines])
            cases.append((f"{action} is {verdict}", told if counts.mismatches else ""))
    listening = result.listening
    if listening is not None:
        lines = [f"{listening.leaked} leaked", *map(mismatch_line, listening.worst_leaks)]
        told = "\n".join(lines) if listening.leaked else ""
        cases.append(("no message arrives that must not", told))
    return cases


def _suite(root: ElementTree.Element, name: str, cases: Sequence[tuple[str, str]]) -> None:
    failures = sum(bool(told) for _, told in cases)
    suite = ElementTree.SubElement(
        root, "testsuite", name=_clean(name), tests=str(len(cases)), failures=str(failures)
    )
    for case, told in cases:
        element = ElementTree.SubElement(
            suite, "testcase", classname=_clean(name), name=_clean(case)
        )
        if told:
            first = told.split("\n", 1)[0]
            failure = ElementTree.SubElement(element, "failure", message=_clean(first))
            failure.text = _clean(told)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
