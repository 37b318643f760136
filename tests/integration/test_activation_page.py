"""The activation page in a real browser: the code of the fragment is shown, and sent nowhere."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from chassis.observing.health import Health
from chassis.web.server import serving
from tests.unit.portal.scene import portal

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--virtual-time-budget=3000",
)
CODE = "BCDF-GHJK-LMNP"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@dataclass
class Recorder:
    """The portal, and every request it got."""

    app: Any = field(default_factory=portal)
    requests: list[str] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            self.requests.append(f"{scope['path']}?{scope['query_string']!r}{scope['headers']!r}")
        await self.app(scope, receive, send)


class Page(HTMLParser):
    """What a person sees of some elements, and where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.attributes: dict[str, dict[str, str | None]] = {}
        self._texts: dict[str, str] = {}
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._inside = found.get("id") or ""
        self.attributes[self._inside] = found

    def handle_data(self, data: str) -> None:
        self._texts[self._inside] = self._texts.get(self._inside, "") + data

    def text(self, element: str) -> str:
        return self._texts[element].strip()

    def hidden(self, element: str) -> bool:
        return "hidden" in self.attributes[element]


@pytest.fixture
async def server() -> AsyncIterator[Recorder]:
    recorder, health = Recorder(), Health()
    async with serving(recorder, health=health) as url:
        recorder.url = url
        yield recorder


async def opened(address: str, profile: Path) -> Page:
    assert CHROMIUM is not None
    command = (CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", address)
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    browser = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=nothing)
    html, _ = await asyncio.wait_for(browser.communicate(), timeout=180)
    return Page(html.decode())


@pytest.mark.parametrize("fragment", [CODE, "bcdfghjklmnp", "bcdf%20ghjk%E2%80%93lmnp"])
async def test_the_code_is_shown_in_groups_and_handed_to_the_app(
    server: Recorder, tmp_path: Path, fragment: str
) -> None:
    page = await opened(f"{server.url}/activate#{fragment}", tmp_path)
    assert page.text("code") == CODE
    assert page.attributes["open"]["href"] == f"linphone-config:{server.url}/p/{CODE}"
    assert not page.hidden("with-code")
    assert page.hidden("without-code")
    assert page.hidden("wrong-code")


async def test_the_code_is_in_no_request(server: Recorder, tmp_path: Path) -> None:
    await opened(f"{server.url}/activate#{CODE}", tmp_path)
    assert [one.partition("?")[0] for one in server.requests][:1] == ["/activate"]
    paths = {one.partition("?")[0] for one in server.requests}
    others = paths - {"/activate"}
    assert "/assets/activate.js" in others
    assert {path for path in others if not path.startswith("/assets/")} == set()
    assert [one for one in server.requests if CODE[:4] in one.upper()] == []


@pytest.mark.parametrize("fragment", ["BCDF-GHJK", "%", "<b>BCDF-GHJK-LMNP</b>"])
async def test_what_is_no_code_is_not_shown_and_the_page_says_so(
    server: Recorder, tmp_path: Path, fragment: str
) -> None:
    page = await opened(f"{server.url}/activate#{fragment}", tmp_path)
    assert page.text("code") == ""
    assert page.hidden("with-code")
    assert not page.hidden("without-code")
    assert not page.hidden("wrong-code")


async def test_without_a_code_the_page_says_what_to_type(server: Recorder, tmp_path: Path) -> None:
    page = await opened(f"{server.url}/activate", tmp_path)
    assert page.hidden("with-code")
    assert page.hidden("wrong-code")
    assert not page.hidden("without-code")
