from hypothesis import given
from hypothesis import strategies as st

from dmsim.report.svg import linear_ticks, log_ticks, stacked_bars
from dmsim.report.units import figure, milliseconds, share, span


@given(st.integers(0, 10**9))
def test_linear_ticks_run_from_zero_to_the_top_in_few_steps(top: int) -> None:
    ticks = linear_ticks(top)
    assert ticks[0] == 0
    assert ticks[-1] >= top
    assert 2 <= len(ticks) <= 7


@given(st.floats(1e-3, 1e6), st.floats(1, 1e4))
def test_logarithmic_ticks_enclose_the_values(low: float, factor: float) -> None:
    ticks = log_ticks(low, low * factor)
    assert ticks[0] <= low
    assert ticks[-1] >= low * factor
    assert ticks == sorted(set(ticks))
    assert len(ticks) >= 2


def test_figures_keep_three_digits_that_mean_something() -> None:
    assert [milliseconds(value) for value in (0.123, 12.34, 123.4, None)] == [
        "0.12",
        "12.3",
        "123",
        "\u2013",
    ]
    assert [span(value) for value in (42.0, 750.0, 11_160.0, 259_200.0, None)] == [
        "42 s",
        "12.5 min",
        "3.1 h",
        "3 d",
        "\u2013",
    ]
    assert share(1, 3) == "33.3 %"
    assert share(0, 0) == "\u2013"


def test_all_figures_keep_their_thousands_apart_in_one_way() -> None:
    figures = [figure(number) for number in (6018, 1234.5, 0.25, 1_000_000.0)]
    assert figures == ["6\u202f018", "1\u202f234.5", "0.25", "1\u202f000\u202f000"]
    assert span(86_400 * 1234) == "1\u202f234 d"


def test_a_chart_writes_its_figures_like_the_rest_of_the_page() -> None:
    chart = stacked_bars(
        width=400,
        starts=[0],
        bin_width=1,
        series={"a": [6018], "b": [2000]},
        x_ticks=[],
        x_label="",
        y_label="",
        title="",
        bin_name=str,
    )
    assert "a\t6\u202f018" in chart
    assert "all\t8\u202f018" in chart
    assert ">10\u202f000<" in chart
    assert "," not in chart
