"""The banks of texts: every language and purpose, and messages as the seed describes them."""

import math
import re
from collections import Counter
from dataclasses import fields
from statistics import NormalDist, fmean, median, quantiles
from typing import get_args

import numpy as np
import pytest

from dmsim.population.phrases import Phrases, phrases, writing
from dmsim.population.texts import LOCALES, PURPOSES, message_lengths, name_bank, text_bank
from dmsim.scenario.fields import Locale
from dmsim.vocabulary import Violation, word

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
ARABIC = re.compile("[\u0621-\u064a]")
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
LATIN = re.compile("[a-z]", re.IGNORECASE)
LETTERS = dict.fromkeys(("en", "de", "es", "fr", "pt"), LATIN) | {
    "ru": CYRILLIC,
    "ar": ARABIC,
    "ja": JAPANESE,
}
ANNOUNCED = {
    "en": "private message",
    "ru": "личные сообщения",
    "ar": "رسالة خاصة",
    "de": "privaten Nachricht",
    "es": "mensaje privado",
    "fr": "message privé",
    "ja": "ダイレクトメッセージ",
    "pt": "mensagem privada",
}
#: Words that hardly any sentence of the language does without, and no other of these has.
COMMON = {
    "en": {"the", "with", "would"},
    "de": {"nicht", "und", "aber"},
    "es": {"pero", "muy", "sobre"},
    "fr": {"avec", "être", "chez"},
    "pt": {"não", "você", "com"},
}
LINK = re.compile(r" https://example\.(com|org|net)/[0-9a-f]{6}$")
EMOJI = re.compile("[\u2700-\u27bf\U0001f300-\U0001faff]")


def texts_for(purpose: str, locale: str) -> list[str]:
    bank = text_bank()
    first, count = bank.banks[PURPOSES.index(purpose), list(LOCALES).index(locale)].tolist()
    return bank.texts[first : first + count]


def strip(message: str) -> str:
    """The words of a message, without emoji, link and full stop."""
    return EMOJI.sub("", LINK.sub("", message)).strip().rstrip(".。")


def words_of(message: str) -> list[str]:
    return strip(message).split(" ")


def test_the_banks_of_all_purposes_and_locales_cover_all_texts_once() -> None:
    bank = text_bank()
    assert bank.banks.shape == (len(PURPOSES), len(LOCALES), 2)
    assert bank.banks[:, :, 1].min() > 0
    for column in (bank.locales, bank.violations, bank.detected):
        assert len(column) == len(bank.texts)
    ids = [np.arange(first, first + count) for first, count in bank.banks.reshape(-1, 2)]
    assert sorted(np.concatenate(ids).tolist()) == list(range(len(bank.texts)))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_bank_holds_texts_of_its_locale_in_the_locales_letters(purpose: str, locale: str) -> None:
    bank = text_bank()
    first, count = bank.banks[PURPOSES.index(purpose), list(LOCALES).index(locale)].tolist()
    assert set(bank.locales[first : first + count]) == {locale}
    assert all(text.strip() for text in texts_for(purpose, locale))
    if purpose != "emoji":
        assert all(LETTERS[locale].search(text) for text in texts_for(purpose, locale))


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_has_letters_of_another_script(locale: str) -> None:
    others = {CYRILLIC, ARABIC, JAPANESE} - {LETTERS[locale]}
    for purpose in PURPOSES:
        for text in texts_for(purpose, locale):
            assert not any(script.search(text) for script in others), text


@pytest.mark.parametrize("locale", COMMON)
def test_messages_are_made_of_words_of_their_language(locale: str) -> None:
    said = {text for message in texts_for("message", locale) for text in words_of(message)}
    assert said & COMMON[locale]
    for other in COMMON.keys() - {locale}:
        assert not said & (COMMON[other] - COMMON[locale]), other


def test_a_scenario_may_name_every_language_that_has_texts() -> None:
    assert get_args(Locale) == tuple(LOCALES)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_has_every_phrase(locale: str) -> None:
    told = phrases(locale)
    for name in {field.name for field in fields(Phrases)} - {"words"}:
        assert getattr(told, name), name
    assert len(set(told.public)) == 3
    assert {form.count("{}") for form in (told.gif, told.sticker)} == {1}
    plain = {name: vars(told)[name] for name in vars(told) if name not in ("public", "words")}
    assert [text for text, times in Counter(plain.values()).items() if times > 1] == []
    assert all(text == text.strip() for text in plain.values())


def test_messages_are_as_long_as_the_seed_says() -> None:
    told = writing()
    lengths = message_lengths(1000)
    mean = told.median_words * math.exp(told.sigma**2 / 2)
    assert lengths == sorted(lengths)
    assert abs(median(lengths) - told.median_words) <= 0.5
    assert abs(fmean(lengths) / mean - 1) < 0.02
    longest_in_twenty = told.median_words * math.exp(told.sigma * NormalDist().inv_cdf(0.95))
    assert abs(quantiles(lengths, n=20)[-1] / longest_in_twenty - 1) < 0.1
    assert (lengths[0], lengths[-1]) == (1, told.most_words)


@pytest.mark.parametrize("locale", [name for name in LOCALES if name != "ja"])
def test_the_bank_holds_the_lengths_exactly(locale: str) -> None:
    messages = texts_for("message", locale)
    assert sorted(len(words_of(text)) for text in messages) == message_lengths(len(messages))


@pytest.mark.parametrize("locale", LOCALES)
def test_short_and_long_messages_lie_side_by_side(locale: str) -> None:
    lengths = np.log([len(strip(text)) for text in texts_for("message", locale)])
    places = np.arange(len(lengths))
    assert abs(np.corrcoef(lengths, places)[0, 1]) < 4 / np.sqrt(len(lengths))


def test_japanese_messages_are_as_long_in_characters() -> None:
    found = sorted(len("".join(words_of(text))) for text in texts_for("message", "ja"))
    said = [length * writing().characters_per_word for length in message_lengths(len(found))]
    assert abs(fmean(found) / fmean(said) - 1) < 0.1
    assert abs(found[-1] - said[-1]) <= 10


@pytest.mark.parametrize("locale", LOCALES)
def test_some_messages_have_an_emoji_or_a_link_to_a_reserved_domain(locale: str) -> None:
    messages = texts_for("message", locale)
    told = writing()
    assert sum(bool(EMOJI.search(text)) for text in messages) == round(len(messages) * told.emoji)
    links = [text for text in messages if "://" in text]
    assert len(links) == round(len(messages) * told.link)
    assert all(LINK.search(text) for text in links)


@pytest.mark.parametrize("locale", LOCALES)
def test_emoji_and_links_come_with_short_and_long_messages(locale: str) -> None:
    messages = texts_for("message", locale)
    lengths = np.log([len(strip(text)) for text in messages])
    for mark in (EMOJI, LINK):
        marked = np.array([bool(mark.search(text)) for text in messages])
        error = lengths.std() / np.sqrt(marked.sum())
        assert abs(lengths[marked].mean() - lengths.mean()) < 4 * error


def test_persons_have_names_in_the_letters_of_their_locale() -> None:
    for locale, letters in LETTERS.items():
        assert all(letters.search(name) for name in name_bank(locale))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_public_reply_announces_the_private_one(locale: str) -> None:
    assert all(ANNOUNCED[locale] in text for text in texts_for("public_reply", locale))
    assert len(set(texts_for("public_reply", locale))) == 3


@pytest.mark.parametrize("locale", LOCALES)
def test_the_private_reply_asks_the_customer_to_tell_more(locale: str) -> None:
    assert all(text.endswith(("?", "？", "؟")) for text in texts_for("private_reply", locale))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("purpose", PURPOSES)
def test_texts_are_labelled_as_their_bank_says(purpose: str, locale: str) -> None:
    bank = text_bank()
    first, count = bank.banks[PURPOSES.index(purpose), list(LOCALES).index(locale)].tolist()
    (violation,) = set(bank.violations[first : first + count])
    (detected,) = set(bank.detected[first : first + count])
    gravity = purpose.removesuffix("_detected")
    known = {word(member): member for member in Violation}
    assert violation == known.get(gravity, Violation.NONE)
    assert detected == (purpose != gravity or purpose == "message_false_alarm")


@pytest.mark.parametrize("locale", LOCALES)
def test_violations_are_harmless_words_in_brackets(locale: str) -> None:
    told = phrases(locale)
    labels = {name: vars(told)[name] for name in ("minor", "severe", "zero_tolerance")}
    assert all(re.fullmatch(r"\[.+\]", label) for label in labels.values())
    for purpose in PURPOSES:
        label = labels.get(purpose.removesuffix("_detected"))
        for text in texts_for(purpose, locale):
            said = [begun for begun in labels.values() if text.startswith(begun)]
            assert said == ([label] if label else [])


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("purpose", ["emoji", "gif", "sticker"])
def test_what_stands_for_pictures_is_short(purpose: str, locale: str) -> None:
    assert all(len(text) < 40 for text in texts_for(purpose, locale))
