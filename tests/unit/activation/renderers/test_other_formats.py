"""baresip, Acrobits and pjsua: what each can carry, and what it says of the rest."""

from dataclasses import replace

from pydantic import SecretStr

from schemas.provisioning import DialingRule, SipProxy
from services.activation.renderers import RENDERERS
from tests.unit.activation.renderers.softphones import (
    ACCOUNT,
    NEXT,
    TYPED,
    acrobits_account,
    baresip_accounts,
    configured,
    pjsua_accounts,
    remarks,
    rendered,
)

PROXY = SipProxy(host="proxy.example.com", port=5080, transport="tcp")
FULL = replace(
    ACCOUNT,
    proxy=PROXY,
    authorization_username="login",
    display_name="Ada",
    password=SecretStr("s;,=<>&%#é"),
)


def test_a_baresip_line_has_everything_it_takes_to_register() -> None:
    document = rendered("baresip", configured(FULL))
    assert document.splitlines()[0] == (
        '"Ada" <sip:1001@sip.example.com:5060;transport=udp>;auth_user="login";'
        'auth_pass="s;,=<>&%#é";outbound="sip:proxy.example.com:5080;transport=tcp";regint=300'
    )


def test_baresip_always_has_four_slots() -> None:
    document = rendered("baresip", configured(None, ACCOUNT))
    assert document.splitlines()[::2] == ["# slot 1 is blank", "# slot 3 is blank"]
    assert len(document.splitlines()) == 4
    assert baresip_accounts(rendered("baresip", configured())) == []


def test_baresip_asks_its_user_for_a_password_we_do_not_hold_or_cannot_write() -> None:
    document = rendered("baresip", configured(TYPED, replace(ACCOUNT, password=SecretStr('a"b'))))
    assert "auth_pass" not in document
    assert remarks(document) == [
        "slot 2: password left out, it has a character this format cannot carry"
    ]


def test_an_account_whose_login_cannot_be_written_is_a_blank_slot_that_says_why() -> None:
    document = rendered("baresip", configured(replace(ACCOUNT, username='a"b')))
    assert baresip_accounts(document) == []
    assert remarks(document)[0].startswith("slot 1: account left out")


def test_acrobits_has_one_account_and_says_what_became_of_the_others() -> None:
    document = rendered("acrobits", configured(None, FULL, ACCOUNT))
    assert acrobits_account(document) == {
        "title": "Sales",
        "username": "1001",
        "password": "s;,=<>&%#é",
        "authUsername": "login",
        "userDisplayName": "Ada",
        "host": "sip.example.com:5060",
        "transport": "udp",
        "expires": "300",
        "proxy": "proxy.example.com:5080;transport=tcp",
        "extProvUrl": f"{NEXT}?format=acrobits",
        "extProvInterval": "3600",
    }
    assert remarks(document) == ["slot 3: account left out, this format holds a single one"]


def test_acrobits_is_told_no_address_by_whoever_only_looks() -> None:
    document = RENDERERS["acrobits"].render(configured(FULL), None)
    assert b"extProv" not in document.content


def test_a_blank_acrobits_account_blanks_whatever_was_there() -> None:
    account = acrobits_account(rendered("acrobits", configured()))
    assert account.pop("title") == "-"
    # It goes on asking, so that it learns when it is in use again.
    assert account.pop("extProvUrl")
    assert account.pop("extProvInterval")
    assert set(account.values()) == {""}


def test_pjsua_options_are_those_of_its_accounts() -> None:
    document = rendered("pjsua", configured(FULL, None, ACCOUNT))
    first, second = pjsua_accounts(document)
    assert first == {
        "--id": '"Ada" <sip:1001@sip.example.com>',
        "--registrar": "sip:sip.example.com:5060;transport=udp",
        "--realm": "*",
        "--username": "login",
        "--password": "s;,=<>&%#é",
        "--reg-timeout": "300",
        "--proxy": "sip:proxy.example.com:5080;transport=tcp;lr",
    }
    assert second["--username"] == "1001"
    assert document.count("is blank") == 2


def test_pjsua_lines_that_would_be_too_long_or_badly_quoted_are_left_out() -> None:
    long = replace(ACCOUNT, password=SecretStr("ü" * 120), display_name="it's")
    document = rendered("pjsua", configured(long, TYPED))
    first, second = pjsua_accounts(document)
    assert first["--id"] == "sip:1001@sip.example.com"
    assert "--password" not in first
    assert "--password" not in second
    assert len(remarks(document)) == 2


def test_dialing_rules_are_missed_aloud() -> None:
    account = replace(ACCOUNT, dialing_rules=(DialingRule(match="0"),))
    for name in ("linphone", "baresip", "acrobits", "pjsua"):
        document = rendered(name, configured(account))
        assert remarks(document) == ["slot 1: dialing rules left out, this format has none"]
