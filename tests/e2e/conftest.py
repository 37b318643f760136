"""One running product for the tests that do not break it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.product import Product, running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    async with running(tmp_path_factory.mktemp("product")) as started:
        yield started
