"""Banks of names and texts: made once by Faker, then referred to by number."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from faker import Faker
from numpy.typing import NDArray

from dmsim.vocabulary import Topic, Violation, word

#: Supported locales, in the order of their codes.
LOCALES = {"en": "en_US", "ru": "ru_RU"}
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
    "message": 400,
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

# Thanks or an apology, and the notice that a private message was sent (R149, R150, R165-R167).
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
# Only in private may a brand ask for these (R153, R154).
_PERSONAL = {
    "en": "Please send us your order number and your e-mail address.",
    "ru": "Пришлите, пожалуйста, номер заказа и адрес электронной почты.",
}


# What begins the other texts. No rule asks what a text says, so words stand for a violation.
_OPENINGS = {
    "en": {
        "minor": "[minor violation] ",
        "severe": "[severe violation] ",
        "zero_tolerance": "[zero-tolerance violation] ",
        "business": "New in our shop: ",
        "mailing": "This week only: ",
        "sponsored": "Sponsored: ",
        "question": "How can I find out? ",
        "complaint": "This does not work! ",
        "praise": "I love it! ",
        "spam": "Earn money from home: ",
        "escalation": "Still no solution! ",
        "hand_off": "Please go on in the chat of our app: ",
        "follow_up": "Could we help you with your question? ",
    },
    "ru": {
        "minor": "[лёгкое нарушение] ",
        "severe": "[тяжкое нарушение] ",
        "zero_tolerance": "[нарушение с нулевой терпимостью] ",
        "business": "Новинка в нашем магазине: ",
        "mailing": "Только на этой неделе: ",
        "sponsored": "Реклама: ",
        "question": "Подскажите, пожалуйста: ",
        "complaint": "Ничего не работает! ",
        "praise": "Очень нравится! ",
        "spam": "Заработок из дома: ",
        "escalation": "Так ничего и не решили! ",
        "hand_off": "Продолжим в чате нашего приложения: ",
        "follow_up": "Удалось ли нам вам помочь? ",
    },
}
_EMOJI = "😀😂😍👍🙏🎉🔥❤😢😮👋🤝"
_FORMS = {
    "gif": {"en": "[GIF: {}]", "ru": "[гифка: {}]"},
    "sticker": {"en": "[sticker: {}]", "ru": "[стикер: {}]"},
}


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
    for column, (locale, name) in enumerate(LOCALES.items()):
        faker = Faker(name)
        faker.seed_instance(_SEED)
        for row, purpose in enumerate(PURPOSES):
            made = [_text(faker, purpose, locale, n) for n in range(_SIZES.get(purpose, _SIZE))]
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
    faker = Faker(LOCALES[locale])
    faker.seed_instance(_SEED + 1)
    return [faker.name() for _ in range(_NAMES)]


def _violation(purpose: str) -> Violation:
    """The label of a bank's texts, by the bank's name."""
    return {word(member): member for member in Violation}.get(
        purpose.removesuffix("_detected"), Violation.NONE
    )


def _text(faker: Faker, purpose: str, locale: str, number: int) -> str:
    if purpose == "emoji":
        return _EMOJI[number % len(_EMOJI)] * (1 + number // len(_EMOJI))
    if purpose in _FORMS:
        return _FORMS[purpose][locale].format(faker.word())
    sentence = str(faker.sentence(nb_words=4 if purpose in _TOPICS else 8))
    if purpose in ("public_reply", "thanks"):
        opening = _PUBLIC[locale][number % len(_PUBLIC[locale])]
        return opening + (_NOTICE[locale] if purpose == "public_reply" else sentence)
    if purpose == "private_reply":
        return f"{sentence} {_QUESTION[locale]}"
    if purpose == "private_reply_personal":
        return f"{sentence} {_PERSONAL[locale]}"
    return _OPENINGS[locale].get(purpose.removesuffix("_detected"), "") + sentence
