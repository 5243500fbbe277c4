"""What a comparison found, as lines for a terminal."""

from textwrap import wrap

from dmsim.experiments.comparison import Compared, compared
from dmsim.experiments.result import Result
from dmsim.experiments.text import difference_words, interval_words, outcome_words, p_words
from dmsim.report.care_tables import Table
from dmsim.report.care_text import aligned

_WIDTH = 100
_HEAD = ("measure", "A", "B", "B - A", "p", "")
_NOTE = (
    "± 95 %; B - A is paired: replication r has the same random numbers in both. * its interval "
    "leaves out 0; of twenty measures without any difference one does so by chance"
)


def comparison_lines(result: Result) -> list[str]:
    """Every measure of both scenarios and the difference, those first that are surely not 0."""
    first, second = (point[0] for point in result.outcome.experiment.design.points)
    found = compared(result)
    told = sorted((each for each in found if not each.same), key=lambda each: not each.sure)
    table = Table("", "", _HEAD, [_row(each) for each in told])
    same = ", ".join(each.measure for each in found if each.same)
    return [
        f"A  {first}",
        f"B  {second}",
        "",
        *([*map(str.rstrip, aligned(table)), "", *wrap(_NOTE, _WIDTH)] if told else []),
        *(wrap(f"the same in every run of A and B: {same}", _WIDTH) if same else []),
        *outcome_words(result),
    ]


def _row(each: Compared) -> tuple[str, ...]:
    return (
        each.measure,
        interval_words(each.measure, each.first),
        interval_words(each.measure, each.second),
        difference_words(each.measure, each.difference),
        p_words(each.p),
        "*" if each.sure else "",
    )
