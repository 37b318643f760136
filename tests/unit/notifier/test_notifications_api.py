"""What an administrator sees of the mails."""

from collections.abc import AsyncIterator

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from chassis.auth import Principal
from chassis.testing.http import HttpFakes
from chassis.testing.tokens import ADMINISTRATOR, AGENT, SUPERVISOR
from services.notifier.mailer import MailPutOff, MailRefused
from tests.unit.notifier.scene import PostOffice, scene

PATH = "/api/v1/notifications"
STRANGER = Principal("eve", "other", "administrator", "session-of-eve")

Client = AsyncTestClient[Litestar]


@pytest.fixture
def fakes() -> HttpFakes:
    return HttpFakes()


@pytest.fixture
async def client(fakes: HttpFakes) -> AsyncIterator[Client]:
    here = await scene(PostOffice([MailRefused(550), MailPutOff("the server asked for patience")]))
    await here.react(here.requested("e-work", "e-home"))
    await here.catch_up()
    async with fakes.client(here.service) as client:
        client.headers.update(fakes.tokens.headers(ADMINISTRATOR))
        yield client


async def test_each_mail_is_shown_with_its_address_its_status_and_why(client: Client) -> None:
    items = (await client.get(PATH)).json()["items"]
    seen = {item["address"]: (item["status"], item["remark"]) for item in items}
    assert seen == {
        "ada@example.com": ("failed", "SMTP 550"),
        "ada@home.example": ("deferred", "the server asked for patience"),
    }


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"status": "failed"}, 1),
        ({"status": "sent"}, 0),
        ({"device_id": "d-1"}, 2),
        ({"device_id": "d-2"}, 0),
        ({"device_id": "d-1", "status": "deferred"}, 1),
    ],
)
async def test_mails_are_found_by_device_and_by_status(
    client: Client, query: dict[str, str], count: int
) -> None:
    assert len((await client.get(PATH, params=query)).json()["items"]) == count


async def test_a_status_that_does_not_exist_is_refused(client: Client) -> None:
    assert (await client.get(PATH, params={"status": "lost"})).status_code in (400, 422)


async def test_one_mail_is_shown_by_its_id(client: Client) -> None:
    (item,) = (await client.get(PATH, params={"status": "deferred"})).json()["items"]
    answer = await client.get(f"{PATH}/{item['id']}")
    trail = answer.json().pop("trail")
    assert answer.json() == item | {"trail": trail}
    assert [step["what"] for step in trail] == ["planned", "deferred"]
    assert trail[-1]["remark"] == "the server asked for patience"
    assert answer.headers["ETag"] == '"2"'
    assert item["retry_at"] is not None


async def test_what_does_not_exist_and_what_is_foreign_look_the_same(
    client: Client, fakes: HttpFakes
) -> None:
    item = (await client.get(PATH)).json()["items"][0]
    missing = await client.get(f"{PATH}/nothing-here")
    foreign = await client.get(f"{PATH}/{item['id']}", headers=fakes.tokens.headers(STRANGER))
    assert (missing.status_code, foreign.status_code) == (404, 404)
    assert missing.json()["detail"] == foreign.json()["detail"]


@pytest.mark.parametrize("principal", [AGENT, SUPERVISOR])
async def test_only_administrators_see_mails(
    client: Client, fakes: HttpFakes, principal: Principal
) -> None:
    answer = await client.get(PATH, headers=fakes.tokens.headers(principal))
    assert answer.status_code == 403
