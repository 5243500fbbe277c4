"""What persons' messages say, as far as ``seeds/texts.toml`` states it."""

from math import exp

import numpy as np
import polars as pl

from dmsim.fidelity.check import SHARE, Check, Subject
from dmsim.fidelity.facts import Facts
from dmsim.fidelity.intervals import Floats, normal_quantile
from dmsim.fidelity.samples import judge_quantile, judge_share
from dmsim.population.phrases import writing
from dmsim.vocabulary import Action, ContentKind, Violation, word

_CONCERN = "texts"
_SEED = "seeds/texts.toml: "
#: Ours: words are whole, and a bank holds a thousand texts of each language.
_HALF_A_WORD, _LENGTH, _SHARE = 0.5, 0.05, 0.005
_UNSPACED = ("ja",)
_LINK = "://"
_EMOJI = "[\U0001f300-\U0001faff\u2600-\u27bf]"


def text_checks(facts: Facts) -> list[Check]:
    """Length, emoji, links and languages of written texts that keep the guidelines."""
    told = writing()
    written = _written(facts)
    spaced = written.filter(~pl.col("locale").is_in(_UNSPACED))
    lengths = spaced["words"].sort().to_numpy().astype(np.float64)
    emoji, links = int(written["emoji"].sum()), int(written["link"].sum())
    own = written.filter(pl.col("locale") == pl.col("language")).height
    checks = [
        _length("median", 0.5, told.median_words, lengths),
        _length(
            "nine of ten have at most", 0.9, _quantile(told.median_words, told.sigma, 0.8), lengths
        ),
    ]
    for words_of, source, target, found in (
        ("texts with an emoji", f"{_SEED}shares.emoji", told.emoji, emoji),
        ("texts with a link", f"{_SEED}shares.link", told.link, links),
        ("texts in the language of who writes", "ours", 1.0, own),
    ):
        checks.append(_share(words_of, source, target, found, written.height))
    return checks


def _written(facts: Facts) -> pl.DataFrame:
    """Texts of persons: ``words``, ``emoji``, ``link``, ``locale``, the author's ``language``."""
    text = pl.col("text")
    plain = text.str.replace_all(_EMOJI, "").str.replace_all(rf"\S*{_LINK}\S*", "")
    lawful = facts.texts.filter(violation=word(Violation.NONE)).select(
        "id",
        "locale",
        words=plain.str.extract_all(r"\S+").list.len(),
        emoji=text.str.contains(_EMOJI),
        link=text.str.contains(_LINK, literal=True),
    )
    authors = facts.persons.select("id", language="locale")
    return (
        facts.messages.filter(action=word(Action.SEND_MESSAGE), content=word(ContentKind.TEXT))
        .select("actor", "text")
        .join(lawful, left_on="text", right_on="id")
        .join(authors, left_on="actor", right_on="id")
    )


def _quantile(median: float, sigma: float, level: float) -> float:
    """The upper end of the middle part of a lognormal distribution."""
    return median * exp(normal_quantile(level) * sigma)


def _length(words: str, part: float, target: float, ordered: Floats) -> Check:
    subject = Subject(
        concern=_CONCERN,
        property=f"words of a text, in languages with spaces: {words}",
        source=f"{_SEED}length",
        target=target,
        tolerance=_HALF_A_WORD + _LENGTH * target,
        unit="words",
    )
    return judge_quantile(subject, ordered, part, "texts")


def _share(words: str, source: str, target: float, found: int, of: int) -> Check:
    subject = Subject(
        concern=_CONCERN,
        property=words,
        source=source,
        target=target,
        tolerance=_SHARE,
        unit=SHARE,
    )
    return judge_share(subject, found, of, "texts")
