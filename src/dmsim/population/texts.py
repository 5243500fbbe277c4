"""Banks of names and texts: made once by Faker, then referred to by number."""

import math
import random
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from faker import Faker
from numpy.typing import NDArray

from dmsim.population.phrases import Phrases, phrases, writing
from dmsim.vocabulary import Topic, Violation, word

#: Supported locales and what Faker calls them, in the order of their codes.
LOCALES = {
    "en": "en_US",
    "ru": "ru_RU",
    "ar": "ar_AA",
    "de": "de_DE",
    "es": "es_ES",
    "fr": "fr_FR",
    "ja": "ja_JP",
    "pt": "pt_BR",
}
#: What a text is for, in the order of the kernel's bank numbers.
PURPOSES = (
    "message",
    "question",
    "public_reply",
    "private_reply",
    "answer",
    "message_false_alarm",
    "minor",
    "minor_detected",
    "severe",
    "severe_detected",
    "zero_tolerance",
    "zero_tolerance_detected",
    "emoji",
    "gif",
    "sticker",
    "business",
    "complaint",
    "praise",
    "spam",
    "escalation",
    "thanks",
    "private_reply_personal",
    "hand_off",
    "follow_up",
    "mailing",
    "sponsored",
)

_SIZES = {
    "message": 1000,
    "question": 200,
    "complaint": 120,
    "public_reply": 20,
    "private_reply": 20,
    "answer": 60,
}
#: Banks of comments, by what they are about.
_TOPICS = {
    "question": Topic.QUESTION,
    "complaint": Topic.COMPLAINT,
    "praise": Topic.PRAISE,
    "spam": Topic.SPAM,
    "escalation": Topic.ESCALATION,
}
_SIZE = 40
_NAMES = 1000
_SEED = 2016
#: What persons write to each other, as long as ``seeds/texts.toml`` says.
_BETWEEN_PERSONS = ("message", "message_false_alarm")
# Made-up words after the opening of a comment, and of any other text.
_COMMENT_WORDS = 4
_WORDS = 8
_EMOJI = "😀😂😍👍🙏🎉🔥❤😢😮👋🤝"
# Names that nobody can register (RFC 2606).
_HOSTS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True)
class TextBank:
    """All texts with their locales and labels, and where each bank lies.

    ``banks[purpose, locale]`` is (first id, count); ``violations`` holds codes of ``Violation``,
    ``detected`` whether automatic moderation takes the text for one (R73, R75), ``topics`` words of
    ``Topic`` (None where a text is no comment), ``personal`` whether it asks for personal data.
    """

    texts: list[str]
    locales: list[str]
    violations: list[int]
    detected: list[bool]
    topics: list[str | None]
    personal: list[bool]
    banks: NDArray[np.int32]


@cache
def text_bank() -> TextBank:
    """The bank of texts; the same in every run."""
    texts: list[str] = []
    locales: list[str] = []
    violations: list[int] = []
    detected: list[bool] = []
    topics: list[str | None] = []
    personal: list[bool] = []
    banks = np.zeros((len(PURPOSES), len(LOCALES), 2), dtype=np.int32)
    for column, locale in enumerate(LOCALES):
        writer = _Writer(locale)
        for row, purpose in enumerate(PURPOSES):
            made = writer.texts(purpose, _SIZES.get(purpose, _SIZE))
            banks[row, column] = len(texts), len(made)
            texts += made
            locales += [locale] * len(made)
            violations += [_violation(purpose).value] * len(made)
            detected += [purpose.endswith(("_detected", "_false_alarm"))] * len(made)
            topic = _TOPICS.get(purpose)
            topics += [None if topic is None else word(topic)] * len(made)
            personal += [purpose == "private_reply_personal"] * len(made)
    return TextBank(texts, locales, violations, detected, topics, personal, banks)


@cache
def name_bank(locale: str) -> list[str]:
    """Names of persons in a locale; the same in every run."""
    faker = _faker(locale, "person")
    return [str(faker.name()) for _ in range(_NAMES)]


def message_lengths(n: int) -> list[int]:
    """Words of ``n`` messages, ascending: the (i + 0.5) / n quantiles of their distribution.

    So a bank holds the distribution as well as its size allows, without luck.
    """
    told = writing()
    normal = NormalDist(math.log(told.median_words), told.sigma)
    words = (round(math.exp(normal.inv_cdf((i + 0.5) / n))) for i in range(n))
    return [min(max(1, length), told.most_words) for length in words]


def _faker(locale: str, provider: str) -> Faker:
    # All providers together take longer to load than all texts to make.
    faker = Faker(LOCALES[locale], providers=[f"faker.providers.{provider}"])
    faker.seed_instance(_SEED)
    return faker


def _violation(purpose: str) -> Violation:
    """The label of a bank's texts, by the bank's name."""
    return {word(member): member for member in Violation}.get(
        purpose.removesuffix("_detected"), Violation.NONE
    )


class _Writer:
    """Makes up texts in one language."""

    def __init__(self, locale: str) -> None:
        self._told: Phrases = phrases(locale)
        own = self._told.words.split()
        words = own or _faker(locale, "lorem").get_words_list()
        self._words = sorted({word for word in words if self._is_word(word)})
        self._rng = random.Random(f"{_SEED} {locale}")

    def _is_word(self, text: str) -> bool:
        # Faker's lists hold pairs of words, numbers and single letters as well.
        return " " not in text and not text.isdigit() and len(text) > len(self._told.gap)

    def texts(self, purpose: str, n: int) -> list[str]:
        if purpose in _BETWEEN_PERSONS:
            return self._messages(n)
        return [self._text(purpose, number) for number in range(n)]

    def _messages(self, n: int) -> list[str]:
        """Messages of persons; lengths, emoji and links do not hang together."""
        told, rng = writing(), self._rng
        lengths = message_lengths(n)
        rng.shuffle(lengths)
        texts = [self._sentence(length) for length in lengths]
        for i in rng.sample(range(n), round(n * told.emoji)):
            texts[i] += f" {rng.choice(_EMOJI)}"
        for i in rng.sample(range(n), round(n * told.link)):
            texts[i] += f" https://{rng.choice(_HOSTS)}/{rng.randrange(16**6):06x}"
        return texts

    def _text(self, purpose: str, number: int) -> str:
        told = self._told
        if purpose == "emoji":
            return _EMOJI[number % len(_EMOJI)] * (1 + number // len(_EMOJI))
        if purpose in ("gif", "sticker"):
            form: str = getattr(told, purpose)
            return form.format(self._rng.choice(self._words))
        public = told.public[number % len(told.public)]
        if purpose == "public_reply":
            return public + told.gap + told.notice
        sentence = self._sentence(_COMMENT_WORDS if purpose in _TOPICS else _WORDS)
        if purpose in ("private_reply", "private_reply_personal"):
            request = told.ask if purpose == "private_reply" else told.personal
            return sentence + told.gap + request
        opening = public if purpose == "thanks" else self._opening(purpose)
        return opening + told.gap + sentence if opening else sentence

    def _opening(self, purpose: str) -> str:
        opening: str = getattr(self._told, purpose.removesuffix("_detected"), "")
        return opening

    def _sentence(self, length: int) -> str:
        """Made-up words, as many as ``length`` says."""
        if self._told.gap:
            text = " ".join(self._rng.choices(self._words, k=length))
        else:
            text = self._unspaced(length * writing().characters_per_word)
        return text[0].upper() + text[1:] + self._told.full_stop

    def _unspaced(self, characters: float) -> str:
        """Whole words that together come nearest to so many characters."""
        text = self._rng.choice(self._words)
        while len(text + (following := self._rng.choice(self._words))) - characters <= (
            characters - len(text)
        ):
            text += following
        return text
