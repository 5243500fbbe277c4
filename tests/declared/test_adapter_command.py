"""``dmsim adapter``: from a fresh file to one that was tried."""

import json
from pathlib import Path

import pytest

from dmsim.cli.main import main
from tests.declared.service import Service, serving

FILE = Path(__file__).with_name("service.toml")


def test_a_fresh_file_is_sound_and_never_overwrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.toml"
    assert main(["adapter", "new", str(mine)]) == 0
    assert main(["adapter", "check", str(mine)]) == 0
    assert "4 actions" in capsys.readouterr().out
    assert main(["adapter", "new", str(mine)]) == 5
    assert "exists already" in capsys.readouterr().err


def test_check_tells_what_is_supported_and_promised(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapter", "check", str(FILE)]) == 0
    told = capsys.readouterr().out
    assert "follow, unfollow" in " ".join(told.split())
    assert "promises: requests, blocked, no_one" in told
    assert max(map(len, told.splitlines()[1:])) <= 80


def test_try_shows_request_answer_and_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(Service()) as url:
        assert main(["adapter", "try", str(FILE), "--host", url]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("send_message")
    assert lines[at + 1 : at + 4] == ["  > POST /rooms", "  > with=1", "  < 201 "]
    assert lines[at + 4] == "  > POST /rooms/room%200%2Fx/posts"
    assert lines[at + 6 : at + 8] == ["  < 202 waiting", "  = requests"]
    assert not any("sid=" in line for line in lines)


def test_try_ends_with_1_where_an_answer_is_not_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(FILE.read_text().replace('status = "2xx"', "status = 299"))
    with serving(Service()) as url:
        assert main(["adapter", "try", str(mine), "--host", url]) == 1
    assert "no rule of the adapter understands" in capsys.readouterr().out


def test_try_tells_of_a_backend_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(Service()) as url:
        pass
    assert main(["adapter", "try", str(FILE), "--host", url]) == 5
    assert capsys.readouterr().err.startswith(f"error: --host {url}: ")


def test_the_schema_names_every_action(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapter", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert "send_message" in str(schema["properties"]["actions"])
    assert "for" in schema["$defs"]["Fill"]["properties"]
