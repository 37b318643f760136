"""A mail server that refuses us, by password, certificate or address, and how one reads why."""

import re
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from chassis.observing.tracebacks import described
from chassis.reactions import RetryLater
from schemas.activation import ActivationRequested
from schemas.notifier import NotificationPlanned
from services.notifier.mailer import MailPutOff, MailServerClosed
from tests.integration.mail_scene import SENT, scene
from tests.integration.scripted_mail_server import ScriptedMailServer, mail_server

pytest_plugins = ["tests.integration.mail_fixtures"]
pytestmark = pytest.mark.usefixtures("no_connection_is_left_open")


@pytest.mark.parametrize(
    ("step", "answer"),
    [("MAIL", "530 sign in"), ("MAIL", "553 not your sender"), ("RCPT", "530 sign in")],
)
async def test_a_server_that_refuses_us_costs_the_mail_nothing(
    server: ScriptedMailServer, step: str, answer: str
) -> None:
    server.script[step] = [answer]
    here = await scene(server.port)
    assert await here.settle(here.requested()) == [here.settings.hold_seconds]
    assert here.log() == SENT


async def test_signing_in_lets_us_send() -> None:
    async with mail_server(password="right") as server:
        signed_in = {"smtp_username": "notifier", "smtp_password": SecretStr("right")}
        here = await scene(server.port, **signed_in)
        assert await here.settle(here.requested()) == []
    assert here.log() == SENT


@pytest.mark.parametrize(
    "settings",
    [
        {"smtp_username": "notifier", "smtp_password": SecretStr("wrong")},
        {},
    ],
)
async def test_a_wrong_or_missing_password_holds_the_mail_back(settings: dict[str, Any]) -> None:
    async with mail_server(password="right") as server:
        here = await scene(server.port, **settings)
        assert await here.react(here.requested()) == here.settings.hold_seconds
    assert here.log() == ["Planned"]


async def test_no_mail_goes_out_in_the_clear_where_starttls_was_asked_for(
    server: ScriptedMailServer,
) -> None:
    here = await scene(server.port, smtp_security="starttls")
    assert await here.react(here.requested()) == here.settings.hold_seconds
    assert server.mails == []


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine that nobody has signed, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.com")])
    today = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "mail.pem"
    path.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return path


@pytest.mark.parametrize("trusted", [True, False])
async def test_over_starttls_only_a_certificate_we_trust_will_do(
    certificate: Path, trusted: bool
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    async with mail_server(tls=tls) as server:
        here = await scene(
            server.port, smtp_security="starttls", smtp_ca_file=certificate if trusted else None
        )
        expected = None if trusted else here.settings.hold_seconds
        assert await here.react(here.requested()) == expected
    assert len(server.mails) == int(trusted)


async def test_what_the_server_says_about_the_address_reaches_no_log(
    server: ScriptedMailServer,
) -> None:
    server.script["RCPT"] = ["450 <ada@example.com> is greylisted"]
    here = await scene(server.port)
    await here.service.reactions[ActivationRequested](here.requested())
    (planned,) = here.planned()
    with pytest.raises(RetryLater) as later:
        await here.service.reactions[NotificationPlanned](planned)
    assert "ada@" not in str(described(later.value))
    assert "ada@" not in "".join(one.envelope.model_dump_json() for one in here.store.all())


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ("550 not your sender", MailServerClosed, "refuses us or our sender (550)"),
        ("530 sign in", MailServerClosed, "(530)"),
        ("421 busy", MailPutOff, "asked for patience (421)"),
    ],
)
async def test_a_greeting_finds_out_what_a_mail_would(
    server: ScriptedMailServer, answer: str, kind: type[Exception], said: str
) -> None:
    server.script["MAIL"] = [answer]
    here = await scene(server.port)
    with pytest.raises(kind, match=re.escape(said)):
        await here.mailer.greet("phones@example.com")
    await here.mailer.greet("phones@example.com")
    assert server.mails == []


async def test_an_operator_reads_what_is_wrong_with_the_address_of_the_mail_server() -> None:
    unknown = await scene(25, smtp_host="mail.invalid")
    with pytest.raises(MailPutOff, match="not known to DNS"):
        await unknown.mailer.greet("phones@example.com")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(MailPutOff, match="refused the connection"):
        await (await scene(port)).mailer.greet("phones@example.com")


async def test_a_server_that_says_nothing_did_not_answer_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        here = await scene(silent.getsockname()[1], smtp_seconds=0.2)
        with pytest.raises(MailPutOff, match="did not answer in time"):
            await here.mailer.greet("phones@example.com")


async def test_an_operator_reads_what_is_wrong_with_the_certificate(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    async with mail_server(tls=tls) as server:
        here = await scene(server.port, smtp_security="starttls")
        with pytest.raises(MailServerClosed, match="certificate is not acceptable"):
            await here.mailer.greet("phones@example.com")


async def test_tls_where_none_is_spoken_is_named(server: ScriptedMailServer) -> None:
    here = await scene(server.port, smtp_security="tls")
    with pytest.raises(MailServerClosed, match="TLS"):
        await here.mailer.greet("phones@example.com")
