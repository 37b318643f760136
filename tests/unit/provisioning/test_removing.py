"""A contact goes with all devices: in one step, or in steps that a repeat completes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.cause import Cause, new_id
from chassis.command_handler import Intent
from chassis.event_store import StoreUnavailable
from services.provisioning import removing
from services.provisioning.domain.aggregates import device_of, sip_account_of
from services.provisioning.domain.device import CreateDevice, device
from services.provisioning.domain.sip_account import AddSipAccount, sip_account
from tests.unit.provisioning.scene import Scene, scene


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path) as started:
        yield started


async def equip(here: Scene, contact_id: str, devices: int) -> None:
    """Give a contact devices, each with four accounts that no other has."""
    provider, organization = await here.provider(), here.who.organization
    for number in range(devices):
        accounts = tuple(f"a-{number}-{slot}" for slot in range(4))
        create = CreateDevice(f"d-{number}", contact_id, True, "Laptop", accounts)
        intents: list[Intent[Any, Any]] = [
            Intent(sip_account_of(organization, one), sip_account, _account(one, provider))
            for one in accounts
        ]
        phone: Intent[Any, Any] = Intent(device_of(organization, f"d-{number}"), device, create)
        cause = Cause(new_id(), here.fakes.clock(), "somebody", "many")
        await here.service.dependencies["commands"].handle_all(cause, *intents, phone)
    await here.project()


def _account(account_id: str, provider: str) -> AddSipAccount:
    return AddSipAccount(
        account_id, provider, True, "Desk", "1", "udp", None, password_entered_on_device=True
    )


async def test_i7_a_contact_goes_in_one_step_with_as_many_devices_as_a_batch_can_hold(
    here: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact_id = await here.contact()
    await equip(here, contact_id, removing.DEVICES_AT_ONCE)
    appends, append = [], here.store.append

    async def counted(*given: Any) -> Any:
        appends.append(given)
        return await append(*given)

    monkeypatch.setattr(here.store, "append", counted)
    assert (await here.send("POST", f"/contacts/{contact_id}/erase")).status_code == 202
    ((changes, _claims),) = appends
    assert len(changes) == removing.DEVICES_AT_ONCE + 1


@pytest.mark.parametrize("survived", [0, 1, 2])
@pytest.mark.parametrize("how", ["DELETE", "erase"])
async def test_i7_what_a_crash_between_the_steps_left_is_whole_and_a_repeat_completes_it(
    here: Scene, monkeypatch: pytest.MonkeyPatch, survived: int, how: str
) -> None:
    monkeypatch.setattr(removing, "DEVICES_AT_ONCE", 2)
    contact_id = await here.contact()
    await equip(here, contact_id, 5)
    steps, append = iter(range(10)), here.store.append

    async def dying(*given: Any) -> Any:
        if next(steps) == survived:
            raise StoreUnavailable("the process was killed here")
        return await append(*given)

    method, path = ("POST", "/erase") if how == "erase" else ("DELETE", "")
    key = {"Idempotency_Key": "once"}
    with monkeypatch.context() as dead:
        dead.setattr(here.store, "append", dying)
        cut = await here.send(method, f"/contacts/{contact_id}{path}", **key)
        assert cut.status_code == 503
    await here.settle()
    left = (await here.get(f"/devices?contact_id={contact_id}"))["items"]
    assert left, "the contact goes last, with the last devices"
    assert (await here.send("GET", f"/contacts/{contact_id}")).status_code == 200
    await here.done(method, f"/contacts/{contact_id}{path}", **key)
    assert (await here.get(f"/devices?contact_id={contact_id}"))["items"] == []
    assert (await here.get("/counts"))["devices"] == 0
    assert (await here.send("GET", f"/contacts/{contact_id}")).status_code == 404
