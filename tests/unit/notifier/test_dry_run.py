"""A dry run says what a replay would mail, and leaves no trace."""

from datetime import timedelta

import pytest

from chassis.command_handler import CommandHandler
from services.notifier.dry_run import DryRun, Prospect
from services.notifier.mailer import MailPutOff
from services.notifier.preparation import Preparation
from services.notifier.reactions import Planning
from tests.unit.notifier.scene import DEVICE, EXPIRY, NOON, ORGANIZATION, PostOffice, Scene, scene


def dry_run(here: Scene) -> DryRun:
    preparation = Preparation(here.read_models, here.ask, here.clock)
    return DryRun(Planning(CommandHandler(here.store), preparation, here.clock, "en"))


async def obstacles(here: Scene, *address_ids: str) -> list[str | None]:
    found = await dry_run(here).prospects(here.requested(*address_ids))
    return [one.obstacle for one in found]


@pytest.fixture
async def here() -> Scene:
    return await scene(PostOffice([AssertionError("a dry run sends nothing")]))


async def test_d4_a_mail_that_would_be_sent_is_shown_with_its_address(here: Scene) -> None:
    requested = here.requested("e-work", "e-home", language="fr")
    found = await dry_run(here).prospects(requested)
    assert [(one.obstacle, one.address, one.language) for one in found] == [
        (None, "ada@example.com", "fr"),
        (None, "ada@home.example", "fr"),
    ]
    assert isinstance(found[0], Prospect)
    assert (here.log(), here.store.all()) == ([], ())


async def test_d4_what_was_sent_is_not_sent_again_by_a_replay() -> None:
    here = await scene()
    requested = here.requested()
    await here.react(requested)
    before = here.store.all()
    (found,) = await dry_run(here).prospects(requested)
    assert found.obstacle == "is sent already"
    assert found.notification_id == here.planned()[0].envelope.subject.rpartition("/")[2]
    assert here.store.all() == before


async def test_d4_what_still_waits_would_be_sent() -> None:
    here = await scene(PostOffice([MailPutOff("patience")]))
    requested = here.requested()
    await here.react(requested)
    (found,) = await dry_run(here).prospects(requested)
    assert found.obstacle is None


async def test_d4_it_says_why_a_mail_would_not_be_sent(here: Scene) -> None:
    assert await obstacles(here, "e-gone", "e-work") == ["address_removed", None]
    here.code = {"dead": "used"}
    assert await obstacles(here) == ["code_dead"]
    here.code = {}
    (silent,) = await obstacles(here)
    assert "Activation does not say" in str(silent)
    requested = here.requested()
    here.now = EXPIRY
    (late,) = await dry_run(here).prospects(requested)
    assert late.obstacle == "expired"


async def test_d4_what_was_asked_for_before_the_log_began_is_not_sent(here: Scene) -> None:
    here.now = NOON - timedelta(days=1)
    assert await obstacles(here) == ["is suppressed already"]


async def test_d4_what_cannot_be_told_yet_is_said_so(here: Scene) -> None:
    nobody = Scene(PostOffice())
    await nobody.know(DEVICE, ORGANIZATION)
    (found,) = await dry_run(nobody).prospects(nobody.requested())
    assert "contact is not known here yet" in str(found.obstacle)


async def test_d4_the_plan_that_follows_from_a_request_is_no_second_mail(here: Scene) -> None:
    other = await scene()
    await other.react(other.requested())
    (planned,) = other.planned()
    assert await dry_run(other).prospects(planned) == []
