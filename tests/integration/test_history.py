"""`history device` tells of all services, and of nobody else's device."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

from bench.filling import fill
from bench.lives import SERVICES, device_ids, lives
from bench.story import DAYS
from chassis.testing.nats_server import running_nats
from switchboard.operations.filling import filling
from switchboard.operations.operator import Operator, operating
from switchboard.operations.projections import projections_of
from switchboard.operations.shown import Shown
from switchboard.operations.timeline import timeline
from switchboard.settings import Settings

TWO_LIVES = 80


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
    async with running_nats(tmp_path / "nats") as nats:
        async with nats.connected("setup") as admin:
            for service in SERVICES:
                await fill(admin, lives(TWO_LIVES, service), lambda _: None)
        seeds = tmp_path / "nats" / "keys"
        settings = Settings(data=tmp_path, nats_url=nats.url, nats_seeds=seeds)
        with (tmp_path / "said").open("w") as said:
            console = Console(file=said)
            async with operating(settings, Shown(out=console, err=console)) as one:
                yield one


async def test_a_device_has_its_story_from_every_service_with_its_desk_and_guests(
    operator: Operator,
) -> None:
    for service in ("notifier", "sessions"):
        await (await operator.read_models(service)).open()
        async with filling(operator, service, projections_of(service), 1) as live:
            await live.caught_up(lambda _done, _of: None)
    mine, other = device_ids(TWO_LIVES)
    found = await timeline(operator, mine)
    told = Counter(one.event.short_name for one in found.events)
    assert {one.envelope.type.split(".")[0] for one in found.events} == set(SERVICES)
    assert (told["DeviceCreated"], told["NotificationSent"], told["DeskConfigured"]) == (1, 1, 1)
    assert (told["DeskAssociated"], told["DeskReleased"]) == (DAYS, DAYS)
    assert other not in "".join(one.envelope.model_dump_json() for one in found.events)
    times = [one.envelope.time for one in found.events]
    assert times == sorted(times)
