"""What the shipped scenarios and presets take over from the sources: figures, style, pace."""

from dmsim.population.texts import LOCALES, PURPOSES, text_bank
from dmsim.scenario import Team, load_scenario

WEEK_DAYS = 7
THANKS = {
    "en": ("thank", "sorry", "glad to help"),
    "ru": ("спасибо", "жаль", "рады помочь"),
    "ar": ("شكرًا", "نأسف", "يسعدنا أن نساعدك"),
    "de": ("danke", "leid", "helfen dir gern"),
    "es": ("gracias", "sentimos", "encantados de ayudar"),
    "fr": ("merci", "désolés", "ravis de vous aider"),
    "ja": ("ありがとう", "申し訳", "喜んでお手伝い"),
    "pt": ("obrigado", "sentimos", "felizes em ajudar"),
}


def teams() -> dict[str, Team]:
    return load_scenario("private-replies").care.teams


def test_brands_are_followed_in_the_ratio_of_the_sources() -> None:
    """500 000, 700 000 and 200 000 followers (R179, R182, R185)."""
    brands = load_scenario("private-replies").brands
    house = brands["skin-lab"].followers + brands["lipstick-house"].followers
    ratio = house / 5, brands["glasses"].followers / 7, brands["wallet"].followers / 2
    assert max(ratio) - min(ratio) < 1e-9


def test_a_house_of_cosmetics_gets_hundreds_of_comments_a_day() -> None:
    care = load_scenario("private-replies").care
    weekly = sum(care.volumes[name].comments_per_week for name in care.teams["beauty"].brands)
    assert 200 < weekly / WEEK_DAYS < 1000


def test_the_house_of_cosmetics_takes_most_time_to_be_personal() -> None:
    told = teams()
    assert told["beauty"].announces == 1.0
    others = (told["eyewear"].personalise, told["wallet"].personalise)
    assert told["beauty"].personalise > max(others)


def test_the_shop_for_glasses_is_the_quickest() -> None:
    told = teams()
    assert told["eyewear"].announces == 1.0
    for other in ("beauty", "wallet"):
        assert told["eyewear"].public_reply.mean < told[other].public_reply.mean


def test_a_public_reply_thanks_apologises_or_is_glad_to_help() -> None:
    bank = text_bank()
    for column, locale in enumerate(LOCALES):
        first, count = bank.banks[PURPOSES.index("public_reply"), column].tolist()
        for text in bank.texts[first : first + count]:
            assert any(word in text.lower() for word in THANKS[locale])
