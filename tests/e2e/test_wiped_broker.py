"""The broker loses everything under a running product: nothing is made anew, all comes back."""

import asyncio
import os
import sys
from pathlib import Path

from chassis.testing.eventually import eventually
from switchboard.demo.client import Json
from switchboard.demo.story import Person, new_run, tell
from tests.e2e.broker import operator, settled
from tests.e2e.lists import lists, lists_at_rest
from tests.e2e.product import Product, running
from tests.patient import http_to

ADA = Person("Ada", "Lovelace", "ada@demo.example")
NOT_READY_SECONDS = READY_SECONDS = 120


async def test_a_wiped_broker_is_noticed_and_comes_back_from_the_archive(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as product:
        async with product.administrator() as client:
            for _ in range(2):
                await tell(client, ADA, new_run(), lambda _: None)
            before = await lists_at_rest(product, client)
            mails = await _mails(product)
            await _switchboard(product, "archive", "export")
            await _wipe(product)
            await _turns(product, 503, NOT_READY_SECONDS)
            assert await _streams(product) == []
            assert await lists(client) == before
            await _switchboard(product, "archive", "import", "--yes")
            await _turns(product, 200, READY_SECONDS)
            assert await lists(client) == before
            body = {"first_name": "Ada", "last_name": "Again", "emails": _emails()}
            assert (await client.command("/api/v1/contacts", body))["id"]
        await settled(product)
        assert await _mails(product) == mails
        await _switchboard(product, "verify")


async def test_a_product_does_not_start_on_an_empty_log_while_read_models_know_more(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data") as product:
        async with product.administrator() as client:
            before = await lists_at_rest(product, client)
        await _switchboard(product, "archive", "export")
        await _wipe(product)
        product.stop()
        code, said = await _run(product, "up")
        assert code == 1
        assert "switchboard archive import" in said
        await _switchboard(product, "archive", "import", "--yes")
        await product.start()
        async with product.administrator() as client:
            assert await lists(client) == before


def _emails() -> list[Json]:
    return [{"address": "ada@demo.example", "label": "work"}]


async def _mails(product: Product) -> int:
    async with http_to(product.url) as http:
        return len((await http.get("/dev/mailbox")).json())


async def _wipe(product: Product) -> None:
    async with operator(product) as nc:
        js = nc.jetstream()
        for stream in await js.streams_info():
            await js.delete_stream(str(stream.config.name))


async def _streams(product: Product) -> list[str]:
    async with operator(product) as nc:
        return [str(stream.config.name) for stream in await nc.jetstream().streams_info()]


async def _turns(product: Product, status: int, within: float) -> None:
    async with http_to(product.url) as http:

        async def turned() -> bool:
            return (await http.get("/readyz")).status_code == status

        await eventually(turned, within)


async def _switchboard(product: Product, *arguments: str) -> None:
    code, said = await _run(product, *arguments)
    assert code == 0, said


async def _run(product: Product, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "switchboard", *arguments),
        env={**os.environ, **product.environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 300)
    assert process.returncode is not None
    return process.returncode, " ".join(output.decode().split())
