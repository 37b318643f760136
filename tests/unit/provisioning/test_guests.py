"""Guests at a desk's device count in what the device is to have, and so in the drift list."""

from pathlib import Path
from typing import Any

from chassis.testing.foreign_log import ForeignLog, project
from schemas.activation import DeviceConfigurationFetched
from schemas.event import Event
from schemas.sessions import DeskAssociated, DeskReleased
from tests.unit.provisioning.scene import Scene, scene

SEAT: dict[str, Any] = {
    "session_id": "s1",
    "user_id": "u1",
    "association_id": "x1",
    "desk_id": "k1",
}


def fetched(device: str, revision: int) -> DeviceConfigurationFetched:
    return DeviceConfigurationFetched(
        activation_id=device, device_id=device, revision=revision, format="json"
    )


async def told(here: Scene, device: str, log: ForeignLog, event: Event) -> tuple[int, bool]:
    """What is shown of a device once this is known: its revision, and whether it drifts."""
    await project(here.service.projections, here.read_models, log.record(event))
    shown = await here.get(f"/devices/{device}")
    return shown["configuration_revision"], shown["drift"]


async def test_d3_a_guest_is_a_drift_until_the_device_has_the_guests_accounts(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as here:
        device = await here.device([await here.account()])
        sessions, activation = ForeignLog(), ForeignLog()
        comes = DeskAssociated(**SEAT, device_id=device, sip_account_ids=("a1",))
        goes = DeskReleased(**SEAT, device_id=device, reason="left")
        assert await told(here, device, activation, fetched(device, 1)) == (1, False)
        assert await told(here, device, sessions, comes) == (2, True)
        assert await told(here, device, activation, fetched(device, 2)) == (2, False)
        assert await told(here, device, sessions, goes) == (3, True)
        assert await told(here, device, sessions, goes) == (3, True), "nobody leaves twice"
        assert await told(here, device, activation, fetched(device, 3)) == (3, False)
