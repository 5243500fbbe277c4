"""A week as a picture, whose shades can be read as figures."""

import re
from math import nan

import pytest

from dmsim.report.heatmap import cell_figure, heatmap

WIDE, NARROW = 1038, 350


def figures(drawn: str) -> list[tuple[str, str]]:
    """The figures in the cells, each with its class."""
    return re.findall(r'<text class="(cell[^"]*)"[^>]*>([^<]*)<', drawn)


def scale(drawn: str) -> list[str]:
    """What stands at the ends of the scale."""
    return re.findall(
        r"<text [^>]*>([^<]*)<", drawn.split(">18</text>")[1].rpartition("data-tip")[2]
    )


def test_each_known_hour_of_a_wide_week_has_its_figure() -> None:
    drawn = heatmap(WIDE, [0.0, 2.5, 10.0] + [nan] * 165, "people", str)
    assert [told for _, told in figures(drawn)] == ["0", "2.5", "10.0"]


def test_a_figure_has_a_colour_that_is_read_on_its_cell() -> None:
    drawn = heatmap(WIDE, [1.0, 10.0, -10.0] + [nan] * 165, "net", str)
    assert [look for look, _ in figures(drawn)] == ["cell", "cell on0", "cell on1"]


def test_a_narrow_week_has_a_scale_from_the_least_to_the_most() -> None:
    drawn = heatmap(NARROW, [-3.0, 0.0, 5.0] + [nan] * 165, "net", str)
    assert not figures(drawn)
    assert scale(drawn) == ["−3", "5"]
    assert scale(heatmap(NARROW, [2.0] * 168, "people", str)) == ["2"]


def test_a_week_of_which_nothing_is_known_has_no_scale() -> None:
    assert scale(heatmap(NARROW, [nan] * 168, "net", str)) == []


def test_a_figure_may_be_told_in_words_of_its_own() -> None:
    drawn = heatmap(WIDE, [0.25] + [nan] * 167, "late", str, lambda share: f"{share:.0%}")
    assert [told for _, told in figures(drawn)] == ["25%"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([0.0, 3.0, 12.0], ["0", "3", "12"]),
        ([0.0, 0.5, -1.0], ["0", "0.5", "−1.0"]),
        ([0.012, 0.03], ["0.01", "0.03"]),
        ([99.96, 120.4], ["100", "120"]),
        ([1_234_567.0, 400.0], ["1235k", "0k"]),
        ([], []),
    ],
)
def test_figures_beside_one_another_have_as_many_decimals(
    values: list[float], told: list[str]
) -> None:
    assert [cell_figure(values)(value) for value in values] == told
