"""Each deliberate fault shows itself in an answer that a trace would hold against the rules."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.faults import FAULTS
from tests.server.inprocess import (
    ANN,
    BEN,
    CEM,
    COMMENT,
    DAY,
    DOT,
    EVE,
    FOX,
    GIL,
    MOD,
    PRIVATE_VIDEO,
    SMALL,
    VIDEO,
    InProcess,
    backend,
    record,
    sent,
    settings,
    thread,
)

#: What a fault needs to show itself: the tables of the world, and what is said at last.
Step = Callable[[InProcess], str]

DM_BANNED = record(ANN, standing="dm_banned", until=DAY)
TEXT = {"text": "hello"}
ON = {"on": True}
DECISION = {"violation": "minor", "until": None, "closes_report": False}


def acts(*steps: tuple[int, str, str, object]) -> Step:
    """Some actions; what the last of them says."""

    def act(opened: InProcess) -> str:
        said = [opened.say(*step) for step in steps]
        return said[-1]

    return act


def get(account: int, path: str) -> tuple[int, str, str, object]:
    return account, "GET", path, None


def post(account: int, path: str, body: object = None) -> tuple[int, str, str, object]:
    return account, "POST", path, body


def put(account: int, path: str, body: object = None) -> tuple[int, str, str, object]:
    return account, "PUT", path, body


def delete(account: int, path: str) -> tuple[int, str, str, object]:
    return account, "DELETE", path, None


def write(author: int, peer: int, **more: object) -> tuple[int, str, str, object]:
    return post(author, f"threads/{peer}/messages", {**TEXT, **more})


def punish(account: int, violation: str) -> tuple[int, str, str, object]:
    decision = {**DECISION, "violation": violation, "until": 5 * DAY}
    return post(MOD, f"staff/accounts/{account}/decisions", decision)


def setting(account: int, word: str) -> tuple[int, str, str, object]:
    return put(account, "settings/messages", {"setting": word})


FRIENDS = (put(ANN, f"follows/{BEN}"), put(BEN, f"follows/{ANN}"))
READS = get(ANN, f"threads/{BEN}/read")
SHARE = {"content": "video", "id": PRIVATE_VIDEO}


#: Fox has answered Cem in public; and in private too.
IN_PUBLIC = post(FOX, f"comments/{COMMENT}/replies", TEXT)
IN_PRIVATE = post(FOX, f"comments/{COMMENT}/private_reply", TEXT)
ANSWERED = (IN_PUBLIC, IN_PRIVATE)
ACCEPTED = post(CEM, f"requests/{FOX}/accept")
SOUND = {"content": "sound", "id": 1}


def after(days: int, *steps: tuple[int, str, str, object]) -> Step:
    """Some actions, the last of them days after the others; what that says."""

    def act(opened: InProcess) -> str:
        for step in steps[:-1]:
            opened.say(*step)
        opened.now += days * DAY
        return opened.say(*steps[-1])

    return act


def a_day_later(opened: InProcess) -> str:
    opened.now = DAY
    return opened.send(ANN, BEN)


#: By fault: what happens, what the rules say at its end, and what the fault says.
SHOWN: dict[str, tuple[Step, str, str]] = {
    "registration_ignored": (acts(write(EVE, ANN)), "not_registered", "requests"),
    "registered_twice": (acts(post(ANN, "accounts")), "already_registered", "done"),
    "age_ignored": (acts(write(DOT, ANN)), "under_age", "requests"),
    "family_ignored": (
        acts(put(ANN, f"family/{GIL}/restriction", ON), write(BEN, GIL)),
        "family_restricted",
        "requests",
    ),
    "guardian_not_checked": (
        acts(put(BEN, f"family/{GIL}/restriction", ON)),
        "not_guardian",
        "done",
    ),
    "dm_ban_sends": (acts(write(ANN, BEN)), "sender_sanctioned", "filtered"),
    "dm_ban_receives": (acts(write(BEN, ANN)), "recipient_sanctioned", "requests"),
    "view_only_acts": (acts(put(ANN, f"follows/{BEN}")), "sender_sanctioned", "done"),
    "banned_acts": (acts(post(ANN, f"videos/{VIDEO}/watch")), "sender_sanctioned", "done"),
    "expiry_ignored": (a_day_later, "filtered", "sender_sanctioned"),
    "penalties_only_warn": (
        acts(punish(ANN, "minor"), punish(ANN, "minor"), write(ANN, BEN)),
        "sender_sanctioned",
        "filtered",
    ),
    "zero_tolerance_warns": (
        acts(punish(ANN, "zero_tolerance"), write(ANN, BEN)),
        "sender_sanctioned",
        "filtered",
    ),
    "device_ban_ignored": (
        acts(punish(BEN, "zero_tolerance"), post(EVE, "accounts")),
        "device_banned",
        "done",
    ),
    "anybody_moderates": (
        acts(post(ANN, f"staff/accounts/{BEN}/decisions", DECISION)),
        "not_permitted",
        "done",
    ),
    "staff_read_nothing": (
        acts(post(ANN, f"accounts/{BEN}/report"), get(MOD, f"staff/accounts/{BEN}/reports")),
        "done",
        "not_permitted",
    ),
    "staff_read_everything": (
        acts(get(MOD, f"staff/accounts/{BEN}/reports")),
        "not_permitted",
        "done",
    ),
    "block_ignored": (acts(put(BEN, f"blocks/{ANN}"), write(ANN, BEN)), "blocked", "requests"),
    "blocking_ignored": (acts(put(ANN, f"blocks/{BEN}"), write(ANN, BEN)), "blocking", "requests"),
    "block_ignored_for_videos": (
        acts(put(BEN, f"blocks/{ANN}"), post(ANN, f"videos/{VIDEO}/watch")),
        "blocked",
        "done",
    ),
    "private_video_shared": (
        acts(post(BEN, f"threads/{ANN}/shares", SHARE)),
        "content_private",
        "requests",
    ),
    "private_video_watched": (
        acts(post(ANN, f"videos/{PRIVATE_VIDEO}/watch")),
        "content_private",
        "done",
    ),
    "anybody_changes_privacy": (
        acts(put(ANN, f"videos/{VIDEO}/privacy", {"private": True})),
        "not_author",
        "done",
    ),
    "stickers_everywhere": (acts(put(ANN, "sticker_sets/1")), "stickers_unavailable", "done"),
    "sticker_set_not_needed": (
        acts(write(ANN, BEN, content="sticker", sticker_set=1)),
        "sticker_set_missing",
        "requests",
    ),
    "detected_not_removed": (acts(write(ANN, BEN, detected=True)), "removed", "requests"),
    "no_one_ignored": (acts(setting(BEN, "no_one"), write(ANN, BEN)), "no_one", "requests"),
    "no_one_only_for_strangers": (
        acts(*FRIENDS, write(ANN, BEN), setting(BEN, "no_one"), write(ANN, BEN)),
        "no_one",
        "inbox",
    ),
    "friends_ignored": (acts(write(ANN, CEM)), "setting", "requests"),
    "suggested_ignored": (acts(setting(BEN, "suggested"), write(CEM, BEN)), "setting", "requests"),
    "contacts_ignored": (acts(setting(BEN, "suggested"), write(ANN, BEN)), "requests", "setting"),
    "option_always_available": (acts(setting(ANN, "everyone")), "option_unavailable", "done"),
    "business_limit_ignored": (acts(*[write(FOX, ANN)] * 4), "business_limit", "requests"),
    "allow_business_ignored": (
        acts(put(CEM, "settings/business_messages", ON), write(FOX, CEM)),
        "requests",
        "setting",
    ),
    "requests_to_inbox": (acts(write(ANN, BEN)), "requests", "inbox"),
    "inbox_to_requests": (acts(*FRIENDS, write(ANN, BEN)), "inbox", "requests"),
    "filter_ignored": (acts(punish(ANN, "minor"), write(ANN, BEN)), "filtered", "requests"),
    "everything_filtered": (acts(write(ANN, BEN)), "requests", "filtered"),
    "lists_closed": (acts(get(ANN, "requests")), "done", "no_request"),
    "accept_of_nothing": (acts(post(ANN, f"requests/{BEN}/accept")), "no_request", "done"),
    "accept_opens_nothing": (
        acts(write(ANN, BEN), post(BEN, f"requests/{ANN}/accept"), write(ANN, BEN)),
        "inbox",
        "requests",
    ),
    "delete_leaves_the_request": (
        acts(write(ANN, BEN), delete(BEN, f"requests/{ANN}"), delete(BEN, f"requests/{ANN}")),
        "no_request",
        "done",
    ),
    "conversation_not_needed": (
        acts(post(ANN, f"threads/{BEN}/read")),
        "no_conversation",
        "done",
    ),
    "deletion_reaches_the_other_side": (
        acts(write(ANN, BEN), delete(ANN, f"threads/{BEN}"), post(BEN, f"threads/{ANN}/read")),
        "done",
        "no_conversation",
    ),
    "deleted_message_stays": (
        acts(
            write(ANN, BEN),
            delete(ANN, f"threads/{BEN}/messages"),
            post(ANN, f"threads/{BEN}/read"),
        ),
        "no_conversation",
        "done",
    ),
    "mute_stops_delivery": (
        acts(
            write(ANN, BEN),
            post(BEN, f"threads/{ANN}/read"),
            put(BEN, f"threads/{ANN}/mute"),
            write(ANN, BEN),
            READS,
        ),
        "not_read",
        "shown",
    ),
    "receipts_one_sided": (
        acts(put(ANN, "settings/read_status", {"on": False}), write(ANN, BEN), READS),
        "receipts_off",
        "not_read",
    ),
    "always_read": (acts(write(ANN, BEN), READS), "not_read", "shown"),
    "always_active": (acts(get(ANN, f"accounts/{BEN}/presence")), "not_active", "shown"),
    "replied_twice": (
        acts(
            post(FOX, f"comments/{COMMENT}/replies", TEXT),
            *[post(FOX, f"comments/{COMMENT}/private_reply", TEXT)] * 2,
        ),
        "already_replied",
        "requests",
    ),
    "private_before_public": (
        acts(post(FOX, f"comments/{COMMENT}/private_reply", TEXT)),
        "not_answered_publicly",
        "requests",
    ),
    "old_comment_answered": (after(7, *ANSWERED), "comment_too_old", "requests"),
    "page_answered_privately": (acts(*ANSWERED), "not_a_person", "requests"),
    "private_replies_unlimited": (acts(*ANSWERED), "rate_limited", "requests"),
    "private_reply_begins_nothing": (
        acts(*ANSWERED, write(FOX, CEM)),
        "outside_window",
        "requests",
    ),
    "private_reply_binds_what_was_open": (
        acts(*ANSWERED, write(FOX, CEM)),
        "inbox",
        "outside_window",
    ),
    "note_missing": (
        acts(*ANSWERED, get(ANN, f"comments/{COMMENT}")),
        "shown",
        "no_private_reply",
    ),
    "note_without_reply": (
        acts(IN_PUBLIC, get(ANN, f"comments/{COMMENT}")),
        "no_private_reply",
        "shown",
    ),
    "window_ignored": (acts(*ANSWERED, write(FOX, CEM)), "outside_window", "requests"),
    "human_window_ignored": (
        after(1, *ANSWERED, ACCEPTED, write(FOX, CEM, via="care_desk")),
        "inbox",
        "outside_window",
    ),
    "machines_are_human": (
        after(1, *ANSWERED, ACCEPTED, write(FOX, CEM, via="chat")),
        "outside_window",
        "inbox",
    ),
    "message_is_no_answer": (
        acts(*ANSWERED, write(CEM, FOX), write(FOX, CEM)),
        "inbox",
        "outside_window",
    ),
    "share_is_no_answer": (
        acts(*ANSWERED, post(CEM, f"threads/{FOX}/shares", SOUND), write(FOX, CEM)),
        "inbox",
        "outside_window",
    ),
    "accepting_is_no_answer": (
        acts(*ANSWERED, ACCEPTED, write(FOX, CEM)),
        "inbox",
        "outside_window",
    ),
    "anybody_sends_like_a_brand": (
        acts(post(ANN, f"threads/{BEN}/mailings", TEXT)),
        "not_permitted",
        "requests",
    ),
    "anybody_ends_cases": (
        acts(post(ANN, f"cases/{BEN}/resolve", {"comment": None})),
        "not_permitted",
        "done",
    ),
    "reminder_out_of_nothing": (
        acts(post(FOX, f"threads/{ANN}/follow_ups", TEXT)),
        "no_conversation",
        "requests",
    ),
    "mailings_unlimited": (
        acts(post(FOX, f"threads/{ANN}/mailings", TEXT)),
        "rate_limited",
        "requests",
    ),
    "sponsored_to_strangers": (
        acts(post(FOX, f"threads/{ANN}/sponsored", TEXT)),
        "never_talked",
        "requests",
    ),
    "sponsored_like_mailings": (
        after(8, *ANSWERED, ACCEPTED, post(FOX, f"threads/{CEM}/sponsored", TEXT)),
        "inbox",
        "outside_window",
    ),
}

OPEN_TO_ALL = {"settings": settings(a2="everyone")}

#: Tables that some faults need beyond the small world.
TABLES = {
    "dm_ban_sends": {"standings": DM_BANNED},
    "dm_ban_receives": {"standings": DM_BANNED},
    "expiry_ignored": {"standings": DM_BANNED},
    "view_only_acts": {"standings": record(ANN, standing="view_only", until=DAY)},
    "banned_acts": {"standings": record(ANN, standing="banned")},
    "stickers_everywhere": {
        "accounts": {**SMALL["accounts"], "region": ["without_stickers"] * 8},
    },
    "contacts_ignored": {"contacts": {"account": [ANN], "other": [BEN]}},
    "option_always_available": {
        "accounts": {**SMALL["accounts"], "everyone_offered": [False] * 8},
    },
    "page_answered_privately": {
        "accounts": {**SMALL["accounts"], "kind": ["person"] * 2 + ["brand"] * 6},
    },
    "private_replies_unlimited": {"pages": sent(private_replies=750)},
    "private_reply_begins_nothing": OPEN_TO_ALL,
    "private_reply_binds_what_was_open": {"threads": thread(CEM, FOX, "accepted")},
    "window_ignored": OPEN_TO_ALL,
    "mailings_unlimited": {"pages": sent(mailed=300)},
}


def test_there_is_a_fault_for_every_family_and_a_proof_for_every_fault() -> None:
    assert len(FAULTS) >= 30
    assert set(SHOWN) == set(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_shows_itself(tmp_path: Path, fault: str) -> None:
    happens, right, wrong = SHOWN[fault]
    assert right != wrong
    with backend(tmp_path / "right.db") as opened:
        opened.fill_with(**TABLES.get(fault, {}))
        assert happens(opened) == right
    with backend(tmp_path / "wrong.db", FAULTS[fault]()) as opened:
        opened.fill_with(**TABLES.get(fault, {}))
        assert happens(opened) == wrong
