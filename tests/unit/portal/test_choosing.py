"""Who adds something is asked where it belongs only if there is a choice."""

from typing import Any

import pytest

from tests.unit.portal.call_centre import signed_in

PROVIDER = {"id": "p1", "name": "One", "sip_server": "sip.one.example", "sip_port": 5060}
PROVIDERS = [
    {**PROVIDER, "is_default": True, "sip_account_count": 0},
    {**PROVIDER, "id": "p2", "name": "Two", "is_default": False, "sip_account_count": 3},
]
EMAIL = {"id": "e1", "address": "ada@example.com", "label": "work"}
CONTACTS = [
    {"id": "c1", "first_name": "Ada", "last_name": "Lovelace", "emails": [EMAIL]},
    {"id": "c2", "first_name": "Alan", "last_name": "Turing", "emails": [EMAIL]},
]
ASKED: dict[str, tuple[str, list[Any], str]] = {
    "/sip-accounts/new": ("providers", PROVIDERS, "/providers/p1/sip-accounts/new"),
    "/devices/new": ("contacts", CONTACTS, "/contacts/c1/devices/new"),
}


async def answer(path: str, name: str, items: list[Any]) -> tuple[str, str]:
    """The page that comes, and where it is."""
    found = {f"GET /api/v1/{name}": {"items": items, "next": None}}
    async with signed_in("administrator", found) as person:
        shown = await person.open(path)
    return shown.text, shown.url.path


@pytest.mark.parametrize("path", ASKED)
async def test_where_there_is_one_place_its_form_comes_at_once(path: str) -> None:
    name, items, form = ASKED[path]
    assert (await answer(path, name, items[:1]))[1] == form


@pytest.mark.parametrize("path", ASKED)
async def test_where_there_are_two_each_leads_to_its_form(path: str) -> None:
    name, items, form = ASKED[path]
    page, place = await answer(path, name, items)
    assert place == path
    assert f'href="{form}"' in page
    assert f'href="{form.replace("1", "2")}"' in page


async def test_who_has_nobody_yet_is_led_to_add_the_first_contact() -> None:
    page, _ = await answer("/devices/new", "contacts", [])
    assert 'class="button" href="/contacts/new"' in page
