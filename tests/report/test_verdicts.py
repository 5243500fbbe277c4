from pathlib import Path
from typing import Any

from dmsim.report.verdicts import outcomes
from dmsim.vocabulary import Verdict, names
from tests.samples import write_trace


def test_every_verdict_is_told_and_reasons_by_how_often_they_deny(tmp_path: Path) -> None:
    rows = [("refused", "setting"), ("removed", "removed"), ("refused", "setting")]
    rows += [("refused", "blocked"), ("refused", "blocked"), ("hidden", "not_read")]
    rows += [("inbox", "none"), ("refused", "setting")]
    actions: list[dict[str, Any]] = [
        {"verdict": verdict, "reason": reason} for verdict, reason in rows
    ]
    trace = write_trace(tmp_path / "trace", [*actions, {"verdict": None}])
    found = outcomes(trace)
    assert found.actions == len(rows)
    assert list(found.verdicts) == names(Verdict)
    assert [found.verdicts[name] for name in ("inbox", "refused", "done")] == [1, 5, 0]
    assert list(found.reasons.items())[:2] == [("setting", 3), ("blocked", 2)]
    assert set(found.reasons) == {"setting", "blocked", "removed", "not_read"}


def test_a_trace_without_actions_has_no_shares(tmp_path: Path) -> None:
    found = outcomes(write_trace(tmp_path / "trace", []))
    assert (found.actions, found.reasons) == (0, {})
