"""From logs in all forms to traces."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.fit.zones import Zone
from dmsim.importing.actions import NO_TEXT
from dmsim.importing.words import ALONE, BETWEEN_TWO, OUTCOMES
from dmsim.importing.write import MAPPING, Import, import_log
from dmsim.rules.resources import ACCESS, Resource
from dmsim.trace.origin import trace_scenario
from dmsim.trace.reader import Trace
from dmsim.trace.schema import ACCOUNTS, SETTINGS, TEXTS
from dmsim.trace.summary import week_time
from dmsim.vocabulary import Action

#: A Wednesday.
START = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)
ALL = {"text": "text", "action": "action", "outcome": "outcome"}
Row = dict[str, str]


def row(second: float, sender: str, recipient: str = "", **more: str) -> Row:
    time = (START + timedelta(seconds=second)).isoformat()
    usual = {"text": "", "action": "", "outcome": ""}
    return {"time": time, "sender": sender, "recipient": recipient, **usual, **more}


def written(folder: Path, rows: list[Row]) -> Path:
    path = folder / "log.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row(0, ""), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    return path


def made(folder: Path, rows: list[Row], **columns: str) -> tuple[Trace, Import]:
    done = import_log(written(folder, rows), folder / "trace", columns or ALL)
    trace = Trace.open(folder / "trace")
    assert trace.verify() == done.manifest.digest
    return trace, done


def people(trace: Trace) -> dict[int, str]:
    with (trace.path / MAPPING).open(encoding="utf-8", newline="") as file:
        return {int(one["account"]): one["id"] for one in csv.DictReader(file, strict=True)}


def told(trace: Trace, *columns: str) -> list[tuple[Any, ...]]:
    return trace.actions(list(columns)).rows()


def test_a_row_becomes_an_action_at_its_time_of_the_week(tmp_path: Path) -> None:
    trace, done = made(tmp_path, [row(1.5, "ann", "bob", text="hi"), row(3, "bob", "ann")])
    assert told(trace, "action", "actor", "target", "content") == [
        ("send_message", 0, 1, "text"),
        ("send_message", 1, 0, "text"),
    ]
    first, second = trace.actions(["at"])["at"]
    assert week_time(first) == "Wed 08:30:01"
    assert second - first == 1_500_000
    window = trace.manifest.from_us, trace.manifest.until_us
    assert [week_time(at) for at in window] == ["Wed 08:30:01", "Wed 08:30:04"]
    assert people(trace) == {0: "ann", 1: "bob"}
    assert trace.table(TEXTS)["text"].to_list() == ["hi", NO_TEXT]
    assert (done.accounts, done.judged) == (2, 0)


def test_the_day_of_the_week_is_that_of_the_clock_that_is_told(tmp_path: Path) -> None:
    log = written(tmp_path, [{**row(0, "ann", "bob"), "time": "2026-03-01 23:30:00"}])
    import_log(log, tmp_path / "trace", {}, Zone.parse("Europe/Moscow"))
    assert week_time(Trace.open(tmp_path / "trace").manifest.from_us) == "Sun 23:30"


def test_the_order_is_kept_between_each_two_accounts(tmp_path: Path) -> None:
    rows = [row(0, "a", "b"), row(1, "c", "a"), row(2, "b", "a"), row(3, "c", action="open_inbox")]
    rows += [row(4, "a", "b", action="block_user"), row(5, "a", "c"), row(6, "a", "b")]
    trace, _ = made(tmp_path, rows)
    assert [after for (after,) in told(trace, "after")] == [[], [], [0], [], [2], [1], [4]]


def test_rows_are_put_in_the_order_of_time_and_equal_times_stay_as_they_were(
    tmp_path: Path,
) -> None:
    rows = [row(9, "late", "x"), row(1, "first", "x"), row(1, "second", "x"), row(0, "early", "x")]
    trace, done = made(tmp_path, rows)
    names = people(trace)
    order = [names[actor] for (actor,) in told(trace, "actor")]
    assert order == ["early", "first", "second", "late"]
    assert done.reading.out_of_order > 0


def test_everybody_is_an_adult_whom_everybody_may_write_to(tmp_path: Path) -> None:
    trace, _ = made(tmp_path, [row(0, "ann", "bob")])
    assert set(trace.table(SETTINGS)["setting"]) == {"everyone"}
    assert not trace.table(SETTINGS)["filter_requests"].any()
    accounts = trace.table(ACCOUNTS)
    assert accounts["age"].to_list() == [30, 30]
    assert accounts["name"].to_list() == ["Account 0", "Account 1"]


@pytest.mark.parametrize(("outcome", "demanded"), OUTCOMES.items())
def test_a_recorded_outcome_becomes_the_verdict(
    tmp_path: Path, outcome: str, demanded: tuple[str, str]
) -> None:
    trace, done = made(tmp_path, [row(0, "ann", "bob", outcome=outcome), row(1, "ann", "bob")])
    assert told(trace, "verdict", "reason") == [demanded, (None, "none")]
    assert done.judged == 1


def test_only_what_nobody_can_judge_leaves_the_unjudged_without_a_limit(tmp_path: Path) -> None:
    for name, outcome, budget in (("judged", "inbox", 0.05), ("not", "", 1.0)):
        (tmp_path / name).mkdir()
        trace, _ = made(tmp_path / name, [row(0, "ann", "bob", outcome=outcome)])
        assert trace_scenario(trace).replay.unjudged_budget == budget


def test_every_action_of_two_needs_no_more_order_than_that_of_the_two() -> None:
    harmless = {Resource.PAIR, Resource.PRESENCE_OF_ACTOR}
    for name in (*ALONE, *BETWEEN_TWO):
        assert set(ACCESS[Action[name.upper()]].writes) <= harmless, name
        reads = {Resource.PRESENCE_OF_TARGET, Resource.PRESENCE_OF_ACTOR}
        assert not reads & set(ACCESS[Action[name.upper()]].reads), name


@pytest.mark.parametrize("action", ALONE)
def test_what_concerns_the_actor_alone_has_no_target(tmp_path: Path, action: str) -> None:
    trace, _ = made(tmp_path, [row(0, "ann", "bob", action=action), row(1, "ann", action=action)])
    assert told(trace, "action", "target", "text") == [(action, None, None)] * 2
    assert people(trace) == {0: "ann"}


def test_rows_that_cannot_be_used_are_counted_by_reason(tmp_path: Path) -> None:
    good = [row(n, "ann", "bob", action="read_thread", outcome="done") for n in range(6)]
    bad = [
        {**row(0, "ann", "bob"), "time": "yesterday"},
        row(0, "", "bob"),
        row(0, "ann", ""),
        row(0, "ann", "ann"),
        row(0, "ann", "bob", action="fly"),
        row(0, "ann", "bob", outcome="refused"),
    ]
    trace, done = made(tmp_path, [*good, *bad])
    assert trace.manifest.actions == 6
    assert dict(done.reading.skipped) == {
        "no time stamp that can be read": 1,
        "no sender": 1,
        "no action that a log can tell of, such as send_message or block_user": 1,
        "no recipient": 1,
        "to its sender": 1,
        "no outcome, such as inbox, done or refused:blocked": 1,
    }
    assert (done.reading.rows, done.reading.used) == (12, 6)
    assert {example.line for example in done.reading.examples} <= set(range(8, 14))


@pytest.mark.parametrize(
    ("rows", "columns", "error"),
    [
        ([row(0, "a", "b", outcome="sent")] * 3, ALL, r"csv:2: no outcome, such as .*'sent'.*100%"),
        ([row(0, "a", "b")], {"text": "body"}, "no column body; it has .*name one with --text"),
        ([], ALL, "holds no rows"),
        (
            [row(0, "a", "b"), row(400_000_000, "a", "b")],
            ALL,
            r"more than ten years; check the column of times \(--time\)",
        ),
    ],
)
def test_a_log_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, rows: list[Row], columns: dict[str, str], error: str
) -> None:
    with pytest.raises(UsageError, match=error) as caught:
        made(tmp_path, rows, **columns)
    assert len(str(caught.value).splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


@pytest.mark.parametrize(
    ("head", "role"), [("time,recipient", "sender"), ("time,sender", "recipient")]
)
def test_a_log_that_does_not_tell_who_wrote_to_whom_is_refused(
    tmp_path: Path, head: str, role: str
) -> None:
    log = tmp_path / "log.csv"
    log.write_text(f"{head}\n2026-03-04T08:00:00Z,ann\n")
    with pytest.raises(UsageError, match=f"say --{role} NAME"):
        import_log(log, tmp_path / "trace", {})


def as_ndjson(rows: list[Row], path: Path) -> Path:
    path = path.with_suffix(".ndjson")
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), "utf-8")
    return path


def as_parquet(rows: list[Row], path: Path) -> Path:
    path = path.with_suffix(".parquet")
    pl.DataFrame(rows).write_parquet(path)
    return path


@pytest.mark.parametrize("write", [as_ndjson, as_parquet])
def test_a_log_is_the_same_in_every_form(
    tmp_path: Path, write: Callable[[list[Row], Path], Path]
) -> None:
    rows = [row(0, "ann", "bob", text='Hi, "Bob"\nשלום 👋', outcome="requests")]
    rows += [row(1, "bob", "ann", action="accept_request", outcome="done")]
    trace, _ = made(tmp_path, rows)
    other = import_log(write(rows, tmp_path / "other"), tmp_path / "again", ALL)
    assert other.manifest.digest == trace.manifest.digest


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=20)
NAME = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1)


@settings(max_examples=25, deadline=None)  # each writes a trace
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5), TEXT), min_size=1), st.data())
def test_ids_and_texts_of_every_log_come_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    names = data.draw(st.lists(NAME, min_size=6, max_size=6, unique=True))
    pairs = [(names[one], names[(one + further) % 6], text) for one, further, text in rows]
    folder = tmp_path_factory.mktemp("log")
    trace, _ = made(folder, [row(n, a, b, text=text) for n, (a, b, text) in enumerate(pairs)])
    known, bank = people(trace), trace.table(TEXTS)["text"]
    found = [(known[a], known[b], bank[t]) for a, b, t in told(trace, "actor", "target", "text")]
    assert found == [(a, b, text or NO_TEXT) for a, b, text in pairs]
