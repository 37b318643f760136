"""The mission's statements A3 to A45 about provisioning, one test each, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.auth import Principal
from tests.unit.provisioning.scene import Json, Scene, scene

CONTACT: Json = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "emails": [{"address": "ada@example.com", "label": "work"}],
}
ACCOUNT: Json = {"friendly_name": "Desk", "username": "1", "protocol": "udp", "password": "s"}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as started:
        yield started


async def refused_field(here: Scene, method: str, path: str, body: Json) -> str:
    answer = await here.send(method, path, body)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["errors"][0]["field"])


def without(body: Json, field: str) -> Json:
    return {name: value for name, value in body.items() if name != field}


async def test_a1_only_an_administrator_manages(here: Scene) -> None:
    here.who = Principal("agent@acme", here.who.organization, "agent", "s1")
    for path in ("providers", "sip-accounts", "contacts", "devices", "imports", "counts"):
        assert (await here.send("GET", f"/{path}")).status_code == 403


async def test_a4_no_answer_ever_shows_a_password(here: Scene) -> None:
    account = await here.account(password="planted-4711")
    path = f"/sip-accounts/{account}"
    shown = [await here.send("GET", one) for one in (path, "/sip-accounts")]
    shown.append(await here.send("PATCH", path, {"password": "planted-4712"}))
    assert all("planted" not in one.text for one in shown)
    assert "planted" not in repr(here.log())


async def test_a7_a15_an_organization_has_several_providers(here: Scene) -> None:
    await here.provider(name="One", sip_server="192.0.2.1")
    await here.provider(name="Two", sip_server="sip.two.example")
    assert [one["name"] for one in (await here.get("/providers"))["items"]] == ["One", "Two"]


async def test_a8_a41_accounts_of_several_providers_share_a_device(here: Scene) -> None:
    accounts = [await here.account(await here.provider(name=name)) for name in ("One", "Two")]
    device = await here.device(accounts)
    assert (await here.get(f"/devices/{device}"))["sip_account_ids"] == accounts


@pytest.mark.parametrize("field", ["name", "sip_server"])
async def test_a9_a10_a_provider_needs_a_name_and_a_server(here: Scene, field: str) -> None:
    body = without({"name": "Telecom", "sip_server": "sip.example.com"}, field)
    assert await refused_field(here, "POST", "/providers", body) == field


@pytest.mark.parametrize("port", [None, 5060])
async def test_a11_a12_the_port_is_optional_and_5060(here: Scene, port: int | None) -> None:
    provider = await here.provider(sip_port=port)
    assert (await here.get(f"/providers/{provider}"))["sip_port"] == 5060


async def test_a13_the_proxy_is_optional(here: Scene) -> None:
    without_one, with_one = await here.provider(), await here.provider(sip_proxy="p.example.com")
    assert (await here.get(f"/providers/{without_one}"))["sip_proxy"] is None
    assert (await here.get(f"/providers/{with_one}"))["sip_proxy"] == "p.example.com"


async def test_a14_accounts_need_a_saved_provider(here: Scene) -> None:
    path = "/providers/01900000-0000-7000-8000-000000000000/sip-accounts"
    assert (await here.send("POST", path, ACCOUNT)).status_code == 404
    assert await here.account(await here.provider())


async def test_a16_a17_a29_an_account_has_one_provider_and_that_any_number(here: Scene) -> None:
    one, other = await here.provider(), await here.provider()
    accounts = {await here.account(one) for _ in range(2)}
    listed = (await here.get(f"/sip-accounts?provider_id={one}"))["items"]
    assert {account["id"] for account in listed} == accounts
    assert {account["provider_id"] for account in listed} == {one}
    assert (await here.get(f"/providers/{one}"))["sip_account_count"] == 2
    assert (await here.get(f"/providers/{other}"))["sip_account_count"] == 0


@pytest.mark.parametrize("field", ["friendly_name", "username", "protocol", "password"])
async def test_a18_a19_a20_a22_what_an_account_needs(here: Scene, field: str) -> None:
    path = f"/providers/{await here.provider()}/sip-accounts"
    assert await refused_field(here, "POST", path, without(ACCOUNT, field)) == field


@pytest.mark.parametrize(("given", "kept"), [("UDP", "udp"), ("tcp", "tcp")])
async def test_a20_the_protocol_is_udp_or_tcp(here: Scene, given: str, kept: str) -> None:
    account = await here.account(protocol=given)
    assert (await here.get(f"/sip-accounts/{account}"))["protocol"] == kept


async def test_a21_a23_a_password_entered_on_the_device_is_not_held(here: Scene) -> None:
    account = await here.account(password=..., password_entered_on_device=True)
    shown = await here.get(f"/sip-accounts/{account}")
    assert (shown["password_entered_on_device"], shown["has_password"]) == (True, False)
    assert here.vault._entries == {}


@pytest.mark.parametrize("push", [False, True])
async def test_a25_push_is_a_choice_and_off_unless_chosen(here: Scene, push: bool) -> None:
    account = await (here.account(use_push_proxy=True) if push else here.account())
    assert (await here.get(f"/sip-accounts/{account}"))["use_push_proxy"] is push


@pytest.mark.parametrize("field", ["authorization_username", "display_name"])
async def test_a26_a27_what_an_account_may_have(here: Scene, field: str) -> None:
    account = await here.account()
    assert (await here.get(f"/sip-accounts/{account}"))[field] is None
    await here.done("PATCH", f"/sip-accounts/{account}", {field: "Ada 1001"})
    assert (await here.get(f"/sip-accounts/{account}"))[field] == "Ada 1001"


async def test_a28_dialing_rules_are_optional_and_keep_their_order(here: Scene) -> None:
    assert (await here.get(f"/sip-accounts/{await here.account()}"))["dialing_rules"] == []
    rules = [{"match": "00", "strip": 2, "add": "+"}, {"match": "0", "strip": 1, "add": "+49"}]
    account = await here.account(dialing_rules=rules)
    assert (await here.get(f"/sip-accounts/{account}"))["dialing_rules"] == rules


async def test_a30_contacts_are_added_edited_and_deleted(here: Scene) -> None:
    contact = await here.contact()
    await here.done("PATCH", f"/contacts/{contact}", {"last_name": "Byron"})
    assert (await here.get(f"/contacts/{contact}"))["last_name"] == "Byron"
    await here.done("DELETE", f"/contacts/{contact}")
    assert (await here.send("GET", f"/contacts/{contact}")).status_code == 404


@pytest.mark.parametrize("field", ["first_name", "last_name", "emails"])
async def test_a31_a32_a33_what_a_contact_needs(here: Scene, field: str) -> None:
    assert await refused_field(here, "POST", "/contacts", without(CONTACT, field)) == field


@pytest.mark.parametrize("label", [{}, {"label": "private"}])
async def test_a34_a35_an_address_is_labelled_work_or_home(here: Scene, label: Json) -> None:
    body = CONTACT | {"emails": [{"address": "ada@example.com", **label}]}
    assert await refused_field(here, "POST", "/contacts", body) == "emails.0.label"


async def test_a36_a_contact_has_several_addresses(here: Scene) -> None:
    emails = [
        {"address": "ada@work.example", "label": "work"},
        {"address": "ada@home.example", "label": "home"},
    ]
    shown = await here.get(f"/contacts/{await here.contact(emails=emails)}")
    assert [without(one, "id") for one in shown["emails"]] == emails


async def test_a38_a_device_belongs_to_one_contact_that_exists(here: Scene) -> None:
    account, contact = await here.account(), await here.contact()
    body = {"name": "Laptop", "sip_account_ids": [account]}
    unknown = "/contacts/01900000-0000-7000-8000-000000000000/devices"
    assert (await here.send("POST", unknown, body)).status_code == 404
    assert (await here.get(f"/devices?contact_id={contact}"))["items"] == []
    device = await here.device([account], contact)
    (listed,) = (await here.get(f"/devices?contact_id={contact}"))["items"]
    assert (listed["id"], listed["contact_id"]) == (device, contact)


@pytest.mark.parametrize("field", ["name", "sip_account_ids"])
async def test_a39_a40_a_device_needs_a_name_and_accounts(here: Scene, field: str) -> None:
    body = without({"name": "Laptop", "sip_account_ids": [await here.account()]}, field)
    path = f"/contacts/{await here.contact()}/devices"
    assert await refused_field(here, "POST", path, body) == field


@pytest.mark.parametrize("count", [1, 4])
async def test_a40_one_to_four_accounts_are_taken(here: Scene, count: int) -> None:
    assert await here.device([await here.account() for _ in range(count)])


async def test_a40_a_fifth_account_is_refused(here: Scene) -> None:
    body = {"name": "Laptop", "sip_account_ids": [await here.account() for _ in range(5)]}
    path = f"/contacts/{await here.contact()}/devices"
    assert await refused_field(here, "POST", path, body) == "sip_account_ids"


async def test_a42_no_account_twice_on_one_device(here: Scene) -> None:
    account = await here.account()
    body = {"name": "Laptop", "sip_account_ids": [account, account]}
    path = f"/contacts/{await here.contact()}/devices"
    assert await refused_field(here, "POST", path, body) == "sip_account_ids.1"


async def test_a43_accounts_are_added_and_taken_away_afterwards(here: Scene) -> None:
    first, second = await here.account(), await here.account()
    device = await here.device([first])
    for accounts in ([first, second], [second]):
        await here.done("PATCH", f"/devices/{device}", {"sip_account_ids": accounts})
        assert (await here.get(f"/devices/{device}"))["sip_account_ids"] == accounts


async def test_a44_one_account_serves_several_devices(here: Scene) -> None:
    account = await here.account()
    devices = [await here.device([account]) for _ in range(2)]
    shown: list[Any] = [await here.get(f"/devices/{one}") for one in devices]
    assert [one["sip_account_ids"] for one in shown] == [[account], [account]]


async def test_a45_a_device_is_deactivated_and_activated(here: Scene) -> None:
    device = await here.device([await here.account()])
    stopped = await here.done("POST", f"/devices/{device}/deactivate", {"reason": "lost"})
    assert stopped["state"] == "deactivated"
    assert (await here.done("POST", f"/devices/{device}/reactivate"))["state"] == "waiting"
