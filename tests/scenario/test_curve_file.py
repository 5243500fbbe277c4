"""Weekly curves from a file of one's own, or written into the scenario."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dmsim.errors import UsageError
from dmsim.population.curves import hourly, load_curve
from dmsim.scenario import Scenario, load_scenario, read_curve, seed_curve
from dmsim.scenario.units import DAYS

HEAD = "day,hour,weight"


def lines(steps: int = 1, weight: Callable[[int], float] = lambda step: step + 1) -> list[str]:
    """The rows of a curve with so many steps in an hour, without a head."""
    minutes = 60 // steps
    return [
        f"{DAYS[n // (24 * steps)]},{n // steps % 24},{n % steps * minutes},{weight(n)}"
        for n in range(168 * steps)
    ]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def written(rows: list[str], head: str = "day,hour,minute,weight") -> Path:
        path = tmp_path / "curve.csv"
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize("steps", [1, 2, 4, 60])
def test_a_file_holds_a_weight_for_each_step_of_the_week(
    write: Callable[..., Path], steps: int
) -> None:
    weights = read_curve(write(lines(steps)))
    assert weights == tuple(float(n + 1) for n in range(168 * steps))
    assert len(hourly(load_curve(weights))) == 168
    assert load_curve(weights).mean() == pytest.approx(1)


def test_the_seeds_are_such_files_with_numbered_days_and_no_minutes() -> None:
    assert seed_curve("comments").read_text(encoding="utf-8").startswith(HEAD)
    assert sum(read_curve(seed_curve("comments"))) == 40_000


def test_a_scenario_takes_a_file_beside_it_and_needs_it_no_longer(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    file = write(lines(2))
    mine = tmp_path / "mine.toml"
    quickstart = load_scenario("quickstart")
    text = (Path(__file__).parents[2] / "scenarios" / "quickstart.toml").read_text("utf-8")
    mine.write_text(text + '\n[curves]\npersons = "curve.csv"\n', encoding="utf-8")
    scenario = load_scenario(str(mine))
    file.unlink()
    assert scenario.curves.persons == tuple(float(n + 1) for n in range(336))
    assert scenario.curves.comments == quickstart.curves.comments
    assert Scenario.model_validate(scenario.to_dict()) == scenario


def test_a_file_may_be_named_on_the_command_line(write: Callable[..., Path]) -> None:
    file = write(lines())
    scenario = load_scenario("quickstart", None, [f"curves.comments={file}"])
    assert np.array_equal(load_curve(scenario.curves.comments), load_curve(read_curve(file)))


def test_weights_may_be_written_into_the_scenario() -> None:
    scenario = load_scenario("quickstart", None, [f"curves.comments={[1, 3] * 84}"])
    assert load_curve(scenario.curves.comments)[:2].tolist() == [0.5, 1.5]


ROWS = lines()


@pytest.mark.parametrize(
    ("rows", "head", "told"),
    [
        (ROWS, "day,hour,minute,value", "curve.csv:1: no column weight"),
        (ROWS[:-1], None, "curve.csv: 167 weights; a week has 168 hours"),
        ([], None, "curve.csv: 0 weights"),
        ([*ROWS[:3], ROWS[4], ROWS[3], *ROWS[5:]], None, "curve.csv:5: mon 03:00 is due here"),
        ([*ROWS[:9], "mon,9,0,-1", *ROWS[10:]], None, "the weight -1.0 is no number from 0 on"),
        ([*ROWS[:9], "mon,9,0,nan", *ROWS[10:]], None, "the weight nan is no number from 0 on"),
        (
            [*ROWS[:9], "mon,9,0,many", *ROWS[10:]],
            None,
            "curve.csv:11: weight = many: not a number",
        ),
        (
            [*ROWS[:9], "mon,24,0,1", *ROWS[10:]],
            None,
            "curve.csv:11: hour = 24: not a whole number",
        ),
        ([*ROWS[:9], "xyz,9,0,1", *ROWS[10:]], None, "curve.csv:11: day = xyz: not a whole number"),
        ([*ROWS[:9], "mon", *ROWS[10:]], None, "curve.csv:11: hour = : not a whole number"),
        (lines(weight=lambda _: 0), None, "all weights are 0"),
        (lines(7), None, "curve.csv: 1176 weights"),
    ],
)
def test_what_is_no_curve_is_refused_with_its_place(
    write: Callable[..., Path], rows: list[str], head: str | None, told: str
) -> None:
    file = write(rows, head or "day,hour,minute,weight")
    with pytest.raises(UsageError) as refused:
        load_scenario("quickstart", None, [f"curves.persons={file}"])
    message = str(refused.value)
    assert told in message
    assert message.startswith("--set curves.persons=")
    assert "; " in message


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("nowhere.csv", "nowhere.csv: cannot be read"),
        ("nights", "no such curve; known: comments"),
        ("[1, 2]", "2 weights; a week has 168 hours"),
        (str([0] * 168), "all weights are 0"),
        (str([1, "a"] * 84), "holds numbers alone"),
        ("7", "must be a curve's name, a CSV file, or a list of weights"),
    ],
)
def test_what_is_neither_a_name_nor_a_file_nor_weights_is_refused(value: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        load_scenario("quickstart", None, [f"curves.messages={value}"])


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "curve.csv"
    file.write_bytes(b"\xff\xfe\x00day")
    with pytest.raises(UsageError, match="not a CSV file in UTF-8"):
        load_scenario("quickstart", None, [f"curves.messages={file}"])
