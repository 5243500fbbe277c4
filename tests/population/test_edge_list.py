"""Follows from a file of the user's."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmsim.errors import UsageError
from dmsim.population.build import build_population, plan_cells
from dmsim.population.edge_list import EdgeList, read_edge_list
from dmsim.scenario import Scenario, load_scenario
from tests.worlds import small

HEAD = "follower,followed\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "follows.csv"


def pairs(found: EdgeList) -> list[tuple[int, int]]:
    return list(zip(*(side.tolist() for side in found.edges), strict=True))


def test_persons_are_numbered_as_they_appear_followers_first(file: Path) -> None:
    file.write_text(HEAD + "zoe,max\nmax,amy\nbob,zoe\n")
    found = read_edge_list(file, 9)
    assert pairs(found) == [(0, 1), (1, 3), (2, 0)]
    assert found.named == 4


def test_duplicates_and_self_loops_are_dropped_and_counted(file: Path) -> None:
    file.write_text(HEAD + "1,2\n2,2\n1,2\n2,1\n1, 2\n")
    found = read_edge_list(file, 2)
    assert (pairs(found), found.duplicates, found.loops) == ([(0, 1), (1, 0)], 2, 1)


def test_other_columns_are_left_out_and_the_order_is_free(file: Path) -> None:
    file.write_text("since,followed,follower\n2020,b,a\n")
    assert pairs(read_edge_list(file, 2)) == [(0, 1)]


@pytest.mark.parametrize(
    ("follower", "followed"),
    [
        (pl.Series([7, -1]), pl.Series([-1, 7])),
        (pl.Series([7, 1], dtype=pl.Int32), pl.Series([1, 7], dtype=pl.UInt64)),
        (pl.Series(["x", "y"]), pl.Series(["y", "x"], dtype=pl.Categorical)),
        (pl.Series(["x", "y"], dtype=pl.Enum(["x", "y"])), pl.Series(["y", "x"])),
    ],
)
def test_ids_of_any_kind_are_read_from_parquet(
    tmp_path: Path, follower: pl.Series, followed: pl.Series
) -> None:
    file = tmp_path / "follows.parquet"
    pl.DataFrame({"follower": follower, "followed": followed}).write_parquet(file)
    assert pairs(read_edge_list(file, 2)) == [(0, 1), (1, 0)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40))
def test_a_file_holds_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int]]
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.csv"
    file.write_text(HEAD + "".join(f"{a},{b}\n" for a, b in rows))
    found = read_edge_list(file, 10)
    ids = list(dict.fromkeys([a for a, _ in rows] + [b for _, b in rows]))
    assert {(ids[a], ids[b]) for a, b in pairs(found)} == {(a, b) for a, b in rows if a != b}
    assert len(pairs(found)) + found.duplicates + found.loops == len(rows)
    assert found.named == len(ids)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "follows.csv: empty; write the columns"),
        ("from,to\n1,2\n", "follows.csv:1: no column follower, it has from, to; write"),
        ("follower;followed\n1;2\n", "no column follower, it has follower;followed; write"),
        (HEAD + "1,2\n,3\n", "follows.csv:3: follower is empty; write an id"),
        (HEAD + "1,2\n3\n", "follows.csv:3: followed is empty; write an id"),
        (HEAD + "1,2\n3, \n", "follows.csv:3: followed is empty; write an id"),
        (HEAD + "1,2\n1,2,3\n", "follows.csv: not a CSV file in UTF-8"),
        (HEAD + "a,b\nc,d\n", "follows.csv: names 4 persons, but population.persons is 3; raise"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(
    file: Path, text: str, told: str
) -> None:
    file.write_text(text)
    refused(file, told)


def refused(file: Path, told: str) -> None:
    with pytest.raises(UsageError) as error:
        read_edge_list(file, 3)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert "; " in str(error.value)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"follower": [1.5], "followed": [2.0]}, "follower is Float64 and followed is Float64"),
        ({"follower": [1], "followed": ["a"]}, "follower is Int64 and followed is String"),
        ({"follower": [1, None], "followed": [2, 3]}, "row 2: follower is empty"),
        ({"follower": [1]}, "no column followed, it has follower"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, columns: dict[str, list[object]], told: str
) -> None:
    file = tmp_path / "follows.parquet"
    pl.DataFrame(columns).write_parquet(file)
    refused(file, told)


def test_bytes_that_are_no_table_are_refused(tmp_path: Path) -> None:
    for name, kind in (("x.parquet", "Parquet file"), ("x.csv", "CSV file in UTF-8")):
        (tmp_path / name).write_bytes(b"follower,followed\n\xff\xfe,2\n")
        refused(tmp_path / name, f"{name}: not a {kind}")
    refused(tmp_path / "gone.csv", "gone.csv: no such file")


def test_persons_beyond_those_named_follow_nobody(file: Path) -> None:
    file.write_text(HEAD + "a,b\nb,c\n")
    scenario = small(f"population.graph.edges={file}")
    population = build_population(scenario, plan_cells(scenario)[0])
    follows = np.split(population.follows.targets, population.follows.start[1:-1])
    persons = [run[run < population.persons].tolist() for run in follows]
    assert persons[:3] == [[1], [2], []]
    assert not any(persons[3:])


def test_a_scenario_takes_a_file_beside_it_and_a_trace_needs_it_no_longer(file: Path) -> None:
    file.write_text(HEAD + "a,b\n")
    root = Path(__file__).parents[2] / "scenarios" / "quickstart.toml"
    mine = file.with_name("mine.toml")
    table = "[population.graph]\n"
    text = root.read_text("utf-8").replace(table, f'{table}edges = "follows.csv"\n')
    mine.write_text(text, encoding="utf-8")
    scenario = load_scenario(str(mine))
    assert scenario.population.graph.edges == str(file)
    file.unlink()
    assert Scenario.model_validate(scenario.to_dict()) == scenario


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["population.graph.edges=nowhere.csv"], "no such file; check the path"),
        (["population.graph.edges=follows.txt"], "must be the path of a .csv or .parquet file"),
        (["population.graph.edges=7"], "must be the path of a .csv or .parquet file"),
        (["population.graph.edges={file}", "population.cells=2"], "an edge list is for one cell"),
    ],
)
def test_edges_that_no_scenario_can_have_are_refused(
    file: Path, overrides: list[str], told: str
) -> None:
    file.write_text(HEAD + "a,b\n")
    with pytest.raises(UsageError, match=r"graph\.edges") as error:
        small(*(text.format(file=file) for text in overrides))
    assert told in str(error.value)
