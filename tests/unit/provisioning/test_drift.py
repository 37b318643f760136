"""The drift list: devices that have an older configuration than the present one, or none at all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.testing.foreign_log import ForeignLog, project
from chassis.testing.tokens import ADMINISTRATOR
from schemas.activation import Client, DeviceActivated, DeviceConfigurationFetched
from schemas.event import Event
from tests.unit.provisioning.scene import Scene, scene


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as made:
        yield made


def activated(device_id: str, revision: int = 1, guests: int = 0) -> DeviceActivated:
    return DeviceActivated(
        activation_id=device_id,
        device_id=device_id,
        generation=1,
        token_fingerprint="a" * 64,
        installation_fingerprint="b" * 64,
        client=Client(),
        format="json",
        revision=revision,
        guest_changes=guests,
    )


def fetched(device_id: str, revision: int, guests: int = 0) -> DeviceConfigurationFetched:
    return DeviceConfigurationFetched(
        activation_id=device_id,
        device_id=device_id,
        revision=revision,
        guest_changes=guests,
        format="json",
    )


async def drifted(here: Scene) -> list[str]:
    return [one["id"] for one in (await here.get("/devices?drift=true"))["items"]]


async def test_d3_the_drift_list_names_who_has_an_old_configuration_or_none(here: Scene) -> None:
    activation = ForeignLog(ADMINISTRATOR.organization)

    async def happens(*events: Event) -> None:
        recorded = activation.record(*events)
        await project(here.service.projections, here.read_models, recorded)

    device = await here.device([await here.account()])
    assert await drifted(here) == [device]
    await happens(activated(device))
    assert await drifted(here) == []
    await here.done("PATCH", f"/devices/{device}", {"name": "Other"})
    assert await drifted(here) == [device]
    await happens(fetched(device, 2))
    assert await drifted(here) == []
    await here.done("POST", f"/devices/{device}/deactivate", {"reason": "lost"})
    assert await drifted(here) == [device]
    await happens(fetched(device, 3))
    assert await drifted(here) == []


async def test_d3_guests_of_a_hot_desk_are_no_drift_and_hide_none(here: Scene) -> None:
    activation = ForeignLog(ADMINISTRATOR.organization)

    async def happens(*events: Event) -> None:
        recorded = activation.record(*events)
        await project(here.service.projections, here.read_models, recorded)

    device = await here.device([await here.account()])
    await happens(activated(device, revision=5, guests=4))
    assert await drifted(here) == []
    shown = await here.get(f"/devices/{device}")
    assert (shown["configuration_revision"], shown["fetched_revision"]) == (1, 1)
    await here.done("PATCH", f"/devices/{device}", {"name": "Other"})
    await happens(fetched(device, 7, guests=6))
    assert await drifted(here) == [device]
    await happens(fetched(device, 8, guests=6))
    assert await drifted(here) == []
