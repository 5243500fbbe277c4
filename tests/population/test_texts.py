import re

import numpy as np
import pytest

from dmsim.population.texts import LOCALES, PURPOSES, name_bank, text_bank
from dmsim.vocabulary import Violation, word

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
LATIN = re.compile("[a-z]", re.IGNORECASE)
LETTERS = {"en": LATIN, "ru": CYRILLIC}
ANNOUNCED = {"en": "private message", "ru": "личные сообщения"}


def texts_for(purpose: str, locale: str) -> list[str]:
    bank = text_bank()
    first, count = bank.banks[PURPOSES.index(purpose), list(LOCALES).index(locale)].tolist()
    return bank.texts[first : first + count]


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


def test_english_texts_have_no_cyrillic_letters() -> None:
    assert not any(CYRILLIC.search(text) for p in PURPOSES for text in texts_for(p, "en"))


def test_persons_have_names_in_the_letters_of_their_locale() -> None:
    for locale, letters in LETTERS.items():
        assert all(letters.search(name) for name in name_bank(locale))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_public_reply_announces_the_private_one(locale: str) -> None:
    assert all(ANNOUNCED[locale] in text for text in texts_for("public_reply", locale))
    assert len(set(texts_for("public_reply", locale))) == 3


@pytest.mark.parametrize("locale", LOCALES)
def test_the_private_reply_asks_the_customer_to_tell_more(locale: str) -> None:
    assert all(text.endswith("?") for text in texts_for("private_reply", locale))


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
    for purpose in PURPOSES:
        violates = purpose.startswith(("minor", "severe", "zero"))
        for text in texts_for(purpose, locale):
            assert violates == bool(re.match(r"\[.*(violation|нарушение).*\] ", text))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("purpose", ["emoji", "gif", "sticker"])
def test_what_stands_for_pictures_is_short(purpose: str, locale: str) -> None:
    assert all(len(text) < 40 for text in texts_for(purpose, locale))
