"""Every page is safe to open, loads only its own files, and says what to do."""

import re

import pytest

from services.notifier.settings import Settings as NotifierSettings
from services.portal.files import ASSETS
from services.portal.pages.welcome import Link
from services.portal.settings import Settings
from tests.unit.portal.scene import browser, portal, text

PAGES = ("/", "/activate", "/sign-in", "/register")
_LOADED = re.compile(r'<(?:link|script|img|iframe)[^>]*(?:href|src)="([^"]*)"')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NAMES = {"http://www.w3.org/2000/svg"}
"""It names a language and leads nowhere."""
_INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_may_load_only_its_own_style_and_scripts(path: str) -> None:
    async with browser(portal()) as client:
        policy = (await client.get(path)).headers["content-security-policy"]
    directives = dict(one.strip().split(" ", 1) for one in policy.split(";"))
    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_kept_nowhere_and_tells_nobody_where_one_comes_from(path: str) -> None:
    async with browser(portal()) as client:
        headers = (await client.get(path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-type"] == "text/html; charset=utf-8"
    given = headers["set-cookie"]
    assert given.startswith("__Host-machine=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(given.split("; "))


@pytest.mark.parametrize("path", PAGES)
async def test_everything_a_page_loads_is_there(path: str) -> None:
    page = await text(path)
    loaded = _LOADED.findall(page)
    assert loaded
    assert _INLINE.findall(page) == []
    async with browser(portal()) as client:
        for address in loaded:
            answer = await client.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("name", ASSETS)
def test_no_file_that_pages_load_names_another_place(name: str) -> None:
    content = _COMMENT.sub("", ASSETS[name].content.decode())
    assert set(re.findall(r"https?://[^\s\"'%]+|@import|url\((?!\"data:)", content)) <= NAMES


async def test_a_file_that_does_not_exist_is_a_problem_and_not_a_failure() -> None:
    async with browser(portal()) as client:
        assert (await client.get("/assets/other.js")).status_code == 404
        assert (await client.get("/assets/..%2Fapp.py")).status_code == 404


@pytest.mark.parametrize("service", ["sessions", "provisioning", "activation", "notifier"])
async def test_the_welcome_page_leads_to_the_description_of_each_service(service: str) -> None:
    assert f'href="/{service}/docs"' in await text("/")


async def test_the_welcome_page_names_places_of_this_machine_only_where_they_exist() -> None:
    here = Link("/dev/mailbox", "Mailbox", "Mails & more.")
    shown = await text("/", [here])
    assert '<a href="/dev/mailbox">Mailbox</a>' in shown
    assert "Mails &amp; more." in shown
    assert "On this machine" not in await text("/")


async def test_without_javascript_the_activation_page_says_what_to_do() -> None:
    page = await text("/activate")
    assert '<div id="with-code" hidden>' in page
    assert '<div id="without-code">' in page
    assert "Type the code of your mail into the app." in page


async def test_the_activation_page_says_where_to_get_the_app_and_whom_to_ask() -> None:
    links = {"Android": "https://apps.example.com/a?b=1&c=2"}
    page = await text("/activate", download_links=links, help_contact="Ada <ada@example.com>")
    assert 'href="https://apps.example.com/a?b=1&amp;c=2"' in page
    assert "Please contact Ada &lt;ada@example.com&gt;." in page
    assert "Please ask your administrator." in await text("/activate")


def test_pages_and_mails_send_people_to_the_same_apps() -> None:
    mails = NotifierSettings(mail_from="phones@example.com")
    assert Settings().download_links == mails.download_links


async def test_a5_who_has_no_code_is_sent_to_the_administrator() -> None:
    assert "ask your administrator" in await text("/activate")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/harbour-taxis"])
async def test_b1_the_sign_in_page_has_a_url_of_its_own_and_the_welcome_page_leads_there(
    path: str,
) -> None:
    assert 'name="user_id"' in await text(path)
    assert 'href="/sign-in"' in await text("/")
