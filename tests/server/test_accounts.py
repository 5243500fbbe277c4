"""What an account may do by its registration, age, guardian and settings."""

import pytest

from tests.server.inprocess import (
    ANN,
    BEN,
    CEM,
    EVE,
    GIL,
    MOD,
    InProcess,
    accounts,
    settings,
)
from tests.server.seen import requests


def test_registering_opens_direct_messages(small: InProcess) -> None:
    assert small.send(EVE, ANN) == "not_registered"
    assert small.say(EVE, "POST", "accounts") == "done"
    assert small.send(EVE, ANN) == "requests"
    assert small.say(EVE, "POST", "accounts") == "already_registered"


def test_nobody_registers_from_a_banned_device(small: InProcess) -> None:
    decision = {"violation": "zero_tolerance", "until": None, "closes_report": False}
    assert small.say(MOD, "POST", f"staff/accounts/{BEN}/decisions", decision) == "done"
    assert small.say(EVE, "POST", "accounts") == "device_banned"


def test_a_guardian_stops_the_messages_of_a_teenager(small: InProcess) -> None:
    path = f"family/{GIL}/restriction"
    assert small.say(BEN, "PUT", path, {"on": True}) == "not_guardian"
    assert small.say(ANN, "PUT", path, {"on": True}) == "done"
    assert small.send(BEN, GIL) == small.send(GIL, BEN) == "family_restricted"
    assert small.say(ANN, "PUT", path, {"on": False}) == "done"
    assert small.send(CEM, GIL) == "requests"


def test_a_guardian_has_no_say_over_who_has_grown_up(empty: InProcess) -> None:
    empty.fill({"accounts": accounts(2, age=[40, 18]), "guardians": {"guardian": [0], "teen": [1]}})
    assert empty.say(0, "PUT", "family/1/restriction", {"on": True}) == "not_in_family_age"


def test_not_every_option_is_offered_to_everybody(empty: InProcess) -> None:
    empty.fill(
        {
            "accounts": accounts(2, everyone_offered=[False, True]),
            "settings": settings(a0="friends"),
        }
    )
    chosen = {"setting": "everyone"}
    assert empty.say(0, "PUT", "settings/messages", chosen) == "option_unavailable"
    assert empty.send(1, 0) == "setting"
    assert empty.say(0, "PUT", "settings/messages", {"setting": "suggested"}) == "done"
    assert empty.say(1, "PUT", "settings/messages", chosen) == "done"


@pytest.mark.parametrize(
    "name", ["read_status", "request_filter", "business_messages", "notifications"]
)
def test_everybody_switches_what_is_his_own(small: InProcess, name: str) -> None:
    for on in (False, True, True):
        assert small.say(ANN, "PUT", f"settings/{name}", {"on": on}) == "done"
    assert small.say(EVE, "PUT", f"settings/{name}", {"on": True}) == "not_registered"


def test_acquaintances_are_suggested_but_not_let_in(empty: InProcess) -> None:
    empty.fill_with(
        acquaintances={"account": [ANN], "other": [BEN]}, settings=settings(a1="suggested")
    )
    assert empty.send(ANN, BEN) == "setting"
    assert requests(empty, BEN) == []
