"""Fixtures of tests that mail over SMTP: `pytest_plugins` names this module."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.mail_scene import MAILERS
from tests.integration.scripted_mail_server import ScriptedMailServer, mail_server


@pytest.fixture
async def no_connection_is_left_open() -> AsyncIterator[None]:
    yield
    while MAILERS:
        MAILERS.pop().close()


@pytest.fixture
async def server() -> AsyncIterator[ScriptedMailServer]:
    async with mail_server() as server:
        yield server
