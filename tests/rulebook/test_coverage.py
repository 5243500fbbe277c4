"""The count of requirements: complete, honest about what is missing, and at last nothing is."""

import ast
import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from dmsim.cli.app import app
from dmsim.errors import UsageError
from dmsim.replay.judgements import COLUMNS, write_judgements
from dmsim.replay.result import ReplayResult, write_result
from dmsim.rulebook.coverage import cover
from dmsim.rulebook.requirements import REQUIREMENTS
from dmsim.simulation import simulate
from dmsim.trace.reader import Trace
from tests.rulebook.conftest import Shipped
from tests.samples import summary
from tests.worlds import everything, small

ROOT = Path(__file__).parents[2]
#: What there is nothing to enforce of.
CONTEXT = [
    *("R1", "R98", "R100"),
    *("R135", "R140", "R141", "R160", "R166", "R173", "R178", "R181", "R184"),
]
#: What a trace cannot show at all.
UNSEEN = [
    *("R95", "R96"),
    # What an answer looks like over HTTP.
    *("R132", "R136", "R137", "R138", "R161"),
    # What is so on average, or never.
    *("R148", "R154", "R163", "R168", "R174", "R175", "R176"),
    # What the texts and the brands of the shipped scenarios are like.
    *("R165", "R177", "R179", "R180", "R182", "R183", "R185"),
]
#: Of the curves of a week only what brands make of them.
COUNTED_NUMBERS = [*range(1, 101), *range(121, 124), *range(129, 188)]
SCENARIOS = ("quickstart", "abuse-wave", "teens", "private-replies", "brand-crisis", "contest")


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(small("time.record=20m"), tmp_path_factory.mktemp("quiet") / "trace").path


def of(digest: str) -> ReplayResult:
    """Results of some replay of the trace with that digest."""
    return ReplayResult(summary=summary(digest=digest), histograms={})


def test_every_requirement_about_messages_and_care_has_its_entry() -> None:
    assert [entry.number for entry in REQUIREMENTS] == [f"R{n}" for n in COUNTED_NUMBERS]
    assert [entry.number for entry in REQUIREMENTS if entry.is_context] == CONTEXT


def test_every_proof_is_a_test_that_exists() -> None:
    proofs = {entry.proof for entry in REQUIREMENTS if entry.proof}
    assert len(proofs) > 3
    for proof in proofs:
        file, _, name = proof.partition("::")
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, proof


def test_the_shipped_scenarios_together_exercise_everything(shipped: Shipped) -> None:
    found = cover([shipped(name) for name in SCENARIOS])
    assert [covered.requirement.number for covered in found.missing] == []
    assert found.disagreements == []
    assert found.judged == found.actions > 150_000
    statuses = {covered.requirement.number: covered.status for covered in found.covered}
    assert [number for number, status in statuses.items() if status == "context"] == CONTEXT
    proved = {number for number, status in statuses.items() if status == "proved"}
    assert proved == set(UNSEEN)


def of_action(*actions: str) -> pl.Expr:
    return pl.col("action").cast(pl.String).is_in(actions)


def because(reason: str) -> pl.Expr:
    return pl.col("reason") == reason


MESSAGES = of_action("send_message", "share_content")
ARRIVED = pl.col("verdict").cast(pl.String).is_in(["inbox", "requests", "filtered"])
DONE = pl.col("verdict") == "done"
#: Parts that can be counted from a trace's columns alone, without any fact.
COUNTED = {
    ("R13", "held back"): because("family_restricted") & MESSAGES,
    ("R17", "refused"): because("no_one"),
    ("R22", "sound"): MESSAGES & ARRIVED & (pl.col("content") == "sound"),
    ("R27", "further"): of_action("share_content") & (pl.col("fanout") < pl.col("seq")),
    ("R28", "without"): of_action("share_content") & ARRIVED & pl.col("text").is_null(),
    ("R29", "refused"): of_action("share_content") & because("content_private"),
    ("R30", "made private"): of_action("change_video_privacy") & DONE & pl.col("switch"),
    ("R45", "refused"): because("stickers_unavailable"),
    ("R46", "swipe on iOS"): of_action("delete_conversation")
    & DONE
    & (pl.col("via") == "swipe")
    & (pl.col("platform") == "ios"),
    ("R54", "filtered"): pl.col("verdict") == "filtered",
    ("R58", "fourth"): because("business_limit"),
    ("R60", "refused"): because("option_unavailable"),
    ("R64", "reported"): of_action("report_request") & DONE,
    ("R74", "recipient"): because("recipient_sanctioned") & MESSAGES,
    ("R77", "automatic"): of_action("moderate") & DONE & (pl.col("via") == "automatic"),
    ("R80", "refused"): because("device_banned"),
    ("R91", "refused"): because("blocked") & MESSAGES,
    ("R92", "refused"): because("blocked") & of_action("watch_video"),
    ("R121", "sent"): of_action("mailing") & ARRIVED,
    ("R122", "asked"): of_action("mailing") & ARRIVED & pl.col("switch"),
    ("R123", "reminded"): of_action("follow_up") & ARRIVED,
    ("R129", "twice"): because("already_replied"),
    ("R133", "noted"): of_action("read_comment") & (pl.col("verdict") == "shown"),
    ("R143", "answered"): of_action("public_reply") & DONE,
    ("R147", "instead"): because("not_answered_publicly"),
    ("R150", "told"): of_action("public_reply") & DONE & pl.col("switch"),
    ("R151", "settled"): of_action("resolve") & DONE,
    ("R156", "never talked"): because("never_talked"),
    ("R170", "sent"): of_action("private_reply") & ARRIVED,
    ("R187", "handed off"): of_action("hand_off") & DONE,
}


def test_what_is_counted_is_what_stands_in_the_trace(tmp_path: Path) -> None:
    trace = Trace.open(simulate(everything(), tmp_path / "trace").path)
    found = {
        covered.requirement.number: covered.happened for covered in cover([trace.path]).covered
    }
    actions = trace.actions()
    for (number, part), rows in COUNTED.items():
        assert found[number][part] == actions.filter(rows).height > 0, (number, part)


def test_what_never_happened_is_named(quiet: Path) -> None:
    found = {covered.requirement.number: covered for covered in cover([quiet]).covered}
    assert found["R36"].status == "traced"
    assert found["R80"].status == "missing"
    assert found["R80"].missing == ["refused"]
    # A part that is missing is not hidden by others that are there.
    assert found["R84"].status == "missing"


def test_a_replay_that_judged_nothing_covers_nothing(quiet: Path, tmp_path: Path) -> None:
    digest = Trace.open(quiet).manifest.digest
    write_result(of(digest), tmp_path)
    write_judgements(pl.DataFrame(schema=pl.Schema(COLUMNS)), tmp_path)
    found = cover([quiet], [tmp_path])
    assert found.judged == 0
    (sent,) = [covered for covered in found.covered if covered.requirement.number == "R36"]
    assert sum(sent.happened.values()) > 3
    assert (sum(sent.judged.values()), sent.status) == (0, "missing")


def test_only_what_a_replay_judged_counts(quiet: Path, tmp_path: Path) -> None:
    trace = Trace.open(quiet)
    seqs = trace.actions(["seq"])["seq"]
    judgement = ["match" if seq % 2 else "unjudged" for seq in seqs]
    frame = pl.DataFrame(
        {
            "seq": seqs,
            "judgement": judgement,
            "outcome": ["done"] * len(seqs),
            "reason": ["none"] * len(seqs),
            "status": [200] * len(seqs),
        },
        schema=pl.Schema(COLUMNS),
    )
    write_result(of(trace.manifest.digest), tmp_path)
    write_judgements(frame, tmp_path)
    assert cover([quiet], [tmp_path]).judged == judgement.count("match")


def test_a_mismatch_breaks_what_it_is_about(quiet: Path, tmp_path: Path) -> None:
    trace = Trace.open(quiet)
    actions = trace.actions(["seq", "action"])
    (first, *_) = actions.filter(action="send_message")["seq"].to_list()
    frame = pl.DataFrame(
        {
            "seq": actions["seq"],
            "judgement": ["mismatch" if seq == first else "match" for seq in actions["seq"]],
            "outcome": ["done"] * len(actions),
            "reason": ["none"] * len(actions),
            "status": [200] * len(actions),
        },
        schema=pl.Schema(COLUMNS),
    )
    write_result(of(trace.manifest.digest), tmp_path)
    write_judgements(frame, tmp_path)
    found = cover([quiet], [tmp_path])
    broken = {c.requirement.number: c.mismatches for c in found.covered if c.status == "broken"}
    assert (found.mismatches, broken["R36"]) == (1, 1)
    assert "R20" not in broken
    told = ["rules", "coverage", str(quiet), "--replay", str(tmp_path)]
    assert CliRunner().invoke(app, told).exit_code == 1


def test_a_trace_counts_once(quiet: Path) -> None:
    with pytest.raises(UsageError, match="the same trace as"):
        cover([quiet, quiet])


def test_results_of_another_trace_are_refused(quiet: Path, tmp_path: Path) -> None:
    write_result(of("another"), tmp_path)
    with pytest.raises(UsageError, match="replays none of these traces"):
        cover([quiet], [tmp_path])


def test_the_command_writes_one_object_for_machines(quiet: Path) -> None:
    done = CliRunner().invoke(app, ["rules", "coverage", str(quiet), "--json"])
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert len(told["requirements"]) == len(COUNTED_NUMBERS)
    assert told["judged"] == told["actions"]
    (blocked,) = [entry for entry in told["requirements"] if entry["requirement"] == "R91"]
    assert set(blocked) == {
        "requirement", "says", "status", "exercised", "judged", "mismatches", "parts", "missing",
        "proof",
    }  # fmt: skip
