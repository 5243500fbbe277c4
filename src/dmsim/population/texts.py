"""Banks of names and texts: made once by Faker, then referred to by number."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from faker import Faker
from numpy.typing import NDArray

#: Supported locales, in the order of their codes.
LOCALES = {"en": "en_US", "ru": "ru_RU"}
#: What a text is for, in the order of the kernel's bank numbers.
PURPOSES = ("message", "comment", "public_reply", "private_reply", "answer")

_SIZES = {"message": 400, "comment": 200, "public_reply": 20, "private_reply": 20, "answer": 60}
_NAMES = 1000
_SEED = 2016

# Thanks or an apology, and the notice that a private message was sent (R149, R150, R165, R167).
_PUBLIC = {
    "en": ("Thank you for reaching out! ", "We are sorry to hear this. ", "We are glad to help! "),
    "ru": ("Спасибо, что написали! ", "Нам очень жаль это слышать. ", "Будем рады помочь! "),
}
_NOTICE = {
    "en": "We have sent you a private message with the details.",
    "ru": "Мы отправили вам подробности в личные сообщения.",
}
# The private reply asks the customer to tell more (R171).
_QUESTION = {
    "en": "Could you tell us more about it?",
    "ru": "Расскажите, пожалуйста, подробнее, что произошло?",
}


@dataclass(frozen=True)
class TextBank:
    """All texts with their locales, and where each bank lies.

    ``banks[purpose, locale]`` is (first id, count).
    """

    texts: list[str]
    locales: list[str]
    banks: NDArray[np.int32]


@cache
def text_bank() -> TextBank:
    """The bank of texts; the same in every run."""
    texts: list[str] = []
    locales: list[str] = []
    banks = np.zeros((len(PURPOSES), len(LOCALES), 2), dtype=np.int32)
    for column, (locale, name) in enumerate(LOCALES.items()):
        faker = Faker(name)
        faker.seed_instance(_SEED)
        for row, purpose in enumerate(PURPOSES):
            made = [_text(faker, purpose, locale, n) for n in range(_SIZES[purpose])]
            banks[row, column] = len(texts), len(made)
            texts += made
            locales += [locale] * len(made)
    return TextBank(texts, locales, banks)


@cache
def name_bank(locale: str) -> list[str]:
    """Names of persons in a locale; the same in every run."""
    faker = Faker(LOCALES[locale])
    faker.seed_instance(_SEED + 1)
    return [faker.name() for _ in range(_NAMES)]


def _text(faker: Faker, purpose: str, locale: str, number: int) -> str:
    sentence = faker.sentence(nb_words=4 if purpose == "comment" else 8)
    if purpose == "public_reply":
        openings = _PUBLIC[locale]
        return openings[number % len(openings)] + _NOTICE[locale]
    if purpose == "private_reply":
        return f"{sentence} {_QUESTION[locale]}"
    return str(sentence)
