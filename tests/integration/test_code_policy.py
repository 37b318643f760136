"""What an organization chooses in sessions is what its codes in activation live by."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chassis.testing.foreign_log import ForeignLog, project
from schemas.provisioning import DeviceCreated
from tests.integration.activation_scene import CREATED, Installation
from tests.integration.call_centre import CallCentre, call_centre

pytest_plugins = ["tests.integration.activation_fixtures"]


async def issued(centre: CallCentre, here: Installation) -> timedelta:
    """The life of the code that a new device of the call centre gets."""
    devices = ForeignLog(centre.organization_id, clock=here.clock)
    (created,) = devices.record(CREATED.model_copy(update={"device_id": f"d{here.clock():%H}"}))
    await here.service.reactions[DeviceCreated](created)
    expires_at = datetime.fromisoformat(here.events("ActivationCodeIssued")[-1]["expires_at"])
    return expires_at - here.clock()


@pytest.mark.parametrize(
    ("minutes", "life"),
    [(10, timedelta(minutes=10)), (90, timedelta(minutes=90)), (129600, timedelta(days=90))],
)
async def test_codes_live_as_long_as_the_administrator_said_in_sessions(
    here: Installation, tmp_path: Path, minutes: int, life: timedelta
) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    async with call_centre(folder) as centre:
        for said, expected in ({}, timedelta(days=7)), ({"code_lifetime_minutes": minutes}, life):
            if said:
                answer = await centre.send("PATCH", "/organization", said)
                assert answer.status_code == 200, answer.text
            await project(here.service.projections, here.read_models, centre.store.all())
            here.clock.forward(hours=1)
            assert await issued(centre, here) == expected


@pytest.mark.parametrize("minutes", [9, 129601, 0, -1])
async def test_another_life_is_refused_where_it_is_chosen(tmp_path: Path, minutes: int) -> None:
    async with call_centre(tmp_path) as centre:
        answer = await centre.send("PATCH", "/organization", {"code_lifetime_minutes": minutes})
        assert answer.status_code == 422
