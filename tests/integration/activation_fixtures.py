"""Fixtures of tests that speak to activation: `pytest_plugins` names this module."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.activation_scene import Installation, installed


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Installation]:
    """Device d1 of contact c1 was just created, with one account whose password is sealed."""
    async with installed(tmp_path) as installation:
        yield installation
