"""What messages say, against ``seeds/texts.toml``."""

from typing import Any

import pytest

from dmsim.fidelity.check import Check
from dmsim.fidelity.texts import text_checks
from dmsim.population.phrases import writing
from dmsim.population.texts import message_lengths
from tests.fidelity.facts import facts

Text = dict[str, Any]
N = 1000


def check(words: str, texts: list[Text], **traits: list[Any]) -> Check:
    """The check of a world in which every text is sent once."""
    messages = [{"at": n, "actor": n % 200, "target": 0, "text": n} for n in range(len(texts))]
    usual = {"locale": ["en"] * 200}
    found = text_checks(facts(texts=texts, messages=messages, traits=usual | traits))
    return next(one for one in found if one.property.endswith(words))


def of_lengths(lengths: list[int]) -> list[Text]:
    return [{"text": " ".join(["word"] * length) + "."} for length in lengths]


def test_texts_as_long_as_the_seed_says_pass() -> None:
    texts = of_lengths(message_lengths(N))
    assert check("median", texts).verdict == "pass"
    assert check("at most", texts).verdict == "pass"


def test_texts_twice_as_long_do_not() -> None:
    texts = of_lengths([2 * length for length in message_lengths(N)])
    assert check("median", texts).because == "too high"
    assert check("at most", texts).because == "too high"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("One two three.", 3),
        ("One two three. 😀", 3),
        ("One two three. https://example.com/0a1b2c", 3),
        ("❤", 0),
        ("كلمة ثانية.", 2),
    ],
)
def test_emoji_and_links_are_no_words(text: str, words: int) -> None:
    assert check("median", [{"text": text}] * 100).measured == words


def test_languages_without_spaces_have_no_words_to_count() -> None:
    texts = [{"text": "文字", "locale": "ja"}] * 100
    assert check("median", texts).verdict == "unchecked"


@pytest.mark.parametrize(
    ("words", "text"), [("emoji", "Yes. 👍"), ("link", "See https://example.org/1")]
)
def test_shares_of_texts_are_held_to_the_seed(words: str, text: str) -> None:
    part = round(N * getattr(writing(), words))
    texts = [{"text": text}] * part + [{"text": "No."}] * (N - part)
    assert check(words, texts).verdict == "pass"
    assert check(words, [{"text": text}] * N).because == "too high"
    assert check(words, [{"text": "No."}] * N).because == "too low"


def test_everybody_writes_in_his_own_language() -> None:
    texts = [{"text": "Yes."}] * N
    assert check("who writes", texts).measured == 1
    assert check("who writes", texts, locale=["en", "de"] * 100).verdict == "fail"


def test_violations_are_no_sample_of_lawful_texts() -> None:
    texts = [{"text": "Yes.", "violation": "minor"}] * N
    assert check("median", texts).because == "fewer than 100 texts: 0"
