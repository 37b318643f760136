"""Provisioning over HTTP, on fakes: every statement of the mission about it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.auth import Principal
from tests.unit.provisioning.scene import Scene, scene

STRANGER = Principal("eve", "other", "administrator", "session-of-eve")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as started:
        yield started


async def test_a9_to_a13_a_provider_is_changed_attribute_by_attribute(here: Scene) -> None:
    one = await here.provider(sip_port=5080, sip_proxy="proxy.example.com:5090;transport=tcp")
    changed = await here.done("PATCH", f"/providers/{one}", {"name": "Other", "sip_port": None})
    assert changed["name"] == "Other"
    assert changed["sip_port"] == 5060
    assert changed["sip_proxy"] == "proxy.example.com:5090;transport=tcp"
    assert (await here.get(f"/providers/{one}"))["name"] == "Other"
    assert (await here.done("PATCH", f"/providers/{one}", {"sip_proxy": None}))["sip_proxy"] is None


async def test_a_change_to_what_it_is_already_is_no_event(here: Scene) -> None:
    one = await here.provider()
    before = here.events()
    await here.done("PATCH", f"/providers/{one}", {"name": "Telecom"})
    assert here.events() == before


@pytest.mark.parametrize("path", ["providers", "sip-accounts", "contacts", "devices"])
async def test_a_lost_race_is_told_by_if_match(here: Scene, path: str) -> None:
    account = await here.account()
    contact = await here.contact()
    device = await here.device([account], contact)
    provider = (await here.get(f"/sip-accounts/{account}"))["provider_id"]
    ids = {"providers": provider, "sip-accounts": account, "contacts": contact, "devices": device}
    change = {"contacts": "first_name", "sip-accounts": "friendly_name"}.get(path, "name")
    url = f"/{path}/{ids[path]}"
    tag = (await here.send("GET", url)).headers["ETag"]
    changed = await here.send("PATCH", url, {change: "First"}, If_Match=tag)
    assert changed.status_code == 200, changed.text
    assert changed.headers["ETag"] != tag
    assert "Switchboard-Position" in changed.headers
    assert (await here.send("PATCH", url, {change: "Second"}, If_Match=tag)).status_code == 412
    assert (await here.send("DELETE", url, If_Match=tag)).status_code == 412


@pytest.mark.parametrize("path", ["providers", "sip-accounts", "contacts", "devices"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_a3_what_belongs_to_others_is_unknown(here: Scene, path: str, method: str) -> None:
    account = await here.account()
    contact = await here.contact()
    device = await here.device([account], contact)
    provider = (await here.get(f"/sip-accounts/{account}"))["provider_id"]
    ids = {"providers": provider, "sip-accounts": account, "contacts": contact, "devices": device}
    body: dict[str, str] | None = {} if method == "PATCH" else None
    here.who = STRANGER
    foreign = await here.send(method, f"/{path}/{ids[path]}", body)
    unknown = await here.send(method, f"/{path}/01a10b5d-ed7f-7263-8dbe-000000000000", body)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()


async def test_i7_a_provider_in_use_is_not_removed_and_says_by_what(here: Scene) -> None:
    one = await here.provider()
    account = await here.account(one)
    refused = await here.send("DELETE", f"/providers/{one}")
    assert refused.status_code == 409
    assert refused.json()["used_by"] == [{"id": account, "name": "Desk"}]
    await here.done("DELETE", f"/sip-accounts/{account}")
    await here.done("DELETE", f"/providers/{one}")
    assert (await here.send("GET", f"/providers/{one}")).status_code == 404
    late = {"friendly_name": "x", "username": "x", "protocol": "udp", "password": "x"}
    assert (await here.send("POST", f"/providers/{one}/sip-accounts", late)).status_code == 404


async def test_i7_an_account_in_use_is_not_removed_and_says_by_what(here: Scene) -> None:
    account, other = await here.account(), await here.account()
    device = await here.device([account])
    refused = await here.send("DELETE", f"/sip-accounts/{account}")
    assert refused.status_code == 409
    assert refused.json()["used_by"] == [{"id": device, "name": "Laptop"}]
    await here.done("PATCH", f"/devices/{device}", {"sip_account_ids": [other]})
    await here.done("DELETE", f"/sip-accounts/{account}")
    gone = await here.send("PATCH", f"/devices/{device}", {"sip_account_ids": [account]})
    assert gone.status_code == 422
    assert gone.json()["errors"][0]["field"] == "sip_account_ids.0"


async def test_i7_removing_a_contact_removes_its_devices_first(here: Scene) -> None:
    account, contact = await here.account(), await here.contact()
    devices = [await here.device([account], contact) for _ in range(3)]
    before = len(here.events())
    await here.done("DELETE", f"/contacts/{contact}")
    assert here.events()[before:] == ["DeviceRemoved"] * 3 + ["ContactRemoved"]
    for device in devices:
        assert (await here.send("GET", f"/devices/{device}")).status_code == 404
    await here.done("DELETE", f"/sip-accounts/{account}")
    late = {"name": "Late", "sip_account_ids": [await here.account()]}
    assert (await here.send("POST", f"/contacts/{contact}/devices", late)).status_code == 404


async def test_i7_a_contact_is_removed_with_a_device_the_lists_do_not_show_yet(
    here: Scene,
) -> None:
    account, contact = await here.account(), await here.contact()
    body = {"name": "Unseen", "sip_account_ids": [account]}
    assert (await here.send("POST", f"/contacts/{contact}/devices", body)).status_code == 201
    refused = await here.send("DELETE", f"/contacts/{contact}")
    assert refused.status_code == 503
    assert "ContactRemoved" not in here.events()
    await here.settle()
    await here.done("DELETE", f"/contacts/{contact}")


async def test_a33_to_a36_addresses_that_stay_keep_their_ids(here: Scene) -> None:
    contact = await here.contact()
    (before,) = (await here.get(f"/contacts/{contact}"))["emails"]
    emails = [
        {"address": "new@example.com", "label": "Home"},
        {"address": "ADA@example.com", "label": "work"},
    ]
    await here.done("PATCH", f"/contacts/{contact}", {"emails": emails})
    after = (await here.get(f"/contacts/{contact}"))["emails"]
    assert after[1]["id"] == before["id"]
    assert [one["label"] for one in after] == ["home", "work"]
    assert (await here.send("PATCH", f"/contacts/{contact}", {"emails": []})).status_code == 422


@pytest.mark.parametrize(
    ("change", "times"),
    [
        ({"friendly_name": "New"}, 1),
        ({"password": "new"}, 1),
        ({"enabled": False}, 1),
        ({"friendly_name": "New", "password": "new", "enabled": False}, 1),
        ({"friendly_name": "Desk"}, 0),
    ],
)
async def test_i9_a_changed_account_bumps_its_devices_once(
    here: Scene, change: dict[str, object], times: int
) -> None:
    account, other = await here.account(), await here.account()
    reached, both, not_reached = [
        await here.device(accounts) for accounts in ([account], [other, account], [other])
    ]
    await here.done("PATCH", f"/sip-accounts/{account}", change)
    for one in here.log():
        await here.react(one)  # delivered again
    await here.project()
    assert await here.revision(reached) == 1 + times
    assert await here.revision(both) == 1 + times
    assert await here.revision(not_reached) == 1


async def test_i9_a_changed_provider_bumps_every_device_once(here: Scene) -> None:
    one = await here.provider()
    accounts = [await here.account(one), await here.account(one)]
    device = await here.device(accounts)
    await here.done("PATCH", f"/providers/{one}", {"sip_server": "new.example.com"})
    assert await here.revision(device) == 2
    later = await here.device(accounts)
    for recorded in here.log():
        await here.react(recorded)
    await here.project()
    assert await here.revision(later) == 1, "it was created after the change"


async def test_i9_renaming_and_other_accounts_at_once_are_one_cause(here: Scene) -> None:
    device, other = await here.device([await here.account()]), await here.account()
    change = {"name": "Desk phone", "sip_account_ids": [other]}
    changed = await here.done("PATCH", f"/devices/{device}", change)
    assert changed["configuration_revision"] == 2
    assert (await here.get(f"/devices/{device}"))["sip_account_ids"] == [other]


async def test_i8_the_last_account_cannot_be_taken_away(here: Scene) -> None:
    device = await here.device([await here.account()])
    refused = await here.send("PATCH", f"/devices/{device}", {"sip_account_ids": []})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "sip_account_ids"


async def test_a22_a23_a_password_is_replaced_or_left_to_the_device(here: Scene) -> None:
    account = await here.account()
    manual = {"password_entered_on_device": True}
    changed = await here.done("PATCH", f"/sip-accounts/{account}", manual)
    assert (changed["has_password"], changed["password_entered_on_device"]) == (False, True)
    kept = [key for key, entry in here.vault._entries.items() if entry.value]
    assert kept == [], "I3: none is stored"
    back = {"password_entered_on_device": False}
    refused = await here.send("PATCH", f"/sip-accounts/{account}", back)
    assert refused.json()["errors"][0]["field"] == "password"
    changed = await here.done("PATCH", f"/sip-accounts/{account}", back | {"password": "new"})
    assert changed["has_password"] is True
    both = await here.send("PATCH", f"/sip-accounts/{account}", manual | {"password": "again"})
    assert both.status_code == 422


async def test_a24_an_account_is_disabled_and_enabled(here: Scene) -> None:
    account = await here.account()
    await here.done("PATCH", f"/sip-accounts/{account}", {"enabled": False})
    assert (await here.get(f"/sip-accounts/{account}"))["enabled"] is False
    await here.done("PATCH", f"/sip-accounts/{account}", {"enabled": True})
    assert here.events()[-2:] == ["SipAccountDisabled", "SipAccountEnabled"]


async def test_a28_the_preview_shows_what_a_number_becomes(here: Scene) -> None:
    rules = [{"match": "00", "add": "+"}, {"match": "0", "strip": 1, "add": "+"}]
    rules = [{"match": "00", "strip": 2, "add": "7"}, {"match": "0", "strip": 1, "add": "49"}]
    account = await here.account(dialing_rules=rules)
    path = f"/sip-accounts/{account}/dial"
    assert await here.done("POST", path, {"number": "0015"}) == {"number": "715", "rule": 1}
    assert await here.done("POST", path, {"number": "0301"}) == {"number": "49301", "rule": 2}
    assert await here.done("POST", path, {"number": "110"}) == {"number": "110", "rule": None}
    other = {"number": "110", "dialing_rules": [{"match": "11", "strip": 0, "add": "9"}]}
    assert (await here.done("POST", path, other))["number"] == "9110"


async def test_combinations_that_softphones_do_not_take_are_warned_of(here: Scene) -> None:
    path = f"/providers/{await here.provider()}/sip-accounts"
    body = {"friendly_name": "D", "username": "1", "protocol": "UDP"}
    typed = {"password_entered_on_device": True, "authorization_username": "auth"}
    assert "Linphone" in (await here.done("POST", path, body | typed))["warnings"][0]
    quoted = await here.done("POST", path, body | {"password": 'a"b'})
    assert "baresip" in quoted["warnings"][0]
    assert 'a"b' not in str(quoted)
    assert (await here.done("POST", path, body | {"password": "fine"}))["warnings"] == []


async def test_contacts_are_searched_without_case_and_accents(here: Scene) -> None:
    for first, last in (("Zoë", "Müller"), ("Zoe", "Mulligan"), ("Ada", "Lovelace")):
        emails = [{"address": f"{last[:3].lower()}x@example.com", "label": "work"}]
        emails[0]["address"] = emails[0]["address"].replace("ü", "ue")
        await here.contact(first, last, emails=emails)

    async def found(text: str) -> list[str]:
        names, cursor = [], ""
        while True:
            page = await here.get(f"/contacts?limit=1&q={text}{cursor}")
            names += [one["last_name"] for one in page["items"]]
            if page["next"] is None:
                return sorted(names)
            cursor = f"&cursor={page['next']}"

    assert await found("MUL") == ["Mulligan", "Müller"]
    assert await found("zoe mull") == ["Mulligan", "Müller"]
    assert await found("zoë muller") == ["Müller"]
    assert await found("lovx@exam") == ["Lovelace"]
    assert await found("nobody") == []


async def test_lists_are_sorted_and_filtered(here: Scene) -> None:
    account, contact = await here.account(), await here.contact()
    ids = [await here.device([account], contact, name=name) for name in ("b", "a", "c")]
    await here.done("POST", f"/devices/{ids[2]}/deactivate", {"reason": "lost"})

    async def names(query: str) -> str:
        return "".join(one["name"] for one in (await here.get(f"/devices?{query}"))["items"])

    assert await names("") == "abc"
    assert await names("sort=-name") == "cba"
    assert await names("sort=created") == "bac"
    assert await names("state=waiting") == "ab"
    assert await names("state=deactivated&drift=true") == "c"
    assert await names(f"contact_id={contact}&state=waiting&sort=-created") == "ab"
    assert await names("drift=false") == ""
    assert (await here.send("GET", "/devices?state=broken")).status_code == 422
    counts = await here.get("/counts")
    assert counts == {"providers": 1, "sip_accounts": 1, "contacts": 1, "devices": 3}


async def test_devices_are_found_by_the_beginning_of_their_name(here: Scene) -> None:
    account, contact = await here.account(), await here.contact()
    for name in ("Reception", "recorder", "Office"):
        last = await here.device([account], contact, name=name)
    await here.done("POST", f"/devices/{last}/deactivate", {"reason": "lost"})

    async def names(query: str) -> list[str]:
        return [one["name"] for one in (await here.get(f"/devices?{query}"))["items"]]

    assert await names("q=REC") == ["Reception", "recorder"]
    assert await names("q=%20off%20") == ["Office"]
    assert await names("q=off&state=waiting") == []
    assert await names(f"q=rec&contact_id={contact}&sort=-name") == ["recorder", "Reception"]
    assert await names("q=ception") == []


async def test_an_erased_contact_is_gone_from_log_and_lists(here: Scene) -> None:
    account = await here.account()
    contact = await here.contact("Grace", "Hopper")
    await here.done("PATCH", f"/contacts/{contact}", {"first_name": "Gracie"})
    await here.device([account], contact)
    erased = await here.send("POST", f"/contacts/{contact}/erase")
    assert erased.status_code == 202
    await here.settle()
    told = "".join(one.envelope.model_dump_json() for one in here.log())
    assert "Hopper" not in told
    assert "Gracie" not in told
    assert "ContactErased" in here.events()
    assert (await here.send("GET", f"/contacts/{contact}")).status_code == 404
    assert (await here.get("/contacts"))["items"] == []
    again = await here.send("POST", f"/contacts/{contact}/erase")
    assert again.status_code == 202, "the history with its gap is still readable"
