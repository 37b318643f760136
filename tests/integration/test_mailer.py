"""Mails over a real SMTP connection to a server that is not always kind."""

import asyncio
import socket
from datetime import timedelta

import pytest

from chassis.reactions import RetryLater
from chassis.testing.eventually import eventually
from schemas.activation import ActivationRequested
from schemas.notifier import NotificationFailed, NotificationPlanned
from schemas.provisioning import Email
from tests.integration.mail_scene import SENT, scene
from tests.integration.scripted_mail_server import DROP, HANG, OK, ScriptedMailServer, mail_server
from tests.unit.notifier.scene import CODE, CONTACT

pytest_plugins = ["tests.integration.mail_fixtures"]
pytestmark = pytest.mark.usefixtures("no_connection_is_left_open")


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
