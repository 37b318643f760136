"""The product is killed while it imports: every row is there once, and the rest as before."""

import asyncio
from pathlib import Path

import pytest

from switchboard.demo.client import Client
from tests.e2e.product import running

ROWS = 10_000
KILLS = 3
HEADER = "first_name,last_name,email_work,device_name,sip_username,sip_password"


def _file(rows: int) -> bytes:
    lines = (f"First{n},Last{n},p{n}@example.com,Laptop,{n},planted-password" for n in range(rows))
    return "\n".join([HEADER, *lines]).encode()


@pytest.mark.nightly
async def test_d8_killed_in_the_middle_every_row_is_imported_exactly_once(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as product:
        async with product.administrator() as client:
            started = await client.upload("/api/v1/imports", _file(ROWS))
            assert started["rows"] == ROWS
        path, seen = f"/api/v1/imports/{started['id']}", 0
        for kill in range(KILLS):
            async with product.administrator() as client:
                seen = await _until(client, path, seen + ROWS // 10)
            product.kill()
            assert seen < ROWS, f"it was over before kill {kill}"
            await product.start()
        async with product.administrator() as client:
            assert await _until(client, path, ROWS) == ROWS
            shown = await client.read(path)
            assert (shown["state"], shown["refused"]) == ("finished", 0)
            counts = await client.read("/api/v1/counts")
            names = await _usernames(client)
    assert (counts["contacts"], counts["devices"]) == (ROWS, ROWS)
    assert sorted(names, key=int) == [str(n) for n in range(ROWS)]


async def _until(client: Client, path: str, applied: int) -> int:
    while True:
        shown = await client.read(path)
        if int(shown["applied"]) >= applied and (applied < ROWS or shown["state"] == "finished"):
            return int(shown["applied"])
        await asyncio.sleep(0.05)


async def _usernames(client: Client) -> list[str]:
    names, cursor = list[str](), ""
    while True:
        page = await client.read(f"/api/v1/sip-accounts?limit=200{cursor}")
        names += [one["username"] for one in page["items"]]
        if page["next"] is None:
            return names
        cursor = f"&cursor={page['next']}"
