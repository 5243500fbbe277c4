import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dmsim.replay.result import DeliverySummary, ReplayResult, VerdictSummary, read_result
from dmsim.report.html import REPORT, render, replayed_trace, write_report
from dmsim.vocabulary import Verdict, names
from tests.samples import (
    FRIDAY_14,
    MINUTE_US,
    NO_SAMPLES,
    comment,
    listening,
    mismatch,
    percentiles,
    summary,
    write_trace,
    wrong_summary,
)

HOSTILE = "<script>alert(1)</script>\"'&"


class Page(HTMLParser):
    """Collects tags with their attributes, and whether every tag is closed in order."""

    VOID = frozenset({"meta", "path", "rect", "link", "br", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def actions() -> list[dict[str, object]]:
    kinds = ("open_inbox", "send_message", "follow")
    rows = [{"at": FRIDAY_14 + n * MINUTE_US, "action": kinds[n % 3]} for n in range(50)]
    return [*rows, comment(51, 1)]


def test_the_report_is_one_file_that_loads_nothing(tmp_path: Path) -> None:
    page = Page(render(summary(), write_trace(tmp_path / "trace", actions())))
    assert page.open == []
    for tag, attributes in page.tags:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base"}
        assert not {"src", "href", "xlink:href", "srcset"} & set(attributes)
    text = render(summary(), write_trace(tmp_path / "again", actions()))
    assert "@import" not in text
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_the_headline_tells_what_was_judged_and_what_it_is_worth(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "trace", actions())
    assert "<h1>Judged 5\u202f200 actions: 0 mismatches</h1>" in render(summary(), trace)
    wrong = wrong_summary([mismatch()], valid=False, invalid_because=["the sender was late"])
    text = render(wrong, trace)
    assert "<h1>Judged 5\u202f200 actions: 1 mismatch</h1>" in text
    assert "invalid run" in text
    assert "the sender was late" in text
    assert "refused (blocked)" in text


def test_answers_of_every_verdict_have_their_column(tmp_path: Path) -> None:
    told = {name: VerdictSummary(expected=1, matches=1, mismatches=0) for name in names(Verdict)}
    text = render(summary(by_verdict={"send_message": told}), write_trace(tmp_path / "trace", []))
    columns = "".join(f"<th>{name}</th>" for name in names(Verdict))
    assert f"<th>action</th>{columns}" in text


def test_texts_from_the_data_are_escaped(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "trace", actions(), brands=(HOSTILE,), name=HOSTILE)
    wrong = wrong_summary(
        [mismatch(got=HOSTILE)], host=HOSTILE, adapter=HOSTILE, invalid_because=[HOSTILE]
    )
    text = render(wrong, trace)
    assert "<script>alert" not in text
    assert text.count("<script>") == 1
    assert Page(text).open == []


def test_colours_are_defined_for_light_and_dark(tmp_path: Path) -> None:
    text = render(summary(), write_trace(tmp_path / "trace", actions()))
    used = set(re.findall(r"var\((--\w+)\)", text))
    light, dark = re.findall(
        r":root\{color-scheme:light dark;(.*?)\}|dark\)\{:root\{(.*?)\}", text, re.S
    )
    for name in used:
        assert f"{name}:" in light[0]
        assert f"{name}:" in dark[1]


@pytest.mark.parametrize("minutes", [0, 1, 60, 7 * 24 * 60, 90 * 24 * 60])
def test_a_window_without_actions_is_no_trouble(tmp_path: Path, minutes: int) -> None:
    trace = write_trace(tmp_path / "trace", [], minutes=minutes)
    empty = summary(
        response_ms=NO_SAMPLES,
        service_ms=NO_SAMPLES,
        blocked_ms=NO_SAMPLES,
        lateness_ms=NO_SAMPLES,
        by_action={},
        by_verdict={},
        over_time=[],
    )
    text = render(empty, trace)
    assert "The trace holds no action" in text
    assert "No answer was measured" in text


def test_one_action_in_one_second_can_be_drawn(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "trace", actions()[:1], minutes=1)
    only = summary(over_time=summary().over_time[:1])
    assert Page(render(only, trace)).open == []


def test_all_four_times_are_drawn_over_the_replay(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "trace", actions())
    text = render(summary(), trace)
    tips = re.findall(r'data-tip="second 12\n([^"]*)"', text)
    median, high = dict.fromkeys(tips)
    for tip in (median, high):
        names = [line.split("\t")[0] for line in tip.split("\n")]
        assert names == ["response", "service", "blocked", "lateness"]
    assert "response\t62" in median
    assert "seconds 12 to 15" in render(summary(slot_s=4), trace)


def test_probed_messages_are_told_where_there_are_any(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "trace", actions())
    assert "<h2>Delivery</h2>" not in render(summary(), trace)
    probed = DeliverySummary(probes=40, seen=37, never_seen=2, delivery_ms=percentiles())
    text = render(summary(delivery=probed), trace)
    assert "<h2>Delivery</h2>" in text
    assert "<td>40</td><td>37</td><td>2</td>" in text


def test_held_connections_are_told_where_anybody_listened(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "trace", actions())
    assert "<h2>Held connections</h2>" not in render(summary(), trace)
    text = render(summary(listening=listening()), trace)
    assert "<h2>Held connections</h2>" in text
    assert "<td>50</td><td>48</td><td>2</td>" in text
    assert "Why: status 401: 2." in text
    assert "<th>leaked</th><th>expected</th>" not in text
    why = {HOSTILE: 1}
    leaks = listening(leaked=1, worst_leaks=[mismatch(got="arrived")], troubles=why)
    text = render(summary(listening=leaks), trace)
    assert HOSTILE not in text
    assert "<td>refused (blocked)</td><td>0</td><td>16</td><td>17</td>" in text


def test_the_summary_names_the_report_and_both_can_be_made_again(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "run" / "trace", actions())
    told = summary(trace=str(trace.path), digest=trace.manifest.digest)
    write_report(tmp_path / "run", ReplayResult(summary=told, histograms={}), trace)
    again = read_result(tmp_path / "run")
    assert again.summary.report == str(tmp_path / "run" / REPORT)
    assert (tmp_path / "run" / REPORT).is_file()
    moved = (tmp_path / "run").rename(tmp_path / "elsewhere")
    assert replayed_trace(moved, again).path == moved / "trace"
