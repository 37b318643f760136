"""The product is killed at random moments of the story: nothing acknowledged is lost or doubled."""

import asyncio
import random
from functools import partial
from pathlib import Path

import pytest

from chassis.testing.eventually import eventually
from switchboard.demo.client import Client, Json
from switchboard.demo.story import Person, Told, new_run, tell
from tests.e2e.product import Product, running

KILLS = [pytest.param(6, marks=pytest.mark.slow), pytest.param(20, marks=pytest.mark.nightly)]
ADA = Person("Ada", "Lovelace", "ada@demo.example")


@pytest.mark.parametrize("times", KILLS)
async def test_killed_many_times_nothing_acknowledged_is_lost_and_nothing_happens_twice(
    tmp_path: Path, times: int
) -> None:
    moments, kills, stories = random.Random(20261121), 0, list[Told]()  # noqa: S311 - no secret
    async with running(tmp_path / "data") as product:
        while kills < times:
            telling = asyncio.create_task(_story(product))
            while not telling.done() and kills < times:
                await asyncio.wait({telling}, timeout=moments.uniform(0.05, 1.5))
                if not telling.done():
                    product.kill()
                    kills += 1
                    await product.start()
            stories.append(await telling)
        await _check(product, stories)


async def _story(product: Product) -> Told:
    async with product.administrator() as client:
        return await tell(client, ADA, new_run(), lambda _: None)


async def _check(product: Product, stories: list[Told]) -> None:
    async with product.administrator() as client:
        await eventually(partial(_all_activated, client, len(stories)))
        providers = await _all(client, "/api/v1/providers")
        contacts = await _all(client, "/api/v1/contacts")
        accounts = await _all(client, "/api/v1/sip-accounts")
        devices = await _all(client, "/api/v1/devices")
    told = len(stories)
    assert len([p for p in providers if not p["is_default"]]) == told
    assert len([p for p in providers if p["is_default"]]) == 1
    assert (len(contacts), len(accounts), len(devices)) == (told, told, told)
    assert {d["id"] for d in devices} == {s.configuration["device_id"] for s in stories}
    assert len({story.code for story in stories}) == told


async def _all_activated(client: Client, told: int) -> bool:
    devices = await _all(client, "/api/v1/devices")
    return [device["state"] for device in devices] == ["activated"] * told


async def _all(client: Client, path: str) -> list[Json]:
    return list((await client.read(f"{path}?limit=200"))["items"])
