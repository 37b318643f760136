"""An operator hears of a wrong mail server before anybody waits for a mail."""

import asyncio
from datetime import timedelta

from chassis.service import Service
from chassis.testing.eventually import PATIENCE_SECONDS
from services.notifier.mailer import MailPutOff, MailServerClosed
from tests.unit.notifier.scene import PostOffice, Scene, scene

CLOSED = MailServerClosed("it wants us to sign in (535)")
AWAY = MailPutOff("the mail server's name is not known to DNS")
MINUTE = timedelta(minutes=1)


async def warning(service: Service) -> str | None:
    return await service.warnings["mail-server"]()


def figure(here: Scene, name: str) -> float | None:
    return here.registry.get_sample_value(f"switchboard_mail{name}")


async def test_a_mail_server_that_serves_us_is_no_news() -> None:
    here = await scene(office := PostOffice())
    assert [await warning(here.service) for _ in range(3)] == [None] * 3
    assert office.greeted == 1
    here.now += MINUTE
    assert await warning(here.service) is None
    assert office.greeted == 2


async def test_one_that_refuses_us_is_told_of_before_any_mail_and_in_every_new_process() -> None:
    here = await scene(office := PostOffice(greeting=[CLOSED, CLOSED]))
    for number in (1, 2):
        said = await warning(here.service)
        assert said is not None
        assert "localhost:587: it wants us to sign in (535)" in said
        assert "NOTIFIER_SMTP_" in said
        assert figure(here, "s_held") == 1
        assert office.greeted == number
        here.service = here.fresh_service()
    assert office.connections == 0


async def test_while_we_are_refused_no_second_sign_in_is_tried_before_the_pause_is_over() -> None:
    here = await scene(office := PostOffice(greeting=[CLOSED]), hold_seconds=300)
    for _ in range(5):
        assert await warning(here.service)
        here.now += MINUTE
    assert office.greeted == 1
    assert await warning(here.service) is None
    assert (office.greeted, figure(here, "s_held")) == (2, 0)


async def test_a_hold_found_by_the_probe_keeps_mails_back_and_burns_no_attempt() -> None:
    here = await scene(office := PostOffice(greeting=[CLOSED]))
    await warning(here.service)
    assert await here.react(here.requested()) == here.settings.hold_seconds
    assert (office.connections, here.log()) == (0, ["Planned"])


async def test_one_that_cannot_be_reached_is_told_of_and_mails_are_tried_all_the_same() -> None:
    here = await scene(office := PostOffice(greeting=[AWAY, None]))
    said = await warning(here.service)
    assert said is not None
    assert "not known to DNS" in said
    assert figure(here, "_server_unreachable") == 1
    await here.react(here.requested())
    assert len(office.accepted) == 1
    here.now += MINUTE
    assert await warning(here.service) is None
    assert figure(here, "_server_unreachable") == 0


async def test_a_silent_mail_server_keeps_no_probe_waiting() -> None:
    office = Silent()
    here = await scene(office)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await warning(here.service) is None
    office.answer.set()
    assert await warning(here.service) is not None


class Silent(PostOffice):
    """Says nothing until told to."""

    def __init__(self) -> None:
        super().__init__(greeting=[AWAY])
        self.answer = asyncio.Event()

    async def greet(self, sender: str) -> None:
        await self.answer.wait()
        await super().greet(sender)
