"""Device Activation Instructions: what the page shows, and what an organization chooses for it."""

from typing import Any

import pytest

from chassis.testing.foreign_log import ForeignLog, project
from schemas.sessions import OrganizationChanged, OrganizationRegistered
from services.activation.instructions import PLATFORMS, steps
from services.activation.organizations import ORGANIZATIONS, OrganizationView
from tests.integration.activation_scene import (
    ACCOUNT,
    ACTIVATION,
    CREATED,
    HOME,
    PASSWORD,
    STRANGER,
    WORK,
    Installation,
)

pytest_plugins = ["tests.integration.activation_fixtures"]

LANGUAGES = ("en", "de", "es", "fr", "ru")
REGISTERED = OrganizationRegistered(
    organization_id="acme", name="Acme", domains=("acme.example",), sign_in_name="acme"
)


async def test_a50_the_page_shows_the_code_and_how_to_use_it(here: Installation) -> None:
    code = await here.code()
    page = (await here.get(f"{ACTIVATION}/instructions")).json()
    assert page["activation"]["code"] == code
    assert page["device_name"] == "Desk"
    assert page["language"] == "de"
    assert set(page["steps"]) == set(PLATFORMS)
    assert [one["address"] for one in page["addresses"]] == [HOME, WORK]
    assert PASSWORD not in str(page)


async def test_a50_the_page_shows_a_qr_code_as_picture_and_drawing(here: Installation) -> None:
    page = (await here.get(f"{ACTIVATION}/instructions")).json()
    picture = await here.get(page["qr_png_url"])
    drawing = await here.get(page["qr_svg_url"])
    assert picture.content.startswith(b"\x89PNG")
    assert drawing.headers["content-type"].startswith("image/svg+xml")
    assert b"<svg" in drawing.content
    here.clock.forward(days=7)
    assert (await here.get(page["qr_svg_url"])).status_code == 409


async def test_d6_looking_at_the_page_is_recorded(here: Installation) -> None:
    await here.get(f"{ACTIVATION}/instructions")
    assert [event["by"] for event in here.events("ActivationCodeViewed")] == ["ada"]


async def test_the_page_is_for_the_administrators_of_its_organization(here: Installation) -> None:
    assert (await here.get(f"{ACTIVATION}/instructions", STRANGER)).status_code == 404


async def test_a_language_can_be_asked_for_and_an_unknown_one_is_refused(
    here: Installation,
) -> None:
    page = (await here.get(f"{ACTIVATION}/instructions?language=fr")).json()
    assert page["language"] == "fr"
    assert (await here.get(f"{ACTIVATION}/instructions?language=xx")).status_code == 422


async def test_a23_the_page_says_which_passwords_the_user_will_be_asked_for(
    here: Installation,
) -> None:
    typed = ACCOUNT.model_copy(
        update={
            "sip_account_id": "a2",
            "friendly_name": "Private",
            "password_entered_on_device": True,
        }
    )
    device = CREATED.model_copy(update={"device_id": "d2", "sip_account_ids": ("a1", "a2")})
    await here.happens(typed, device)
    page = (await here.get("/api/v1/activations/d2/instructions?language=en")).json()
    assert page["typed_passwords"] == ["Private"]
    assert all("SIP password" in texts[-1] for texts in page["steps"].values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_steps_for_every_platform(language: str) -> None:
    plain, typed = steps(language, typed=False), steps(language, typed=True)
    for platform in PLATFORMS:
        assert len(plain[platform]) == 3
        assert typed[platform][:3] == plain[platform]


async def test_a52_download_links_are_those_of_the_organization_if_it_has_any(
    here: Installation,
) -> None:
    usual = (await here.get(f"{ACTIVATION}/instructions")).json()["download_links"]
    assert "Android" in usual
    await chosen(here, download_links={"ios": "https://apps.example/acme"})
    page = (await here.get(f"{ACTIVATION}/instructions")).json()
    assert page["download_links"] == {"ios": "https://apps.example/acme"}


@pytest.mark.parametrize(
    ("minutes", "expires_at"),
    [
        (10080, "2026-05-10T12:00:00Z"),
        (30, "2026-05-03T12:30:00Z"),
        (1, "2026-05-03T12:10:00Z"),
        (10**6, "2026-08-01T12:00:00Z"),
    ],
)
async def test_a_code_lives_as_long_as_its_organization_chose_from_10_minutes_to_90_days(
    here: Installation, minutes: int, expires_at: str
) -> None:
    await chosen(here, code_lifetime_minutes=minutes)
    assert (await here.post(f"{ACTIVATION}/reissue")).json()["expires_at"] == expires_at


async def test_an_organization_that_has_registered_has_chosen_nothing(here: Installation) -> None:
    await project(here.service.projections, here.read_models, ForeignLog().record(REGISTERED))
    assert await here.read_models.get(ORGANIZATIONS, "acme", "acme") == OrganizationView("acme")


async def test_what_an_organization_chose_can_be_taken_back(here: Installation) -> None:
    sessions = ForeignLog()
    links = {"ios": "https://apps.example/acme"}
    for said in ({"code_lifetime_minutes": 30, "download_links": links}, {}):
        await project(
            here.service.projections,
            here.read_models,
            [*sessions.record(*([REGISTERED] if said else [])), *sessions.record(changed(**said))],
        )
    assert await here.read_models.get(ORGANIZATIONS, "acme", "acme") == OrganizationView(
        "acme", code_lifetime_minutes=10080
    )


def changed(**said: Any) -> OrganizationChanged:
    return OrganizationChanged.model_validate(
        {"organization_id": "acme", "name": "Acme", "domains": ("acme.example",), **said}
    )


async def chosen(here: Installation, **said: Any) -> None:
    """The organization is set up like this, as sessions publishes it."""
    recorded = ForeignLog().record(REGISTERED, changed(**said))
    await project(here.service.projections, here.read_models, recorded)
