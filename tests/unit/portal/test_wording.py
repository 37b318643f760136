"""Pages speak five languages, and nothing of what they say is taken for markup."""

import re
from pathlib import Path

import pytest

import services.portal
from chassis.wording import LANGUAGES
from services.portal.navigation import places
from services.portal.pages.welcome import APIS
from services.portal.rendering import ENDS, ROLES, moment
from services.portal.resources.sessions import Role
from services.portal.wording import CATALOGUES
from tests.unit.catalogues import catalogue, check_translations, said, sources
from tests.unit.portal.scene import HTML, browser, portal

FOLDER = Path(services.portal.__file__).parent
TRANSLATED = [language for language in LANGUAGES if language != "en"]
THE_SAME_EVERYWHERE = {"Sessions", "Provisioning", "Notifier"}
"""Names of our services."""
ALL_ROLES: tuple[Role, ...] = ("administrator", "supervisor", "agent")


def told() -> set[str]:
    """What is shown by `told(...)`: it does not stand in a template."""
    groups = [group for role in ALL_ROLES for group in places(role)]
    menu = {group.name for group in groups} | {p.name for g in groups for p in g.places}
    about = {one.about for one in APIS} | {one.name for one in APIS} - THE_SAME_EVERYWHERE
    return menu | about | set(ENDS.values()) | set(ROLES.values())


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_everything_that_is_said_and_nothing_else(language: str) -> None:
    assert sources(catalogue(CATALOGUES, language)) == set(said(FOLDER, told()))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_is_there_and_keeps_the_places_of_names(language: str) -> None:
    check_translations(catalogue(CATALOGUES, language))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("templates/*.j2")), ids=lambda path: path.name)
def test_only_literal_texts_are_translated_as_markup(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"(?<!\w)_\((?!\")", text) == []
    assert re.findall(r"\|\s*safe\b", text) == (["| safe"] if path.stem == "icons.html" else [])


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("de-CH,de;q=0.9", "Anmelden"),
        ("es", "Iniciar sesión"),
        ("fr-CA", "Se connecter"),
        ("ru", "Войти"),
        ("ja,en;q=0.5", "Sign in"),
    ],
)
async def test_the_sign_in_page_is_in_the_language_of_the_browser(asked: str, title: str) -> None:
    async with browser(portal()) as client:
        page = (await client.get("/sign-in", headers={**HTML, "Accept-Language": asked})).text
    assert f"<h1>{title}</h1>" in page


def test_a_moment_that_is_not_there_is_a_dash() -> None:
    assert moment(None, "en") == "&ndash;"
