"""Bad input, field by field: every answer names the field and says what to do."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.provisioning.scene import Scene, scene

LONG = "x" * 300
CONTROL = "line\r\nbreak"
PROVIDER = {"name": "Telecom", "sip_server": "sip.example.com"}
ACCOUNT = {"friendly_name": "Desk", "username": "1001", "protocol": "udp", "password": "secret"}
EMAIL = {"address": "ada@example.com", "label": "work"}
CONTACT = {"first_name": "Ada", "last_name": "Lovelace", "emails": [EMAIL]}

INVISIBLE = ["a\u202eb", "\ufeffa"]
TEXT: list[Any] = ["", LONG, CONTROL, "a\x00b", "a\u2028b", *INVISIBLE, 5, ["x"], {"a": 1}]
NAME = [*TEXT, "   ", None]
FLAG: list[Any] = ["", "maybe", 5, None, []]
PROVIDERS = {
    "name": NAME,
    "sip_server": [*NAME, "sip:example.com", "a b", "-x.com", "999.1.1.1"],
    "sip_port": [0, 65536, -1, "x", 1.5, []],
    "sip_proxy": [LONG, CONTROL, "a:0", "a:b", "a;transport=tls", 5],
    "realm": TEXT,
}
ACCOUNTS = {
    "friendly_name": NAME,
    "username": [*TEXT, None],
    "protocol": ["", "tls", 5, None, []],
    "password": ["", LONG, CONTROL, "a\x00b", "a\u2029b", *INVISIBLE, 5, []],
    "password_entered_on_device": FLAG,
    "use_push_proxy": FLAG,
    "enabled": FLAG,
    "authorization_username": TEXT,
    "display_name": TEXT,
    "dialing_rules": [None, "x", [{}], [{"match": "a"}], [{"match": "0", "strip": -1}], [1]],
}
CONTACTS = {
    "first_name": NAME,
    "last_name": NAME,
    "emails": [
        None, [], "x", [{}], [{"address": "no", "label": "work"}], [EMAIL, EMAIL],
        [{"address": "a@example.com", "label": "private"}], [{"address": CONTROL, "label": "work"}],
    ],
    "language": ["", "xx", LONG, CONTROL, 5],
}  # fmt: skip
DEVICES = {"name": NAME, "sip_account_ids": [None, [], "x", ["unknown"], [5], [LONG], ["a.b"]]}
UNKNOWN: dict[str, list[Any]] = {"surprise": [1]}


def cases(fields: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(field, value, id=f"{field}-{number}")
        for field, values in (fields | UNKNOWN).items()
        for number, value in enumerate(values)
    ]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as started:
        yield started


async def check(here: Scene, method: str, path: str, field: str, body: Any) -> None:
    before = here.log()
    answer = await here.send(method, path, body)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["errors"], problem
    assert {one["field"].split(".")[0] for one in problem["errors"]} == {field}
    assert all(len(one["message"]) > 5 for one in problem["errors"])
    assert LONG not in answer.text
    assert here.log() == before


@pytest.mark.parametrize(("field", "value"), cases(PROVIDERS))
async def test_a9_to_a13_a_provider(here: Scene, field: str, value: Any) -> None:
    await check(here, "POST", "/providers", field, PROVIDER | {field: value})
    await check(here, "PATCH", f"/providers/{await here.provider()}", field, {field: value})


@pytest.mark.parametrize(("field", "value"), cases(ACCOUNTS))
async def test_a18_to_a28_a_sip_account(here: Scene, field: str, value: Any) -> None:
    provider = await here.provider()
    path = f"/providers/{provider}/sip-accounts"
    await check(here, "POST", path, field, ACCOUNT | {field: value})
    account = await here.account(provider)
    await check(here, "PATCH", f"/sip-accounts/{account}", field, {field: value})


@pytest.mark.parametrize(("field", "value"), cases(CONTACTS))
async def test_a31_to_a36_a_contact(here: Scene, field: str, value: Any) -> None:
    await check(here, "POST", "/contacts", field, CONTACT | {field: value})
    await check(here, "PATCH", f"/contacts/{await here.contact()}", field, {field: value})


@pytest.mark.parametrize(("field", "value"), cases(DEVICES))
async def test_a39_to_a42_a_device(here: Scene, field: str, value: Any) -> None:
    account, contact = await here.account(), await here.contact()
    body = {"name": "Laptop", "sip_account_ids": [account]}
    await check(here, "POST", f"/contacts/{contact}/devices", field, body | {field: value})
    device = await here.device([account], contact)
    await check(here, "PATCH", f"/devices/{device}", field, {field: value})


@pytest.mark.parametrize("body", [None, [], "x", 5])
async def test_a_body_that_is_no_object_is_refused(here: Scene, body: Any) -> None:
    answer = await here.send("POST", "/providers", body)
    assert answer.status_code in (400, 422), answer.text
