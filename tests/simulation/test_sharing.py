"""What people share, watch and keep to themselves; stickers; the brands' own messages."""

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest

from dmsim.population.model import Population
from dmsim.vocabulary import Action, ContentKind, Platform, Reason, Region, Verdict, Via
from tests.simulation.lives import (
    BUSY,
    SOCIABLE,
    Row,
    addressees,
    assert_share,
    by_person,
    lived,
    of,
)
from tests.simulation.test_behaviour import BY_LIST
from tests.worlds import everybody

SHARE_PAUSE_US = 1_000
FOLLOWED = addressees(followed=1)


def shares(rows: list[Row]) -> list[list[Row]]:
    """The rows of each share, in the order in which they began."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in of(rows, Action.SHARE_CONTENT):
        found[row["fanout"]].append(row)
    return list(found.values())


@pytest.mark.parametrize("fanout", [1, 3])
def test_a_share_has_as_many_addressees_as_the_archetype_on_average(fanout: int) -> None:
    _, rows = lived(*BUSY, *everybody(share_content=0.3, fanout=fanout), *FOLLOWED)
    numbers = [len(share) for share in shares(rows)]
    assert len(numbers) > 300
    spread = np.sqrt(fanout * (fanout - 1) / len(numbers))
    assert abs(np.mean(numbers) - fanout) <= 5 * spread


def test_a_refusal_by_one_addressee_keeps_a_share_from_no_other() -> None:
    told = ["population.settings.adults={everyone=0.5, suggested=0, friends=0, no_one=0.5}"]
    _, rows = lived(*BUSY, *told, *everybody(share_content=0.3, fanout=3), *FOLLOWED)
    numbers = [len(share) for share in shares(rows)]
    assert any(row["reason"] == Reason.NO_ONE for row in of(rows, Action.SHARE_CONTENT))
    assert abs(np.mean(numbers) - 3) <= 5 * np.sqrt(6 / len(numbers))


def test_the_addressees_of_a_share_get_the_same_at_once() -> None:
    told = everybody(share_content=0.3, fanout=3, videos=2)
    population, rows = lived(*BUSY, *told, *addressees(followed=0.5, contacts=0.5))
    for share in shares(rows):
        first = share[0]
        assert first["fanout"] == first["seq"]
        for number, row in enumerate(share):
            assert row["at"] == first["at"] + number * SHARE_PAUSE_US
            for column in ("actor", "uses", "content"):
                assert row[column] == first[column]
    made = of(rows, Action.SHARE_CONTENT)
    assert {row["content"] for row in made} == set(list(ContentKind)[ContentKind.VIDEO :])
    by_button = {Via.SHARE_SHEET, Via.LONG_PRESS}
    for row in made:
        is_video = row["content"] == ContentKind.VIDEO
        assert row["via"] in (by_button if is_video else {Via.VIDEO})
    # A text is optional.
    assert_share(sum(row["text"] >= 0 for row in made), len(made), 0.5)
    assert len({row["target"] for row in made}) > population.persons / 2


def replayed_privacy(population: Population, rows: list[Row]) -> list[tuple[Row, bool]]:
    """Every row with whether the video that it names was private at that moment."""
    private = population.video_private.copy()
    found = []
    for row in rows:
        is_video = row["action"] != Action.SHARE_CONTENT or row["content"] == ContentKind.VIDEO
        names = row["action"] in (Action.WATCH_VIDEO, Action.SHARE_CONTENT) and is_video
        found.append((row, names and bool(private[row["uses"]])))
        if row["action"] == Action.CHANGE_VIDEO_PRIVACY:
            assert population.video_author[row["uses"]] == row["actor"]
            assert row["switch"] == (not private[row["uses"]])
            private[row["uses"]] = row["switch"]
    return found


def test_private_videos_are_neither_sent_nor_watched_while_they_are_private() -> None:
    told = everybody(share_content=0.2, watch_video=0.2, change_video_privacy=0.2, videos=2)
    population, rows = lived(*BUSY, *told, *FOLLOWED)
    seen: Counter[tuple[Action, Via, bool]] = Counter()
    for row, private in replayed_privacy(population, rows):
        if row["action"] in (Action.WATCH_VIDEO, Action.SHARE_CONTENT):
            refused = row["reason"] == Reason.CONTENT_PRIVATE
            assert refused == private
            assert refused == (row["verdict"] == Verdict.REFUSED)
            seen[Action(row["action"]), Via(row["via"]), refused] += 1
    for refused in (False, True):
        assert seen[Action.WATCH_VIDEO, Via.FEED, refused] > 20
        # Shared while it was public, and private by now (R30).
        assert seen[Action.WATCH_VIDEO, Via.CHAT, refused] > 5
        assert seen[Action.SHARE_CONTENT, Via.SHARE_SHEET, refused] > 20


def test_half_of_the_videos_that_were_shared_are_watched_after_opening_the_chat() -> None:
    population, rows = lived(*BUSY, *everybody(share_content=0.4, videos=2), *FOLLOWED)
    newest: dict[tuple[int, int], int] = {}
    following = {
        this["seq"]: then
        for deeds in by_person(population, rows).values()
        for this, then in pairwise(deeds)
    }
    chances = watched = 0
    for row in rows:
        pair = min(row["actor"], row["target"]), max(row["actor"], row["target"])
        if row["action"] == Action.SHARE_CONTENT and row["content"] == ContentKind.VIDEO:
            if row["verdict"] != Verdict.REFUSED:
                newest[pair] = row["uses"]
        elif row["action"] == Action.READ_THREAD and pair in newest and row["seq"] in following:
            video, then = newest[pair], following[row["seq"]]
            author = population.video_author[video]
            if author != row["actor"]:
                watches = then["action"] == Action.WATCH_VIDEO and then["via"] == Via.CHAT
                chances, watched = chances + 1, watched + watches
                if watches and then["uses"] == video:
                    assert then["target"] == author
                    del newest[pair]
    # After one step in twenty, the session is over.
    assert_share(watched, chances, 0.5 * (1 - 1 / 20))


def test_stickers_are_used_where_they_are_offered_and_added() -> None:
    told = everybody(new_conversation=0.3, manage_stickers=0.3)
    population, rows = lived(
        *BUSY,
        *told,
        "behaviour.content={text=0.5, emoji=0.1, gif=0.1, sticker=0.3}",
        "population.without_stickers=0.3",
    )
    panels = population.sticker_sets.copy()
    managed = (Action.ADD_STICKER_SET, Action.REORDER_STICKER_SETS, Action.REMOVE_STICKER_SET)
    seen: Counter[tuple[Action, Reason]] = Counter()
    for row in rows:
        action, person = Action(row["action"]), row["actor"]
        sticker = action == Action.SEND_MESSAGE and row["content"] == ContentKind.STICKER
        if not sticker and action not in managed:
            continue
        assert row["via"] == Via.STICKER_PANEL
        reason = Reason.NONE
        if population.region[person] == Region.WITHOUT_STICKERS:
            reason = Reason.STICKERS_UNAVAILABLE
        elif action != Action.ADD_STICKER_SET and not panels[person] >> row["uses"] & 1:
            reason = Reason.STICKER_SET_MISSING
        assert row["reason"] == reason
        seen[action, reason] += 1
        if action == Action.ADD_STICKER_SET and reason == Reason.NONE:
            panels[person] |= 1 << row["uses"]
        elif action == Action.REMOVE_STICKER_SET and reason == Reason.NONE:
            panels[person] &= ~(1 << row["uses"])
    for action in (Action.SEND_MESSAGE, *managed):
        assert seen[action, Reason.NONE] > 20
        assert seen[action, Reason.STICKERS_UNAVAILABLE] > 5
    assert seen[Action.REMOVE_STICKER_SET, Reason.STICKER_SET_MISSING] > 0


def test_what_messages_carry_is_shared_out_as_told() -> None:
    shares_of = {"text": 0.4, "emoji": 0.3, "gif": 0.2, "sticker": 0.1}
    told = ", ".join(f"{kind}={share}" for kind, share in shares_of.items())
    policy = ["policy.sticker_sets_must_be_added=false", "population.without_stickers=0"]
    population, rows = lived(
        *BUSY, *everybody(new_conversation=0.5), f"behaviour.content={{{told}}}", *policy
    )
    # Who has no set rarely tries: only those with one tell the shares.
    able = set(np.flatnonzero(population.sticker_sets).tolist())
    carried = Counter(
        row["content"] for row in of(rows, Action.SEND_MESSAGE) if row["actor"] in able
    )
    for kind, share in shares_of.items():
        assert_share(carried[ContentKind[kind.upper()]], carried.total(), share)


def test_conversations_are_deleted_and_muted_by_the_platforms_path() -> None:
    population, rows = lived(*SOCIABLE, *everybody(delete_conversation=0.1, mute=0.2, unmute=0.1))
    seen = set()
    for row in of(rows, Action.DELETE_CONVERSATION, Action.MUTE_CONVERSATION):
        by_list = BY_LIST[Platform(int(population.platform[row["actor"]]))]
        inside = row["action"] == Action.MUTE_CONVERSATION
        assert row["via"] in ({by_list, Via.CHAT} if inside else {by_list})
        seen.add((row["action"], row["via"]))
    assert len(seen) == 3 + 4
    muted: dict[int, int] = {}
    for row in of(rows, Action.MUTE_CONVERSATION, Action.UNMUTE_CONVERSATION):
        if row["action"] == Action.MUTE_CONVERSATION:
            muted[row["actor"]] = row["target"]
        else:
            assert muted.pop(row["actor"]) == row["target"]


def test_people_look_whether_they_were_read_and_who_is_about() -> None:
    told = everybody(check_read=0.2, check_presence=0.2, new_conversation=0.2)
    _, rows = lived(*BUSY, *told, *FOLLOWED)
    last: dict[int, int] = {}
    opened: dict[int, int] = {}
    shown: Counter[tuple[Action, Verdict]] = Counter()
    for row in rows:
        if row["action"] == Action.SEND_MESSAGE:
            last[row["actor"]] = row["target"]
        elif row["action"] == Action.OPEN_INBOX:
            opened[row["actor"]] = row["at"]
        elif row["action"] in (Action.CHECK_READ, Action.CHECK_PRESENCE):
            assert row["target"] == last[row["actor"]]
            shown[Action(row["action"]), Verdict(row["verdict"])] += 1
        if row["action"] == Action.CHECK_PRESENCE:
            about = row["at"] - opened.get(row["target"], -(1 << 60)) <= 60 * 60_000_000
            assert (row["verdict"] == Verdict.SHOWN) == about
    for action in (Action.CHECK_READ, Action.CHECK_PRESENCE):
        assert shown[action, Verdict.SHOWN] > 20
        assert shown[action, Verdict.HIDDEN] > 20


def test_brands_write_until_three_messages_wait() -> None:
    population, rows = lived(
        *BUSY,
        "brands.beauty.messages_per_week=40000",
        *[f"brands.{brand}.followers=0" for brand in ("beauty", "bank", "eyewear")],
        "policy.unsafe_account_days=0",
    )
    waiting: Counter[tuple[int, int]] = Counter()
    refused = 0
    for row in of(rows, Action.SEND_MESSAGE):
        assert row["actor"] >= population.persons
        thread = row["actor"], row["target"]
        assert row["reason"] == (Reason.BUSINESS_LIMIT if waiting[thread] == 3 else Reason.NONE)
        waiting[thread] += row["verdict"] == Verdict.REQUESTS
        refused += row["verdict"] == Verdict.REFUSED
    assert len(waiting) > 50
    assert refused > 20
    assert max(waiting.values()) == 3


def test_guardians_restrict_their_own_teenagers() -> None:
    population, rows = lived(
        *BUSY,
        *everybody(restrict_teen=0.3, new_conversation=0.2),
        "population.guardians=1",
        "population.ages={under_16=0, teens=0.4, adults=0.6}",
    )
    restricted = population.family_restricted.copy()
    stopped = 0
    for row in rows:
        if row["action"] == Action.RESTRICT_TEEN:
            assert population.ward[row["actor"]] == row["target"]
            assert 16 <= population.age[row["target"]] < 18
            assert row["via"] == Via.FAMILY_PAIRING
            assert row["verdict"] == Verdict.DONE
            assert row["switch"] == (not restricted[row["target"]])
            restricted[row["target"]] = row["switch"]
        elif row["action"] == Action.SEND_MESSAGE and row["actor"] < population.persons:
            either = bool(restricted[row["actor"]] or restricted[row["target"]])
            assert (row["reason"] == Reason.FAMILY_RESTRICTED) == either
            stopped += either
    assert len(of(rows, Action.RESTRICT_TEEN)) > 50
    assert stopped > 50
