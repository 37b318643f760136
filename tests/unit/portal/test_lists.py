"""Lists are walked forward and back, and what is to be chosen is found in any number of things."""

import re
from html import unescape
from typing import Any

from services.portal.paging import MOST_PASSED, following, previous
from tests.unit.portal.call_centre import Person, signed_in

ACCOUNT = {
    "id": "a1",
    "provider_id": "p1",
    "friendly_name": "Line 1",
    "username": "u1",
    "protocol": "udp",
    "password_entered_on_device": False,
    "has_password": True,
    "use_push_proxy": False,
    "enabled": True,
}
DEVICE = {
    "id": "v1",
    "contact_id": "c1",
    "name": "Phone 1",
    "sip_account_ids": ["a1"],
    "state": "waiting",
    "drift": False,
    "configuration_revision": 1,
}
CONTACT = {"id": "c1", "first_name": "Ada", "last_name": "Lovelace", "emails": []}
USER = {"user_id": "b@example.com", "role": "agent", "first_name": "B", "last_name": "C"}
ANSWERS: dict[str, Any] = {
    "GET /api/v1/users": {"items": [USER], "next": "c+/="},
    "GET /api/v1/sip-accounts": {"items": [ACCOUNT], "next": "more"},
    "GET /api/v1/sip-accounts/a9": {**ACCOUNT, "id": "a9", "friendly_name": "Last line"},
    "GET /api/v1/devices": {"items": [DEVICE], "next": "more"},
    "GET /api/v1/devices/v9": {**DEVICE, "id": "v9", "name": "Last phone"},
    "GET /api/v1/contacts/c1": CONTACT,
    "GET /api/v1/providers": {"items": [], "next": None},
}


def way(page: str, rel: str) -> str:
    (found,) = re.findall(rf'rel="{rel}" href="([^"]+)"', page)
    return unescape(found)


async def searched(person: Person, path: str, **fields: str) -> str:
    return (await person.send(path, path, _find="true", **fields)).text


def asked(person: Person, path: str, name: str) -> list[str]:
    return [
        one.url.params[name]
        for one in person.services.asked
        if one.url.path == f"/api/v1/{path}" and name in one.url.params
    ]


async def test_a_list_is_walked_forward_and_back() -> None:
    async with signed_in("administrator", ANSWERS) as person:
        first = (await person.open("/users")).text
        second = (await person.open(way(first, "next"))).text
        third = (await person.open(way(second, "next"))).text
        back = (await person.open(way(third, "prev"))).text
        cursors = asked(person, "users", "cursor")
    assert 'rel="prev"' not in first
    assert cursors == ["c+/=", "c+/=", "c+/="]
    assert way(second, "prev") == way(back, "prev") == "/users?"


def test_filters_are_kept_on_the_way_back() -> None:
    address = following("/devices", "only=waiting&", "c1", ["-"], "c2")
    assert address == "/devices?only=waiting&cursor=c2&back=-&back=c1"
    assert previous("/devices", "only=waiting&", ["-", "c1"]) == (
        "/devices?only=waiting&cursor=c1&back=-"
    )


def test_an_address_does_not_grow_for_ever() -> None:
    passed = [f"c{n}" for n in range(MOST_PASSED)]
    address = following("/users", "", "c98", passed, "c99")
    assert address.count("back=") == MOST_PASSED
    assert "back=c0&" not in address
    assert address.endswith("back=c98")
    assert previous("/users", "", []) == ""


async def test_accounts_of_a_device_are_found_by_their_name_and_the_chosen_one_stays() -> None:
    path = "/contacts/c1/devices/new"
    async with signed_in("administrator", ANSWERS) as person:
        page = await searched(person, path, name="Mobile", sip_account_ids="a9", _name="Line")
        names = asked(person, "sip-accounts", "q")
    assert names[-1] == "Line"
    assert 'value="a9" selected>Last line' in page
    assert 'value="Mobile"' in page
    assert 'hx-trigger="input changed delay:250ms"' in page


async def test_accounts_of_a_user_are_found_by_their_name_and_the_chosen_one_stays() -> None:
    async with signed_in("administrator", ANSWERS) as person:
        page = await searched(person, "/users/new", sip_account_ids="a9", _name="Line")
        users = person.told("POST", "users")
    assert 'value="a9" checked>Last line' in page
    assert users == []


async def test_the_device_of_a_desk_is_found_by_its_name_and_the_chosen_one_stays() -> None:
    async with signed_in("administrator", ANSWERS) as person:
        page = await searched(person, "/desks/new", name="Desk 1", device_id="v9", _name="Pho")
        names = asked(person, "devices", "q")
        desks = person.told("POST", "desks")
    assert (names, desks) == (["Pho"], [])
    assert 'value="v9" selected>Last phone' in page


async def test_the_desk_of_a_question_to_the_past_is_found_by_its_name() -> None:
    async with signed_in("supervisor") as boss:
        page = (await boss.open("/history?desk=d12&find=Desk&search=1")).text
        names, guests = asked(boss, "desks", "q"), asked(boss, "desks/d12/guest", "at")
    assert (names, guests) == (["Desk"], [])
    assert 'name="find" value="Desk"' in page
