"""Linphone's XML: measured on the real program, and kept by these tests."""

from dataclasses import replace
from hashlib import md5

from pydantic import SecretStr

from schemas.provisioning import DialingRule, SipProxy
from services.activation.documents import MASK
from tests.unit.activation.renderers.softphones import (
    ACCOUNT,
    NEXT,
    TYPED,
    configured,
    linphone_settings,
    remarks,
    rendered,
)

SLOTS = [f"{kind}_{number}" for number in range(4) for kind in ("auth_info", "proxy")]


def test_all_four_slots_are_written_and_each_entry_overwrites() -> None:
    document = rendered("linphone", configured(ACCOUNT))
    settings = linphone_settings(document)
    assert list(settings) == [*SLOTS, "sip", "misc"]
    assert document.count("<entry") == document.count('overwrite="true"')


def test_an_unused_slot_is_blank_and_registers_nothing() -> None:
    settings = linphone_settings(rendered("linphone", configured(ACCOUNT)))
    for number in (1, 2, 3):
        assert set(settings[f"auth_info_{number}"].values()) == {""}
        proxy = settings[f"proxy_{number}"]
        assert proxy.pop("reg_sendregister") == "0"
        assert set(proxy.values()) == {""}


def test_i10_a_blank_configuration_blanks_every_slot_and_has_no_default_account() -> None:
    settings = linphone_settings(rendered("linphone", configured()))
    secrets = [text for n in range(4) for text in settings[f"auth_info_{n}"].values()]
    assert secrets == [""] * 28
    assert settings["sip"]["default_proxy"] == "-1"


def test_credentials_name_the_domain_or_they_would_be_lost_at_the_second_start() -> None:
    account = replace(ACCOUNT, authorization_username="login")
    auth_info = linphone_settings(rendered("linphone", configured(account)))["auth_info_0"]
    assert auth_info == {
        "username": "1001",
        "userid": "login",
        "domain": "sip.example.com",
        "realm": "",
        "ha1": "",
        "passwd": "secret",
        "algorithm": "",
    }


def test_the_hash_stands_for_the_password_where_the_realm_is_known() -> None:
    account = replace(ACCOUNT, realm="Some PBX", authorization_username="login")
    document = rendered("linphone", configured(account))
    auth_info = linphone_settings(document)["auth_info_0"]
    ha1 = md5(b"login:Some PBX:secret", usedforsecurity=False).hexdigest()
    assert (auth_info["ha1"], auth_info["realm"], auth_info["passwd"]) == (ha1, "Some PBX", "")
    assert "secret" not in document


def test_a_masked_configuration_holds_no_hash_of_the_mask() -> None:
    account = replace(ACCOUNT, realm="PBX", password=MASK)
    auth_info = linphone_settings(rendered("linphone", configured(account)))["auth_info_0"]
    assert auth_info["ha1"] == MASK.get_secret_value()


def test_without_a_proxy_everything_goes_to_the_server() -> None:
    account = replace(ACCOUNT, transport="tcp", port=5070)
    proxy = linphone_settings(rendered("linphone", configured(account)))["proxy_0"]
    assert proxy["reg_identity"] == "<sip:1001@sip.example.com>"
    assert proxy["reg_proxy"] == "<sip:sip.example.com:5070;transport=tcp>"
    assert proxy["reg_sendregister"] == "1"


def test_an_outbound_proxy_is_where_registrations_and_calls_go() -> None:
    account = replace(ACCOUNT, proxy=SipProxy(host="2001:db8::1", port=5080, transport="tcp"))
    proxy = linphone_settings(rendered("linphone", configured(account)))["proxy_0"]
    assert proxy["reg_proxy"] == "<sip:[2001:db8::1]:5080;transport=tcp>"
    assert proxy["reg_route"] == "<sip:[2001:db8::1]:5080;transport=tcp;lr>"
    assert proxy["reg_identity"] == "<sip:1001@sip.example.com>"


def test_quotes_in_a_display_name_are_escaped_and_unsafe_usernames_too() -> None:
    account = replace(ACCOUNT, display_name='Ada "A" \\', username="a@b c")
    settings = linphone_settings(rendered("linphone", configured(account)))
    identity = settings["proxy_0"]["reg_identity"]
    assert identity == '"Ada \\"A\\" \\\\" <sip:a%40b%20c@sip.example.com>'
    assert settings["auth_info_0"]["username"] == "a@b c"


def test_the_next_start_asks_at_the_address_of_the_device() -> None:
    settings = linphone_settings(rendered("linphone", configured(ACCOUNT)))
    assert settings["misc"] == {"config-uri": f"{NEXT}?format=linphone"}


def test_i3_a_password_typed_on_the_device_is_not_rendered_and_not_erased_at_every_start() -> None:
    new = linphone_settings(rendered("linphone", configured(TYPED)))["auth_info_0"]
    assert (new["passwd"], new["ha1"]) == ("", "")
    known = linphone_settings(rendered("linphone", configured(TYPED, known=True)))["auth_info_0"]
    assert known == {"username": "1001", "userid": "", "domain": "sip.example.com"}


def test_the_default_account_is_the_first_that_is_enabled() -> None:
    settings = linphone_settings(rendered("linphone", configured(None, ACCOUNT)))
    assert settings["sip"]["default_proxy"] == "1"


def test_push_follows_the_account() -> None:
    on = replace(ACCOUNT, push_proxy=True)
    settings = linphone_settings(rendered("linphone", configured(on, ACCOUNT)))
    allowed = [settings[f"proxy_{n}"]["push_notification_allowed"] for n in (0, 1)]
    assert allowed == ["1", "0"]


def test_what_xml_cannot_hold_is_left_out_and_said() -> None:
    account = replace(
        ACCOUNT,
        display_name="a\ufffeb",
        password=SecretStr("\uffff"),
        dialing_rules=(DialingRule(match="0"),),
    )
    document = rendered("linphone", configured(account))
    settings = linphone_settings(document)
    assert settings["auth_info_0"]["passwd"] == ""
    assert settings["proxy_0"]["reg_identity"] == "<sip:1001@sip.example.com>"
    assert [remark.split(" left out")[0] for remark in remarks(document)] == [
        "slot 1: password",
        "slot 1: display name",
        "slot 1: dialing rules",
    ]
