"""The adapters that come along, and the example package, pass the kit."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dmsim.paths import data_path
from dmsim.replay.backend import reference_backend
from dmsim.testing import Check, check_adapter, checks, exercise
from tests.plugin.chatline import ChatlineAdapter
from tests.plugin.conftest import installed, trace
from tests.plugin.service import Chatline, serving

__all__ = ["installed", "trace"]

TOKEN = "token-of-a-test"
FILES = data_path("seeds") / "adapters"
CAPTURING = Path(__file__).parents[1] / "declared" / "service.toml"
NAMES = ["reference", "graph", *map(str, sorted(FILES.glob("*.toml"))), str(CAPTURING)]


def lines_in(data: bytes) -> int:
    """How many requests Chatline reads."""
    return len(data.splitlines()) if data.endswith(b"\n") else -1


ALL = [
    pytest.param(check, id=f"{Path(name).name}-{check}") for name in NAMES for check in checks(name)
]
ALL += [
    pytest.param(check, id=f"chatline-{check}")
    for check in checks(ChatlineAdapter, requests_in=lines_in)
]


@pytest.mark.parametrize("check", ALL)
def test_an_adapter_passes(check: Check) -> None:
    check()


def test_traffic_exercises_what_the_reference_backend_promises(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DMSIM_TOKEN", TOKEN)
    with reference_backend(TOKEN) as url:
        done = exercise("reference", url)
    assert done.summary.matches == done.summary.sent
    assert {"inbox", "requests", "filtered", "blocked", "setting"} <= {*done.exercised}
    assert {"rate_limited", "device_banned"} <= {*done.not_exercised}


@pytest.mark.parametrize(
    "name", ["graph", str(FILES / "reference.toml")], ids=["graph", "reference.toml"]
)
def test_other_adapters_for_it_agree_on_traffic_of_ones_own(
    name: str, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DMSIM_TOKEN", TOKEN)
    with reference_backend(TOKEN) as url:
        done = exercise(name, url, trace)
    assert {"inbox", "requests", "blocked"} <= {*done.exercised}


@pytest.mark.usefixtures("installed")
def test_an_installed_adapter_is_checked_by_its_name_and_against_its_backend(
    trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Chatline()) as url:
        check_adapter("chatline", requests_in=lines_in, backend_url=url, trace=trace)
    assert "exercised: inbox, requests" in capsys.readouterr().out


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("broken", "complaint"), [("blocks", "mismatches: seq"), ("silent", "connection lost")]
)
def test_a_backend_that_breaks_a_promise_fails(broken: str, complaint: str, trace: Path) -> None:
    with serving(Chatline(broken)) as url, pytest.raises(AssertionError, match=complaint):
        exercise("chatline", url, trace)


def test_a_backend_needs_the_adapters_name() -> None:
    with pytest.raises(ValueError, match="backend_url"):
        checks(ChatlineAdapter, backend_url="tcp://127.0.0.1:9")


def test_without_hypothesis_it_says_what_to_install() -> None:
    hidden = "import sys; sys.modules['hypothesis'] = None; import dmsim.testing"
    ended = subprocess.run(
        [sys.executable, "-c", hidden], capture_output=True, text=True, check=False
    )
    assert "pip install 'dmsim[testing]'" in ended.stderr


def test_the_test_in_the_readme_works_as_printed(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    (block,) = re.findall(r"```python\n(import pytest\n.*?)```", readme, re.DOTALL)
    mine = tmp_path / "test_mine.py"
    mine.write_text(block)
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(mine)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ended.returncode == 0, ended.stdout
    assert f"{len(checks('reference'))} passed" in ended.stdout
