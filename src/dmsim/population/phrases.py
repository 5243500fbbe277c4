"""What ``seeds/texts.toml`` says: how long messages are, and the phrases of every language."""

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from dmsim.paths import data_path


@dataclass(frozen=True)
class Writing:
    """How persons write to each other.

    Words of a message are lognormal with ``median_words`` and ``sigma`` (of the logarithm), at
    least one and at most ``most_words``; in a language without spaces a word counts as
    ``characters_per_word`` characters. ``emoji`` and ``link`` are shares of messages.
    """

    median_words: float
    sigma: float
    most_words: int
    characters_per_word: float
    emoji: float
    link: float


@dataclass(frozen=True)
class Phrases:
    """What texts of one language are made of.

    ``public`` are thanks or an apology, ``notice`` tells that a private message was sent (R149,
    R150, R165-R167), ``ask`` bids the customer tell more (R171), ``personal`` asks for what a brand
    may ask in private only (R153, R154). ``gif`` and ``sticker`` have a place for a word, ``words``
    are words of the language where Faker has none; everything else begins a text.
    """

    full_stop: str
    public: list[str]
    notice: str
    ask: str
    personal: str
    minor: str
    severe: str
    zero_tolerance: str
    business: str
    mailing: str
    sponsored: str
    question: str
    complaint: str
    praise: str
    spam: str
    escalation: str
    hand_off: str
    follow_up: str
    gif: str
    sticker: str
    words: str = ""

    @property
    def gap(self) -> str:
        """What stands between words and sentences: nothing where the script has no spaces."""
        return "" if self.full_stop == "。" else " "


def writing() -> Writing:
    """How persons write to each other."""
    seed = _seed()
    return Writing(**seed["length"], **seed["shares"])


def phrases(locale: str) -> Phrases:
    """The phrases of a language."""
    return Phrases(**_seed()["locales"][locale])


@cache
def _seed() -> dict[str, Any]:
    return tomllib.loads((data_path("seeds") / "texts.toml").read_text(encoding="utf-8"))
