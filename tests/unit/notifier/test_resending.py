"""A mail is sent again when a person wants it, as long as it would be of use."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis.auth import Principal
from chassis.testing.http import HttpFakes
from chassis.testing.tokens import ADMINISTRATOR, AGENT
from services.notifier.mailer import MailPutOff, MailRefused
from tests.unit.notifier.mails import text_of
from tests.unit.notifier.scene import CONTACT, EXPIRY, PostOffice, Scene, scene

PATH = "/api/v1/notifications"
STRANGER = Principal("eve", "other", "administrator", "session-of-eve")
Client = AsyncTestClient[Litestar]


@pytest.fixture
def fakes() -> HttpFakes:
    return HttpFakes()


@pytest.fixture
async def here() -> Scene:
    return await scene(PostOffice())


@pytest.fixture
async def client(fakes: HttpFakes, here: Scene) -> AsyncIterator[Client]:
    async with fakes.client(here.service) as client:
        client.headers.update(fakes.tokens.headers(ADMINISTRATOR))
        yield client


async def sent(here: Scene) -> str:
    """The id of a mail that went out."""
    await here.settle(here.requested())
    await here.catch_up()
    (planned,) = here.planned()
    return planned.envelope.subject.rpartition("/")[2]


def office(here: Scene) -> PostOffice:
    assert isinstance(here.mailer, PostOffice)
    return here.mailer


async def test_a51_a_resent_mail_is_a_mail_of_its_own_with_the_same_code(
    client: Client, here: Scene
) -> None:
    first = await sent(here)
    answer = await client.post(f"{PATH}/{first}/resend")
    assert answer.status_code == 201
    resent = answer.json()
    assert resent["resend_of"] == first != resent["id"]
    assert answer.headers["Location"] == f"{PATH}/{resent['id']}"
    await here.settle(here.requested())
    (to, before), (to_again, after) = office(here).accepted
    assert to == to_again
    assert before["Message-ID"] != after["Message-ID"]
    assert text_of(before) == text_of(after)


async def test_the_same_request_twice_is_one_mail(client: Client, here: Scene) -> None:
    first = await sent(here)
    key = {"Idempotency-Key": "once"}
    answers = [await client.post(f"{PATH}/{first}/resend", headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    await here.settle(here.requested())
    assert len(office(here).accepted) == 2


@pytest.mark.parametrize("dead", ["used", "revoked", "expired"])
async def test_i20_a_mail_with_a_dead_code_is_not_sent_again(
    client: Client, here: Scene, dead: str
) -> None:
    first = await sent(here)
    here.code = {"dead": dead}
    answer = await client.post(f"{PATH}/{first}/resend")
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/code-dead"
    assert len(here.planned()) == 1


async def test_i20_a_mail_whose_code_has_expired_is_not_sent_again(
    client: Client, here: Scene
) -> None:
    first = await sent(here)
    here.now = EXPIRY + timedelta(seconds=1)
    assert (await client.post(f"{PATH}/{first}/resend")).status_code == 409


async def test_an_address_the_contact_has_no_more_is_not_written_to(
    client: Client, here: Scene
) -> None:
    first = await sent(here)
    await here.know(CONTACT.model_copy(update={"emails": CONTACT.emails[1:]}))
    answer = await client.post(f"{PATH}/{first}/resend")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/address-removed")


async def test_a_mail_that_is_still_tried_needs_no_help(client: Client, here: Scene) -> None:
    office(here).naming = [MailPutOff("patience")]
    await here.react(here.requested())
    (planned,) = here.planned()
    mail_id = planned.envelope.subject.rpartition("/")[2]
    answer = await client.post(f"{PATH}/{mail_id}/resend")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/still-on-its-way")


async def test_a_mail_that_was_refused_can_be_sent_again(client: Client, here: Scene) -> None:
    office(here).naming = [MailRefused(550)]
    assert (await client.post(f"{PATH}/{await sent(here)}/resend")).status_code == 201


async def test_while_nobody_knows_the_code_the_person_is_asked_to_come_back(
    client: Client, here: Scene
) -> None:
    first = await sent(here)
    here.code = {}
    answer = await client.post(f"{PATH}/{first}/resend")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


async def test_unknown_and_foreign_mails_look_the_same(
    client: Client, here: Scene, fakes: HttpFakes
) -> None:
    first = await sent(here)
    unknown = await client.post(f"{PATH}/nothing-here/resend")
    foreign = await client.post(f"{PATH}/{first}/resend", headers=fakes.tokens.headers(STRANGER))
    assert (unknown.status_code, foreign.status_code) == (404, 404)
    assert unknown.json()["detail"] == foreign.json()["detail"]
    agent = await client.post(f"{PATH}/{first}/resend", headers=fakes.tokens.headers(AGENT))
    assert agent.status_code == 403
