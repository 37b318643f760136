"""What we serve makes real softphones register: Linphone by itself, baresip with its file."""

import pytest

from schemas.provisioning import SipProxy
from tests.softphone.phones import Baresip, Linphone
from tests.softphone.registrar import DOMAIN, REALM, Registrar
from tests.softphone.served import Served

PASSWORD = "correct;horse,battery=staple&<>%#ä"
QUIET_SECONDS = 3.0

Phone = Linphone | Baresip


async def activated(phone: Phone, activation: Served) -> None:
    """The phone is switched on for the first time, with its code."""
    phone.url = await activation.provisioning_url()
    await phone.start()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_right_password_registers(
    phone: Phone, registrar: Registrar, activation: Served, transport: str
) -> None:
    registrar.admit("alice", PASSWORD)
    await activation.provider("127.0.0.1", registrar.port)
    await activation.account("alice", PASSWORD, transport=transport, display_name='Al "A" ä')
    await activation.device("alice")
    await activated(phone, activation)
    await registrar.sees("alice")
    assert registrar.reached_by("alice") == (registrar.port, transport)
    await phone.restart()
    await registrar.sees("alice")


async def test_a_wrong_password_is_refused_and_does_not_hinder_the_other_accounts(
    phone: Phone, registrar: Registrar, activation: Served
) -> None:
    registrar.admit("alice", PASSWORD)
    registrar.admit("bob", "another")
    await activation.provider("127.0.0.1", registrar.port)
    await activation.account("alice", PASSWORD)
    await activation.account("bob", PASSWORD)
    await activation.device("alice", "bob")
    await activated(phone, activation)
    await registrar.sees("alice")
    await registrar.refuses("bob")
    assert registrar.registered() == {"alice"}


async def test_a48_four_accounts_register_at_once(
    phone: Phone, registrar: Registrar, activation: Served
) -> None:
    names = ("alice", "bob", "carol", "dan")
    await activation.provider("127.0.0.1", registrar.port)
    for number, name in enumerate(names):
        registrar.admit(name, f"{PASSWORD}{number}")
        await activation.account(
            name, f"{PASSWORD}{number}", transport="tcp" if number % 2 else "udp"
        )
    await activation.device(*names)
    await activated(phone, activation)
    await registrar.sees(*names)


async def test_the_authorization_username_is_who_logs_in(
    phone: Phone, registrar: Registrar, activation: Served
) -> None:
    registrar.admit("alice", PASSWORD, login="login-of-alice")
    await activation.provider("127.0.0.1", registrar.port)
    await activation.account("alice", PASSWORD, login="login-of-alice")
    await activation.device("alice")
    await activated(phone, activation)
    await registrar.sees("alice")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a13_an_outbound_proxy_is_where_it_goes(
    phone: Phone, registrar: Registrar, activation: Served, transport: str
) -> None:
    registrar.admit("alice", PASSWORD)
    proxy = SipProxy(host="127.0.0.1", port=registrar.proxy_port)
    await activation.provider(DOMAIN, 5060, proxy)
    await activation.account("alice", PASSWORD, transport=transport)
    await activation.device("alice")
    await activated(phone, activation)
    await registrar.sees("alice")
    assert registrar.reached_by("alice") == (registrar.proxy_port, transport)


async def test_a23_without_a_password_of_ours_the_phone_has_none_to_send(
    phone: Phone, registrar: Registrar, activation: Served
) -> None:
    registrar.admit("alice", PASSWORD)
    await activation.provider("127.0.0.1", registrar.port)
    await activation.account("alice", None)
    await activation.device("alice")
    await activated(phone, activation)
    if isinstance(phone, Linphone):
        await registrar.is_asked_by("alice")
    else:
        await phone.says("Please enter password for sip:alice@")
    assert registrar.registered() == set()


async def test_the_password_its_user_types_is_the_one_that_registers(
    registrar: Registrar, activation: Served, typing: Baresip
) -> None:
    registrar.admit("alice", "typed-by-alice")
    await activation.provider("127.0.0.1", registrar.port)
    await activation.account("alice", None)
    await activation.device("alice")
    await activated(typing, activation)
    await typing.says("Please enter password for sip:alice@")
    await typing.types("typed-by-alice")
    await registrar.sees("alice")


async def test_i10_a_deactivated_phone_registers_no_more_and_keeps_no_secret(
    phone: Phone, registrar: Registrar, activation: Served
) -> None:
    registrar.admit("alice", PASSWORD)
    await activation.provider("127.0.0.1", registrar.port)
    await activation.account("alice", PASSWORD)
    await activation.device("alice")
    await activated(phone, activation)
    await registrar.sees("alice")
    await phone.stop()
    before = registrar.registers("alice")
    await activation.deactivated()
    await phone.start()
    await phone.is_idle(QUIET_SECONDS)
    assert registrar.registers("alice") == before
    assert registrar.registered() == set()
    await phone.stop()
    kept = phone.kept()
    assert "alice" not in kept
    assert PASSWORD not in kept
    assert "ha1=" not in kept


async def test_a_moved_account_is_registered_and_the_old_one_is_gone(
    phone: Phone, registrar: Registrar, activation: Served
) -> None:
    for name in ("alice", "bob", "carol"):
        registrar.admit(name, f"{PASSWORD}-{name}")
    await activation.provider("127.0.0.1", registrar.port)
    for name in ("alice", "bob", "carol"):
        await activation.account(name, f"{PASSWORD}-{name}")
    await activation.device("alice", "bob")
    await activated(phone, activation)
    await registrar.sees("alice", "bob")
    await activation.device("carol")
    await phone.restart()
    await registrar.sees("carol")
    await phone.stop()
    assert "alice" not in phone.kept()
    assert "bob" not in phone.kept()


async def test_where_the_realm_is_known_linphone_registers_without_seeing_the_password(
    registrar: Registrar, activation: Served, linphone: Linphone
) -> None:
    registrar.admit("alice", PASSWORD)
    await activation.provider("127.0.0.1", registrar.port, realm=REALM)
    await activation.account("alice", PASSWORD)
    await activation.device("alice")
    await activated(linphone, activation)
    await registrar.sees("alice")
    await linphone.restart()
    await registrar.sees("alice")


@pytest.mark.parametrize("password", ["in side", " ends ", 'a"b\\c', "'", "{}", "ä€😀"])
async def test_passwords_of_every_kind_register_or_are_left_out(
    phone: Phone, registrar: Registrar, activation: Served, password: str
) -> None:
    registrar.admit("alice", password)
    await activation.provider("127.0.0.1", registrar.port)
    await activation.account("alice", password)
    await activation.device("alice")
    await activated(phone, activation)
    if isinstance(phone, Baresip) and '"' in password:
        await phone.says("Please enter password for sip:alice@")
    else:
        await registrar.sees("alice")
