from pathlib import Path

import pytest

from dmsim.cli.options import default_folder, fresh_run_folder, is_run_folder, output_folder
from dmsim.errors import UsageError
from tests.samples import write_trace


def test_runs_go_to_a_folder_named_by_scenario_and_seed() -> None:
    assert default_folder("quickstart", 7) == Path("reports/quickstart-7")


def test_out_replaces_the_default(tmp_path: Path) -> None:
    assert output_folder(tmp_path / "a", tmp_path / "b", False) == tmp_path / "b"
    assert output_folder(tmp_path / "a", None, False) == tmp_path / "a"


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    assert output_folder(tmp_path, None, False) == tmp_path


def test_an_existing_run_is_overwritten_only_with_force(tmp_path: Path) -> None:
    (tmp_path / "summary.json").touch()
    with pytest.raises(UsageError, match="--force"):
        output_folder(tmp_path, None, False)
    assert output_folder(tmp_path, None, True) == tmp_path


def test_a_file_is_no_folder_even_with_force(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError, match="is a file"):
        output_folder(file, None, True)


def test_a_fresh_run_keeps_nothing_of_an_earlier_one_but_foreign_files(tmp_path: Path) -> None:
    for name in ("summary.json", "report.html", "junit.xml", "notes.txt"):
        (tmp_path / name).touch()
    fresh_run_folder(tmp_path, None, True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_only_a_trace_with_its_results_is_an_earlier_run(tmp_path: Path) -> None:
    (tmp_path / "summary.json").touch()
    (tmp_path / "trace").mkdir()
    (tmp_path / "trace" / "manifest.json").write_text("{}")
    assert not is_run_folder(tmp_path)
    (tmp_path / "trace" / "manifest.json").unlink()
    write_trace(tmp_path / "trace", [])
    assert is_run_folder(tmp_path)
    (tmp_path / "summary.json").unlink()
    assert not is_run_folder(tmp_path)
