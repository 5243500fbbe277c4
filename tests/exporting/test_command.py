"""``dmsim export`` as it is typed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.samples import write_trace


def dmsim(*arguments: str | Path, token: str = "secret") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "dmsim", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "DMSIM_TOKEN": token},
    )


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_trace(tmp_path_factory.mktemp("made") / "trace", [{"action": "open_inbox"}]).path


@pytest.mark.parametrize(
    ("form", "more", "file"),
    [
        ("csv", (), "actions.csv"),
        ("ndjson", (), "actions.ndjson"),
        ("sql", (), "trace.sql"),
        ("har", ("--host", "http://127.0.0.1:1"), "trace.har"),
    ],
)
def test_an_export_is_written_and_told(
    trace: Path, tmp_path: Path, form: str, more: tuple[str, ...], file: str
) -> None:
    out = tmp_path / "out"
    done = dmsim("export", trace, "--as", form, *more, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["exported"], told["folder"]) == (form, str(out))
    assert told["rows"]["requests" if form == "har" else "actions"] == 1
    assert json.loads((out / "export.json").read_text()) == {
        name: value for name, value in told.items() if name != "folder"
    }
    assert (out / file).is_file()


@pytest.mark.parametrize(
    ("arguments", "token", "error"),
    [
        (("--as", "xml"), "secret", "--as xml: no such format; choose csv, ndjson, sql or har"),
        (("--as", "har"), "secret", "--as har: which backend? add --host"),
        (("--as", "har", "--host", "http://a"), "", "DMSIM_TOKEN is not set"),
        (("--as", "har", "--host", "a"), "secret", "--host a: not usable"),
        (("--as", "csv", "--host", "http://a"), "secret", "has no meaning for --as csv"),
        (("--as", "csv", "--adapter", "graph"), "secret", "has no meaning for --as csv"),
        (("--as", "har", "--host", "http://a", "--adapter", "b"), "secret", "no such adapter"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    trace: Path, tmp_path: Path, arguments: tuple[str, ...], token: str, error: str
) -> None:
    done = dmsim("export", trace, *arguments, "--out", tmp_path / "out", token=token)
    assert (done.returncode, done.stdout) == (5, "")
    assert error in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
