"""Mails over a real SMTP connection to a server that is not always kind."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator
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
from chassis.testing.eventually import eventually
from schemas.activation import ActivationRequested
from schemas.notifier import NotificationFailed, NotificationPlanned
from schemas.provisioning import Email
from services.notifier.mailer import MailPutOff, MailServerClosed
from services.notifier.settings import Settings
from services.notifier.smtp_mailer import SmtpMailer
from tests.integration.scripted_mail_server import DROP, HANG, OK, ScriptedMailServer, mail_server
from tests.unit.notifier.scene import CODE, CONTACT, KNOWN, Scene

MAILERS: list[SmtpMailer] = []
SENT = ["Planned", "Attempted", "Sent"]


async def scene(port: int, **settings: Any) -> Scene:
    chosen = {"smtp_host": "127.0.0.1", "smtp_security": "none", "smtp_seconds": 2, **settings}
    mailer = SmtpMailer(Settings(mail_from="phones@example.com", smtp_port=port, **chosen))
    MAILERS.append(mailer)
    here = Scene(mailer)
    await here.know(*KNOWN)
    return here


@pytest.fixture(autouse=True)
async def _no_connection_is_left_open() -> AsyncIterator[None]:
    yield
    while MAILERS:
        MAILERS.pop().close()


@pytest.fixture
async def server() -> AsyncIterator[ScriptedMailServer]:
    async with mail_server() as server:
        yield server


async def test_an_accepted_mail_is_sent_as_it_was_made(server: ScriptedMailServer) -> None:
    here = await scene(server.port)
    assert await here.settle(here.requested()) == []
    assert here.log() == SENT
    (mail,) = server.mails
    assert server.recipients == ["ada@example.com"]
    page = mail.get_body(("html",))
    assert page is not None
    assert f"{CODE[:4]}-{CODE[4:8]}-{CODE[8:]}" in page.get_content()


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("MAIL", "421 closing"),
        ("RCPT", "450 later"),
        ("RCPT", "452 full"),
        ("DATA", "451 later"),
        ("DATA", "421 closing"),
        ("DATA", "530 sign in"),
    ],
)
async def test_a_server_that_asks_for_patience_gets_it(
    server: ScriptedMailServer, step: str, answer: str
) -> None:
    server.script[step] = [answer]
    here = await scene(server.port)
    (pause,) = await here.settle(here.requested())
    assert 48 <= pause <= 72
    assert [fact for fact in here.log() if fact != "Attempted"] == ["Planned", "Deferred", "Sent"]
    assert len(server.mails) == 1


async def test_greylisting_is_waited_out(server: ScriptedMailServer) -> None:
    server.script["RCPT"] = ["450 greylisted", "450 greylisted"]
    here = await scene(server.port)
    assert len(await here.settle(here.requested())) == 2
    assert here.log() == ["Planned", "Deferred", "Deferred", "Attempted", "Sent"]
    assert server.connections == 3


async def test_mails_share_a_connection(server: ScriptedMailServer) -> None:
    here = await scene(server.port)
    assert await here.settle(here.requested("e-work", "e-home")) == []
    assert await here.settle(here.requested(request_id="r-2")) == []
    assert (len(server.mails), server.connections) == (3, 1)


async def test_a_connection_that_the_server_has_ended_meanwhile_is_replaced(
    server: ScriptedMailServer,
) -> None:
    here = await scene(server.port)
    await here.settle(here.requested())
    server.cut()
    assert await here.settle(here.requested(request_id="r-2")) == []
    assert (len(server.mails), server.connections) == (2, 2)
    assert here.log().count("Sent") == 2


async def test_a_421_between_two_mails_defers_the_second_only(server: ScriptedMailServer) -> None:
    server.script["MAIL"] = [OK, "421 closing"]
    here = await scene(server.port)
    (pause,) = await here.settle(here.requested("e-work", "e-home"))
    assert 48 <= pause <= 72
    assert len(server.mails) == 2
    assert here.log().count("Deferred") == 1


async def test_a_connection_is_not_used_for_ever(
    server: ScriptedMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifier.spare_connection.MOST_MAILS", 2)
    here = await scene(server.port)
    for number in range(6):
        await here.settle(here.requested(request_id=f"r-{number}"))
    assert (len(server.mails), server.connections) == (6, 3)


async def test_an_idle_connection_is_let_go(
    server: ScriptedMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifier.spare_connection.KEPT_SECONDS", 0.05)
    here = await scene(server.port)
    await here.settle(here.requested())

    async def gone() -> bool:
        return server.open == 0

    await eventually(gone, 15)


@pytest.mark.parametrize(("step", "code"), [("RCPT", 550), ("DATA", 554)])
async def test_what_the_server_refuses_for_good_is_not_tried_again(
    server: ScriptedMailServer, step: str, code: int
) -> None:
    server.script[step] = [f"{code} no"]
    here = await scene(server.port)
    requested = here.requested()
    assert await here.settle(requested) == []
    assert await here.settle(requested) == []
    *_, last = here.facts()
    assert isinstance(last, NotificationFailed)
    assert last.code == code
    assert server.connections == 1
    assert server.mails == []


async def test_a_cut_after_the_mail_was_given_is_made_up_for_once_as_the_same_mail(
    server: ScriptedMailServer,
) -> None:
    server.script["DATA"] = [DROP]
    here = await scene(server.port)
    (pause,) = await here.settle(here.requested())
    assert 48 <= pause <= 72
    assert here.log() == ["Planned", "Attempted", "Uncertain", "Attempted", "Sent"]
    first, second = (mail["Message-ID"] for mail in server.mails)
    assert first == second


async def test_a_server_that_falls_silent_with_the_mail_in_hand_may_have_it(
    server: ScriptedMailServer,
) -> None:
    server.script["DATA"] = [HANG]
    here = await scene(server.port, smtp_seconds=2)
    assert await here.react(here.requested()) is not None
    assert here.log() == ["Planned", "Attempted", "Uncertain"]


async def test_a_second_cut_leaves_the_mail_for_people_to_see(server: ScriptedMailServer) -> None:
    server.script["DATA"] = [DROP, DROP, OK]
    here = await scene(server.port)
    requested = here.requested()
    assert len(await here.settle(requested)) == 1
    assert await here.settle(requested) == []
    assert here.log()[-1] == "Uncertain"
    assert len(server.mails) == 2


async def test_a_server_that_is_not_there_is_tried_later_and_later() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        here = await scene(nobody.getsockname()[1])
        requested = here.requested()
        pauses = []
        for _ in range(4):
            pause = await here.react(requested)
            assert pause is not None
            pauses.append(pause)
            here.now += timedelta(seconds=pause)
    assert here.log() == ["Planned"] + ["Deferred"] * 4
    assert pauses == sorted(pauses)
    assert pauses[0] >= 48


async def test_a_server_that_says_nothing_is_not_waited_for_long() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        here = await scene(silent.getsockname()[1], smtp_seconds=0.1)
        assert await here.react(here.requested()) is not None
    assert here.log() == ["Planned", "Deferred"]


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


@pytest.mark.parametrize(("utf8", "log"), [(True, SENT), (False, ["Planned", "Failed"])])
async def test_an_address_outside_ascii_needs_a_server_that_can_take_it(
    utf8: bool, log: list[str]
) -> None:
    async with mail_server(utf8=utf8) as server:
        here = await scene(server.port)
        work = Email(email_id="e-work", address="jürgen@bücher.example", label="work")
        contact = CONTACT.model_copy(update={"emails": (work,), "contact_id": "c-1"})
        await here.know(contact)
        assert await here.settle(here.requested()) == []
        assert here.log() == log
        if utf8:
            assert server.recipients == ["jürgen@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    "address", ["ada(eve)@example.com", "<ada@example.com", '"ada@example.com']
)
async def test_an_address_that_would_be_read_as_another_is_refused(
    server: ScriptedMailServer, address: str
) -> None:
    here = await scene(server.port)
    work = work_address(address)
    await here.know(CONTACT.model_copy(update={"emails": (work,)}))
    assert await here.settle(here.requested()) == []
    assert here.log() == ["Planned", "Failed"]
    assert server.recipients == []


def work_address(address: str) -> Email:
    return Email(email_id="e-work", address=address, label="work")


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


async def test_several_mails_at_once_have_a_connection_each_and_keep_it(
    server: ScriptedMailServer,
) -> None:
    here = await scene(server.port)
    for number in range(6):
        requested = here.requested(request_id=f"r-{number}")
        await here.service.reactions[ActivationRequested](requested)
    send = here.service.reactions[NotificationPlanned]
    planned = here.planned()
    await asyncio.gather(*map(send, planned[:3]))
    await asyncio.gather(*map(send, planned[3:]))
    assert (len(server.mails), server.connections) == (6, 3)
    assert here.log().count("Sent") == 6


async def test_i19_the_same_mail_delivered_to_several_at_once_goes_out_once(
    server: ScriptedMailServer,
) -> None:
    here = await scene(server.port)
    await here.service.reactions[ActivationRequested](here.requested())
    send = here.service.reactions[NotificationPlanned]
    (planned,) = here.planned()
    outcomes = await asyncio.gather(*(send(planned) for _ in range(5)), return_exceptions=True)
    assert {type(one) for one in outcomes} <= {type(None), RetryLater}
    assert len(server.mails) == 1
    assert here.log() == SENT
