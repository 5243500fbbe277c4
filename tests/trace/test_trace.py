import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from dmsim.errors import UsageError
from dmsim.simulation import SimulationResult, simulate
from dmsim.trace.digest import TableDigest
from dmsim.trace.reader import Trace
from dmsim.trace.schema import (
    ACCOUNTS,
    ACQUAINTANCES,
    ACTIONS,
    BLOCKS,
    CASES,
    COMMENTS,
    CONTACTS,
    FOLLOWS,
    GUARDIANS,
    POSTS,
    PRESENCE,
    SETTINGS,
    STAFF,
    STANDINGS,
    STICKER_SETS,
    TEXTS,
    THREADS,
    VIDEOS,
    Table,
)
from dmsim.trace.summary import summarise, week_time
from dmsim.trace.writer import new_trace
from tests.worlds import everybody, small


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimulationResult:
    return simulate(small(), tmp_path_factory.mktemp("made") / "trace")


@pytest.fixture
def trace(made: SimulationResult, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(made.path, tmp_path / "trace"))


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_same_seed_writes_equal_files(made: SimulationResult, tmp_path: Path) -> None:
    again = simulate(small(), tmp_path / "again")
    assert again.digest == made.digest
    assert files(again.path) == files(made.path)


def test_another_seed_writes_another_trace(made: SimulationResult, tmp_path: Path) -> None:
    assert simulate(small(seed=7), tmp_path / "other").digest != made.digest


def test_a_trace_verifies_against_its_manifest(made: SimulationResult) -> None:
    assert Trace.open(made.path).verify() == made.digest


def test_actions_are_ordered_and_come_after_earlier_ones_only(made: SimulationResult) -> None:
    actions = Trace.open(made.path).actions()
    assert actions.height == made.actions
    assert actions["seq"].to_list() == list(range(made.actions))
    assert actions["at"].is_sorted()
    later = actions.explode("after", empty_as_null=True).filter(pl.col("after") >= pl.col("seq"))
    assert later.is_empty()


def test_what_is_written_has_a_text_and_what_is_refused_a_reason(made: SimulationResult) -> None:
    actions = Trace.open(made.path).actions()
    writes = ["send_message", "comment", "public_reply", "private_reply"]
    # What is shared may say something as well.
    others = actions.filter(pl.col("action") != "share_content")
    assert (others["action"].is_in(writes) == others["text"].is_not_null()).all()
    explained = ["refused", "removed", "hidden"]
    assert (actions["verdict"].is_in(explained) == (actions["reason"] != "none")).all()


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """Three cells; two of them have brands, on whose posts much is said and answered."""
    talkative = everybody(comments_per_week=200)
    busy = everybody(
        share_content=0.05, fanout=2, videos=2, watch_video=0.05, change_video_privacy=0.02,
        report_content=0.02, manage_stickers=0.05, violation=0.2, report_message=0.5,
        sessions_per_week=60, new_conversation=0.3,
    )  # fmt: skip
    # Nobody is stopped, so that much goes on happening.
    told = small("population.cells=3", "policy.sanctions_hold=false", *talkative, *busy)
    return Trace.open(simulate(told, tmp_path_factory.mktemp("divided") / "trace").path)


#: The accounts and posts of the cells of ``divided``: persons first, then brands, then the staff.
CELL_ACCOUNTS = (range(69), range(69, 139), range(139, 206))
CELL_POSTS = (range(12), range(12, 26), range(26, 26))


def test_cells_have_accounts_and_posts_of_their_own(divided: Trace) -> None:
    divided.verify()
    accounts, posts = divided.table(ACCOUNTS), divided.table(POSTS)
    assert accounts["id"].to_list() == list(range(206))
    brands = accounts.filter(pl.col("kind") == "brand")["id"].to_list()
    assert brands == [67, 136, 137]
    assert accounts.filter(pl.col("kind") == "staff")["id"].to_list() == [68, 138, 205]
    assert posts["id"].to_list() == list(range(26))
    for pages, ids in zip(CELL_ACCOUNTS, CELL_POSTS, strict=True):
        assert posts.filter(pl.col("id").is_in(ids))["page"].is_in(pages).all()


#: What an action names by ``uses`` besides posts: an object of its cell, or the same everywhere.
OF_A_CELL = {
    "public_reply", "private_reply", "watch_video", "change_video_privacy", "report_content",
    "read_comment", "resolve", "hand_off",
}  # fmt: skip
ENDINGS = {"resolve", "hand_off"}
EVERYWHERE = {"add_sticker_set", "reorder_sticker_sets", "remove_sticker_set"}


def test_cells_are_closed_worlds(divided: Trace) -> None:
    actions = divided.actions()
    assert sorted({seq >> 40 for seq in actions["seq"].to_list()}) == [0, 1, 2]
    named = set()
    for row in actions.iter_rows(named=True):
        cell = row["seq"] >> 40
        assert row["actor"] in CELL_ACCOUNTS[cell]
        assert row["target"] is None or row["target"] in CELL_ACCOUNTS[cell]
        assert all(seq >> 40 == cell for seq in row["after"])
        assert row["fanout"] is None or row["fanout"] >> 40 == cell
        what = row["content"] if row["action"] == "share_content" else row["action"]
        if what == "comment":
            assert row["uses"] in CELL_POSTS[cell]
            assert row["binds"] >> 40 == cell
        elif what in ENDINGS and row["uses"] is None:  # of a case that began with a message
            assert row["target"] is not None
        elif what in OF_A_CELL or what == "video":
            assert row["uses"] >> 40 == cell
            named.add((what, cell))
        elif what in EVERYWHERE or row["content"] not in (None, "text", "emoji", "gif"):
            assert 0 <= row["uses"] < 1000
        else:
            assert row["uses"] is None
    assert {cell for what, cell in named if what == "watch_video"} == {0, 1, 2}
    assert {cell for what, cell in named if what == "video"} == {0, 1, 2}
    for number in (0, 1):
        seen = actions.filter(pl.col("seq") // (1 << 40) == number)["action"].unique().to_list()
        assert {"comment", "public_reply", "private_reply"} <= set(seen)


def test_the_state_of_a_cell_is_about_its_own_accounts(divided: Trace) -> None:
    """Whatever two accounts stand in one row belong together, and so do objects and accounts."""
    cell_of = {account: cell for cell, ids in enumerate(CELL_ACCOUNTS) for account in ids}
    pairs = {
        GUARDIANS: ("guardian", "teen"), ACQUAINTANCES: ("account", "other"),
        CONTACTS: ("account", "other"), FOLLOWS: ("follower", "followed"),
        BLOCKS: ("blocker", "blocked"), THREADS: ("requester", "other"),
        ACCOUNTS: ("id", "device"),
    }  # fmt: skip
    for table, columns in pairs.items():
        rows = list(divided.table(table).select(columns).iter_rows())
        assert rows or table == BLOCKS
        assert all(cell_of[a] == cell_of[b] for a, b in rows)
    for table in (SETTINGS, STANDINGS, PRESENCE, STICKER_SETS):
        found = divided.table(table)["account"].to_list()
        assert set(found) <= set(cell_of)
        assert table == STICKER_SETS or len(set(found)) == len(found)
    for table in (COMMENTS, VIDEOS):
        made = divided.table(table)
        assert made.height > 0
        assert all(cell_of[author] == number >> 40
                   for number, author in made.select("id", "author").iter_rows())  # fmt: skip
    posts = divided.table(COMMENTS).select("id", "post")
    assert all(post in CELL_POSTS[number >> 40] for number, post in posts.iter_rows())


def test_texts_say_what_moderation_sees_in_them(divided: Trace) -> None:
    labels = divided.table(TEXTS).select(pl.col("id").alias("text"), "violation", "detected")
    sent = divided.actions().filter(pl.col("action") == "send_message").drop("violation")
    seen = sent.join(labels, on="text").filter(pl.col("verdict") != "refused")
    assert ((seen["verdict"] == "removed") == seen["detected"]).all()
    assert seen.filter(pl.col("violation") != "none").height > 20
    decided = divided.actions().filter(action="moderate", verdict="done")
    assert decided["violation"].null_count() == 0
    assert decided.filter((pl.col("via") == "automatic") != pl.col("switch").not_()).is_empty()


def test_what_is_commented_and_answered_fits_together(divided: Trace) -> None:
    """A comment names its post's page; a reply its comment's page and author."""
    actions = divided.actions()
    page_of_post = dict(divided.table(POSTS).select("id", "page").iter_rows())
    said = {
        made["id"]: (made["author"], page_of_post[made["post"]])
        for made in divided.table(COMMENTS).iter_rows(named=True)
    }
    for row in actions.iter_rows(named=True):
        if row["action"] == "comment":
            assert row["target"] == page_of_post[row["uses"]]
            assert row["binds"] not in said
            said[row["binds"]] = row["actor"], row["target"]
        elif row["action"] in ("public_reply", "private_reply"):
            assert (row["target"], row["actor"]) == said[row["uses"]]


def test_an_existing_trace_is_only_replaced_by_force(trace: Path) -> None:
    before = files(trace)
    with pytest.raises(UsageError, match="--force"):
        simulate(small(seed=7), trace)
    assert files(trace) == before
    simulate(small(seed=7), trace, force=True)
    assert files(trace) != before


def test_of_two_runs_at_once_the_first_to_end_stays(trace: Path) -> None:
    place = trace.parent / "place"

    def overtaken() -> None:
        with new_trace(place) as folder:
            shutil.copytree(trace, folder, dirs_exist_ok=True)
            shutil.copytree(trace, place)

    with pytest.raises(UsageError, match="--force"):
        overtaken()
    assert files(place) == files(trace)
    assert sorted(path.name for path in trace.parent.iterdir()) == ["place", "trace"]


def test_what_is_no_trace_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("dear")
    with pytest.raises(UsageError, match="not a dmsim trace"):
        simulate(small(), tmp_path / "letters", force=True)


def test_an_interrupted_run_leaves_nothing_and_the_last_trace_as_it_was(trace: Path) -> None:
    before = files(trace)

    def interrupted() -> None:
        with new_trace(trace, force=True) as folder:
            (folder / "manifest.json").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert files(trace) == before
    assert [path.name for path in trace.parent.iterdir()] == ["trace"]


def _no_manifest(trace: Path) -> None:
    (trace / "manifest.json").unlink()


def _foreign_manifest(trace: Path) -> None:
    (trace / "manifest.json").write_text('{"name": "something else"}')


def _broken_manifest(trace: Path) -> None:
    (trace / "manifest.json").write_bytes(b"\xff\xfe{")


def _later_version(trace: Path) -> None:
    manifest = json.loads((trace / "manifest.json").read_text())
    (trace / "manifest.json").write_text(json.dumps(manifest | {"schema_version": 99}))


def _changed_manifest(**changes: object) -> Callable[[Path], None]:
    def change(trace: Path) -> None:
        manifest = json.loads((trace / "manifest.json").read_text())
        (trace / "manifest.json").write_text(json.dumps(manifest | changes))

    return change


def _deep_manifest(trace: Path) -> None:
    (trace / "manifest.json").write_text('{"scenario":' + '{"a":' * 100_000)


def _missing_table(trace: Path) -> None:
    (trace / "state" / "follows.parquet").unlink()


def _truncated_actions(trace: Path) -> None:
    file = next((trace / "actions").rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-100])


def _missing_actions(trace: Path) -> None:
    shutil.rmtree(trace / "actions")


def _other_columns(trace: Path) -> None:
    pl.DataFrame({"from": [1]}).write_parquet(trace / "state" / "follows.parquet")


@pytest.mark.parametrize(
    "damage",
    [
        _no_manifest,
        _foreign_manifest,
        _broken_manifest,
        _later_version,
        _missing_table,
        _truncated_actions,
        _missing_actions,
        _other_columns,
        _deep_manifest,
        _changed_manifest(cells=0),
        _changed_manifest(cells=-1),
        _changed_manifest(seed=-1),
        _changed_manifest(actions=10**30),
        _changed_manifest(counts={"texts.parquet": -1}),
        _changed_manifest(from_us=-1),
        _changed_manifest(until_us=10**18),
        _changed_manifest(digest=None),
    ],
)
def test_what_is_not_a_whole_trace_is_refused_in_one_line(
    trace: Path, damage: Callable[[Path], None]
) -> None:
    damage(trace)
    with pytest.raises(UsageError, match=r"simulate") as refused:
        Trace.open(trace)
    assert "\n" not in str(refused.value)
    assert str(trace) in str(refused.value)


def test_an_altered_row_does_not_verify(trace: Path) -> None:
    file = next((trace / "actions").rglob("*.parquet"))
    frame = pl.read_parquet(file, hive_partitioning=False)
    frame.with_columns(pl.col("actor").reverse()).write_parquet(file)
    with pytest.raises(UsageError, match="do not match"):
        Trace.open(trace).verify()


def _flipped_bytes(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for place in range(len(content) // 3, len(content) // 3 + 40):
        content[place] ^= 0x5A
    file.write_bytes(content)


def _nothing_in(column: str) -> Callable[[Path], None]:
    def empty(file: Path) -> None:
        frame = pl.read_parquet(file, hive_partitioning=False)
        frame.with_columns(pl.lit(None, frame.schema[column]).alias(column)).write_parquet(file)

    return empty


def _nothing_after(file: Path) -> None:
    frame = pl.read_parquet(file, hive_partitioning=False)
    frame.with_columns(after=pl.lit([None], pl.List(pl.Int64))).write_parquet(file)


@pytest.mark.parametrize(
    "damage",
    [
        _flipped_bytes,
        _nothing_in("seq"),
        _nothing_in("verdict"),
        _nothing_in("after"),
        _nothing_in("text"),
        _nothing_after,
    ],
)
def test_damaged_actions_do_not_verify(trace: Path, damage: Callable[[Path], None]) -> None:
    damage(next((trace / "actions").rglob("*.parquet")))
    with pytest.raises(UsageError, match="simulate it again"):
        Trace.open(trace).verify()


@pytest.mark.parametrize("table", [TEXTS, ACCOUNTS, FOLLOWS, CASES, STAFF])
def test_a_damaged_table_does_not_verify(trace: Path, table: Table) -> None:
    _flipped_bytes(trace / table.path)
    with pytest.raises(UsageError, match="simulate it again"):
        Trace.open(trace).verify()


def test_actions_outside_the_recorded_window_do_not_verify(trace: Path) -> None:
    _changed_manifest(until_us=Trace.open(trace).manifest.from_us + 1)(trace)
    with pytest.raises(UsageError, match="outside the window"):
        Trace.open(trace).verify()


def test_a_cell_in_which_nothing_happens_is_a_part_of_the_digest(tmp_path: Path) -> None:
    quiet = small("population.cells=4", "population.persons=60", "time.record=1us")
    trace = Trace.open(simulate(quiet, tmp_path / "trace").path)
    assert len(trace.action_files()) < 4
    assert trace.verify() == trace.manifest.digest


def test_what_is_no_cell_is_no_part_of_a_trace(trace: Path) -> None:
    whole = Trace.open(trace).action_files()
    shutil.copytree(trace / "actions" / "cell=0", trace / "actions" / "cell=x")
    assert Trace.open(trace).action_files() == whole


def test_the_digest_does_not_see_how_rows_are_chunked(made: SimulationResult) -> None:
    actions = Trace.open(made.path).actions()
    whole, parts = TableDigest(ACTIONS.schema), TableDigest(ACTIONS.schema)
    whole.update(actions)
    for part in actions.iter_slices(97):
        parts.update(part)
    assert whole.digest() == parts.digest()
    for column in ("actor", "text", "verdict", "after"):
        other = TableDigest(ACTIONS.schema)
        other.update(actions.with_columns(pl.col(column).reverse()))
        assert other.digest() != whole.digest()


def test_a_summary_counts_every_action(made: SimulationResult) -> None:
    found = summarise(Trace.open(made.path))
    assert found["recorded"] == "Fri 14:00 to Fri 14:30"
    assert sum(found["actions_per_minute"]) == made.actions
    assert len(found["actions_per_minute"]) == 30
    assert sum(row["count"] for row in found["verdicts"]) == made.actions
    assert sum(found["after"].values()) == made.actions


def test_simulated_times_are_said_as_people_say_them() -> None:
    assert week_time(0) == "Mon 00:00"
    assert week_time(8 * 86_400_000_000 + 61 * 60_000_000) == "Tue 01:01 (week 2)"
    assert week_time(4 * 86_400_000_000 + 7_000_000) == "Fri 00:00:07"
