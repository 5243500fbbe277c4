"""Writing and sharing: to whom, and what."""

from dmsim.draws import (
    ADDRESSEE,
    ADDRESSEE_KIND,
    CIRCLE,
    CIRCLE_PLACE,
    CONTENT,
    DETAIL,
    DETECTION,
    OBJECT,
    RELATION,
    SCALE,
    SEVERITY,
    VIOLATION,
    below,
    draw,
)
from dmsim.engine.compiled import part, rare_part
from dmsim.engine.facts import standing_of
from dmsim.engine.intentions import NOTHING, Intention, intend
from dmsim.engine.pairs import FOLLOWS, has, pair_of, side_of
from dmsim.engine.state import AT_EASE, SILENT, State
from dmsim.engine.streams import draw_now
from dmsim.vocabulary import Action, ContentKind, Standing, Via, Violation

#: Sticker sets that the platform offers.
STICKER_SETS = 24
#: Effects, hashtags and sounds that can be shared, of each.
_SHAREABLE = 1000

# Each false alarm that is due is spread over so many lawful messages, on average (a power of 2).
_ALARM_SPREAD = 6
# One of so many who have no sticker set tries a sticker all the same.
_TRIES_STICKER = SCALE >> 3


@rare_part
def somebody_followed(state: State, person: int) -> int:
    """Somebody whom a person follows at this moment; -1 if the one picked is not."""
    account = state.accounts[person]
    count = int(account["follows"])
    if count == 0:
        return -1
    return _if_followed(state, person, below(draw_now(state, person, RELATION), count))


@part
def _friend(state: State, person: int, pick: int) -> int:
    """Mostly one of the few followed who are close to a person, else anybody followed."""
    account = state.accounts[person]
    control = state.control[0]
    count = int(account["follows"])
    if count == 0:
        return -1
    if draw_now(state, person, CIRCLE) >= int(control["circle_share"]):
        return _if_followed(state, person, below(pick, count))
    first = below(draw(int(control["key"]), person, CIRCLE_PLACE, 0), count)
    place = first + below(pick, min(count, int(control["circle"])))
    return _if_followed(state, person, place - count if place >= count else place)


@part
def _if_followed(state: State, person: int, place: int) -> int:
    """Who stands at a place of a person's list, or -1 if no longer followed."""
    peer = int(state.links[int(state.accounts[person]["follow_start"]) + place])
    i = pair_of(state, person, peer)
    return peer if has(state, i, FOLLOWS, side_of(state, i, person)) else -1


@rare_part
def write_to_somebody(state: State, person: int) -> Intention:
    """A first message to somebody (R33, R34, R37, Q15)."""
    peer, via = _addressee(state, person)
    return write(state, person, peer, via)


@part
def _addressee(state: State, person: int) -> tuple[int, int]:
    """Somebody followed (R33, R37), a synced contact (R66), somebody suggested (R4) or a stranger.

    A chat with somebody followed is begun by the icon or from the profile, with others by search.
    """
    number = draw_now(state, person, ADDRESSEE_KIND)
    pick = draw_now(state, person, ADDRESSEE)
    account = state.accounts[person]
    archetype = state.archetypes[int(account["archetype"])]
    by_icon = Via.NEW_CHAT.value if (pick & 1) == 0 else Via.PROFILE.value
    if number < int(archetype["addressee_followed"]):
        return _friend(state, person, pick), by_icon
    if number < int(archetype["addressee_contact"]):
        count = int(account["contacts"])
        if count == 0:
            return -1, Via.SEARCH.value
        return int(state.contacts[int(account["contact_start"]) + below(pick, count)]), (
            Via.SEARCH.value
        )
    if number < int(archetype["addressee_acquaintance"]):
        profile = state.profiles[person]
        count = int(profile["acquaintances"])
        if count == 0:
            return -1, Via.SEARCH.value
        start = int(profile["acquaintance_start"])
        return int(state.acquaintances[start + below(pick, count)]), Via.SEARCH.value
    return below(pick, int(state.control[0]["persons"])), Via.PROFILE.value


@rare_part
def write(state: State, person: int, peer: int, via: int) -> Intention:
    """A message to somebody: text, emoji, GIF or sticker (R34, R35), lawful or not."""
    if peer < 0 or peer == person or _is_silent(state, person):
        return NOTHING
    state.accounts[person]["addressee"] = peer
    archetype = state.archetypes[int(state.accounts[person]["archetype"])]
    if draw_now(state, person, VIOLATION) < int(archetype["violation"]):
        return _violating(state, person, peer, via)
    content = _content(state, person)
    uses = -1
    if content == ContentKind.STICKER:
        uses = sticker_set(state, person)
        # Without a set there is rarely a try (R40, R45): mostly text.
        tries = draw_now(state, person, DETAIL) < _TRIES_STICKER
        if tries or _has_set(state, person, uses):
            via = Via.STICKER_PANEL.value
        else:
            content = ContentKind.TEXT.value
            uses = -1
    detected = 1 if content == ContentKind.TEXT and _is_false_alarm(state, person) else 0
    return intend(
        Action.SEND_MESSAGE.value,
        via,
        peer,
        uses,
        content=content,
        violation=Violation.NONE.value,
        detected=detected,
    )


@part
def _is_silent(state: State, person: int) -> bool:
    """Whether somebody who was told of a ban still waits for its end."""
    if int(state.accounts[person]["mood"]) != SILENT:
        return False
    if standing_of(state, person) >= Standing.DM_BANNED:
        return True
    state.accounts[person]["mood"] = AT_EASE
    return False


@part
def _content(state: State, person: int) -> int:
    number = draw_now(state, person, CONTENT)
    control = state.control[0]
    if number < int(control["content_emoji"]):
        return ContentKind.EMOJI.value
    if number < int(control["content_gif"]):
        return ContentKind.GIF.value
    if number < int(control["content_sticker"]):
        return ContentKind.STICKER.value
    return ContentKind.TEXT.value


@rare_part
def sticker_set(state: State, person: int) -> int:
    """A sticker set from the person's panel; any other where it is empty."""
    panel = int(state.profiles[person]["sticker_sets"])
    pick = below(draw_now(state, person, OBJECT), STICKER_SETS)
    for further in range(STICKER_SETS):
        candidate = (pick + further) % STICKER_SETS
        if ((panel >> candidate) & 1) != 0:
            return candidate
    return pick


@part
def _has_set(state: State, person: int, number: int) -> bool:
    return ((int(state.profiles[person]["sticker_sets"]) >> number) & 1) != 0


@rare_part
def _violating(state: State, person: int, peer: int, via: int) -> Intention:
    control = state.control[0]
    number = draw_now(state, person, SEVERITY)
    violation = Violation.ZERO_TOLERANCE.value
    if number < int(control["severity_minor"]):
        violation = Violation.MINOR.value
    elif number < int(control["severity_severe"]):
        violation = Violation.SEVERE.value
    detected = 1 if draw_now(state, person, DETECTION) < int(control["recall"]) else 0
    return intend(
        Action.SEND_MESSAGE.value,
        via,
        peer,
        content=ContentKind.TEXT.value,
        violation=violation,
        detected=detected,
    )


@part
def _is_false_alarm(state: State, person: int) -> bool:
    control = state.control[0]
    if int(control["alarms_due"]) < SCALE:
        return False
    return draw_now(state, person, DETECTION) < int(control["alarms_due"]) >> _ALARM_SPREAD


@rare_part
def choose_content(state: State, person: int) -> None:
    """Choose what to share: a video, an effect, a hashtag or a sound (R3, R22)."""
    profile = state.profiles[person]
    number = draw_now(state, person, CONTENT)
    videos = int(state.control[0]["videos"])
    pick = draw_now(state, person, OBJECT)
    profile["fanout_seq"] = -1
    if videos > 0 and (number & 1) == 0:
        profile["shared_kind"] = ContentKind.VIDEO
        own = int(profile["videos"])
        if own > 0 and (number & 2) == 0:
            profile["shared"] = int(profile["video_start"]) + below(pick, own)
        else:
            profile["shared"] = below(pick, videos)
    else:
        profile["shared_kind"] = ContentKind.EFFECT.value + below(number, 3)
        profile["shared"] = below(pick, _SHAREABLE)


@rare_part
def share_with_another(state: State, person: int) -> Intention:
    """The same content for one more addressee (R27), with a text or without (R28)."""
    peer, _ = _addressee(state, person)
    return share_with(state, person, peer)


@rare_part
def share_with(state: State, person: int, peer: int) -> Intention:
    """What a person shares at the moment, for somebody (R23, R25, R26)."""
    if peer < 0 or peer == person or _is_silent(state, person):
        return NOTHING
    profile = state.profiles[person]
    state.accounts[person]["addressee"] = peer
    detail = draw_now(state, person, DETAIL)
    with_text = (detail & 1) == 0
    # By the share button, by tapping an effect in a video, or by the menu of a long press.
    via = Via.SHARE_SHEET.value
    if int(profile["shared_kind"]) != ContentKind.VIDEO:
        via = Via.VIDEO.value
    elif (detail & 2) == 0:
        via = Via.LONG_PRESS.value
    return intend(
        Action.SHARE_CONTENT.value,
        via,
        peer,
        int(profile["shared"]),
        content=int(profile["shared_kind"]),
        violation=Violation.NONE.value if with_text else -1,
        detected=0 if with_text else -1,
    )


@rare_part
def business_message(state: State, page: int) -> Intention:
    """A brand of the marketplace writes unprompted (R56, R57), often again to the same person."""
    number = draw_now(state, page, ADDRESSEE_KIND)
    again = int(state.accounts[page]["addressee"])
    peer = below(draw_now(state, page, ADDRESSEE), int(state.control[0]["persons"]))
    if again >= 0 and number < SCALE >> 1:
        peer = again
    state.accounts[page]["addressee"] = peer
    return intend(
        Action.SEND_MESSAGE.value,
        Via.SEARCH.value,
        peer,
        content=ContentKind.TEXT.value,
        violation=Violation.NONE.value,
        detected=0,
    )
