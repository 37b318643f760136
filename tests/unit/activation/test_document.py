"""The configuration document: always four slots, and no password that is not ours to give."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from schemas.provisioning import DialingRule, SipProxy
from services.activation.documents import Configuration, blank, compose
from services.activation.projections import (
    DeviceView,
    ProviderView,
    SecretReference,
    SipAccountView,
)
from services.activation.renderers import RENDERERS, UnknownFormat, renderer_of

PROVIDER = ProviderView("p1", "Phone system", "sip.example.com", 5060)
ACCOUNT = SipAccountView(
    id="a1",
    provider_id="p1",
    friendly_name="Sales",
    username="1001",
    protocol="udp",
    secret=SecretReference("a1", 1),
)
DEVICE = DeviceView("d1", 1, "c1", "Desk phone", ("a1",), revision=3)
BLANK = [{"slot": slot, "enabled": False} for slot in (1, 2, 3, 4)]


def configuration(
    *accounts: SipAccountView, provider: ProviderView = PROVIDER, device: DeviceView = DEVICE
) -> Configuration:
    """A device with these accounts, each with the password `secret-of-<id>`."""
    return compose(
        replace(device, sip_account_ids=tuple(account.id for account in accounts)),
        {account.id: account for account in accounts},
        {provider.id: provider},
        {account.id: SecretStr(f"secret-of-{account.id}") for account in accounts},
    )


def rendered(document: Configuration) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(renderer_of("json").render(document, None).content)
    return content


def test_an_account_has_everything_it_takes_to_register() -> None:
    assert rendered(configuration(ACCOUNT)) == {
        "device_id": "d1",
        "name": "Desk phone",
        "revision": 3,
        "accounts": [
            {
                "slot": 1,
                "enabled": True,
                "friendly_name": "Sales",
                "provider": "Phone system",
                "server": "sip.example.com",
                "port": 5060,
                "transport": "udp",
                "username": "1001",
                "password": "secret-of-a1",
                "password_required": False,
                "push_proxy": False,
                "dialing_rules": [],
            },
            *BLANK[1:],
        ],
    }


def test_what_is_optional_is_there_when_it_was_entered() -> None:
    account = replace(
        ACCOUNT,
        protocol="tcp",
        use_push_proxy=True,
        authorization_username="auth",
        display_name="Ada",
        dialing_rules=(DialingRule(match="0", strip=1, add="+49"),),
    )
    provider = replace(PROVIDER, sip_proxy=SipProxy(host="2001:db8::1", port=5080, transport="tcp"))
    slot = rendered(configuration(account, provider=provider))["accounts"][0]
    assert slot["proxy"] == "[2001:db8::1]:5080;transport=tcp"
    assert slot["authorization_username"] == "auth"
    assert slot["display_name"] == "Ada"
    assert (slot["transport"], slot["push_proxy"]) == ("tcp", True)
    assert slot["dialing_rules"] == [{"match": "0", "strip": 1, "add": "+49"}]


def test_a_password_typed_on_the_device_is_asked_for_and_never_rendered() -> None:
    account = replace(ACCOUNT, password_entered_on_device=True)
    slot = rendered(configuration(account))["accounts"][0]
    assert slot["password_required"] is True
    assert "password" not in slot


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_there_are_always_four_slots_in_the_order_of_the_accounts(count: int) -> None:
    accounts = [replace(ACCOUNT, id=f"a{n}", username=f"100{n}") for n in range(count, 0, -1)]
    slots = rendered(configuration(*accounts))["accounts"]
    assert [slot["slot"] for slot in slots] == [1, 2, 3, 4]
    assert [slot["username"] for slot in slots[:count]] == [one.username for one in accounts]
    assert slots[count:] == BLANK[count:]


def test_i10_a_disabled_account_is_a_blank_slot_and_the_others_keep_theirs() -> None:
    disabled = replace(ACCOUNT, id="a2", enabled=False)
    slots = rendered(configuration(disabled, ACCOUNT))["accounts"]
    assert slots[0] == BLANK[0]
    assert slots[1]["username"] == "1001"


def test_i10_a_deactivated_device_gets_four_blank_slots() -> None:
    assert rendered(blank(DEVICE)) == {
        "device_id": "d1",
        "name": "Desk phone",
        "revision": 3,
        "accounts": BLANK,
    }


def test_a_document_does_not_show_its_passwords_when_it_is_logged() -> None:
    document = configuration(ACCOUNT)
    assert "secret-of-a1" not in repr(document)


def test_a_format_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(UnknownFormat, match="json"):
        renderer_of("fax")


def test_json_is_the_format_if_none_is_named() -> None:
    assert renderer_of(None) is RENDERERS["json"]
