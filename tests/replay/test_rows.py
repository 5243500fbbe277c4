"""What a replay's rows keep: written in one process, read in another, whatever happened between."""

import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.adapters.base import Outcome
from dmsim.errors import UsageError
from dmsim.replay.dispatcher import Fate
from dmsim.replay.judge import Judgement
from dmsim.replay.rows import Block, Rows, discard, recover

#: Writes rows into the file that it is given, and is killed in the middle.
KILLED = """
import os, signal, sys
from pathlib import Path
from dmsim.adapters.base import Outcome
from dmsim.replay.rows import Rows

rows = Rows(5, Path(sys.argv[1]))
rows.t0 = 1_000
for row in (2, 0):
    rows.ready[row], rows.start[row], rows.done[row] = 1_010, 1_020, 1_030 + row
    rows.fates[row], rows.judgements[row], rows.statuses[row] = 1, 2, 403
    rows.note_outcome(row, Outcome("refused", "blocked", b"7", sign="code 9"), "code 8")
rows.note_error(3, "timeout")
rows.note_cause(4, 3)
rows.fates[3], rows.fates[4] = 2, 4
os.kill(os.getpid(), signal.SIGKILL)
"""


def filled(size: int, finished: list[int], t0: int) -> Rows:
    rows = Rows(size)
    rows.t0 = t0
    for n, row in enumerate(finished):
        rows.ready[row] = t0 + n
        rows.start[row] = t0 + n + 1
        rows.done[row] = t0 + n + 2
        rows.fates[row] = Fate.ANSWERED
        rows.judgements[row] = Judgement.MATCH
        rows.order.append(row)
    return rows


def test_what_a_killed_process_had_finished_is_read_by_another(tmp_path: Path) -> None:
    file = tmp_path / "parts" / "0.rows"
    done = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False)
    assert done.returncode == -signal.SIGKILL
    block = recover(file)
    assert block is not None
    assert block.table["row"].tolist() == [0, 2, 3, 4]
    assert block.table["done"].tolist() == [30, 32, -1, -1]
    assert block.table["start"].tolist()[:2] == [20, 20]
    assert block.table["status"].tolist() == [403, 403, 0, 0]
    assert block.notes.outcomes[2] == Outcome("refused", "blocked", b"7", sign="code 9")
    assert block.notes.signs == {0: "code 8", 2: "code 8"}
    assert (block.notes.errors, block.notes.causes) == ({3: "timeout"}, {4: 3})
    discard(file)
    assert list(file.parent.iterdir()) == []
    assert recover(file) is None


def test_a_note_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "0.rows"
    subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False)
    notes = file.with_suffix(".notes")
    notes.write_bytes(notes.read_bytes()[:-1])
    block = recover(file)
    assert block is not None
    assert (block.notes.errors, block.notes.causes) == ({3: "timeout"}, {})


def test_a_process_that_was_killed_before_the_first_action_left_nothing(tmp_path: Path) -> None:
    file = tmp_path / "0.rows"
    Rows(3, file).close()
    assert recover(file) is None
    file.write_bytes(b"")
    assert recover(file) is None


@pytest.mark.parametrize("data", [b"x" * 200, b"dmsimrow" + bytes(16) + b"x"])
def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "0.rows"
    file.write_bytes(data)
    with pytest.raises(UsageError, match="not the rows of a replay"):
        recover(file)


def test_rows_that_cannot_be_kept_are_refused_at_once() -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        Rows(3, Path("/proc/nowhere/0.rows"))


def test_a_disk_without_room_is_told_before_the_first_action(tmp_path: Path) -> None:
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({1 << 16}, {1 << 16}))"
    code = f"""
{limit}
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from pathlib import Path
from dmsim.errors import UsageError
from dmsim.replay.rows import Rows
try:
    Rows(1_000_000, Path({str(tmp_path / "0.rows")!r}))
except UsageError as error:
    print(error)
"""
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert "make room" in said.stdout


@given(st.permutations(range(9)), st.lists(st.integers(0, 9), max_size=4), st.integers(1, 10**15))
def test_blocks_since_a_cursor_add_up_to_all_that_was_finished(
    finished: list[int], cuts: list[int], t0: int
) -> None:
    rows = filled(9, finished, t0)
    bounds = sorted({0, *cuts, 9})
    blocks = []
    for first, last in pairwise(bounds):
        block = rows.since(first)
        blocks.append(Block(block.table[: last - first], block.notes))
    table = np.concatenate([Block.decode(block.encode()).table for block in blocks])
    assert table["row"].tolist() == finished
    assert table["done"].tolist() == [n + 2 for n in range(9)]
