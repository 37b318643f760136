"""Codes over HTTP: what administrators see of them, and what other services are told; on fakes."""

import pytest

from chassis.auth import Principal
from chassis.reactions import RetryLater
from chassis.testing.tokens import AGENT
from schemas.provisioning import (
    DeviceCreated,
    DeviceDeactivated,
    DeviceRemoved,
)
from tests.integration.activation_scene import (
    ACTIVATION,
    CREATED,
    HOME,
    STRANGER,
    WORK,
    Installation,
)

pytest_plugins = ["tests.integration.activation_fixtures"]


async def test_a47_i11_a_created_device_has_a_code_at_once(here: Installation) -> None:
    answer = await here.get(ACTIVATION)
    shown = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Switchboard-Position"].startswith("activation-")
    assert len(shown["code"]) == 14
    assert shown == {
        "device_id": "d1",
        "code": shown["code"],
        "status": "waiting",
        "usable": True,
        "generation": 1,
        "expires_at": "2026-05-10T12:00:00Z",
        "activation_url": f"https://phones.example.com/activate#{shown['code']}",
        "provisioning_url": f"https://phones.example.com/p/{shown['code']}",
        "client": None,
    }


async def test_a49_the_code_is_the_same_whenever_it_is_looked_up(here: Installation) -> None:
    assert await here.code() == await here.code()


async def test_who_looked_a_code_up_is_recorded_once_a_minute(here: Installation) -> None:
    await here.get(ACTIVATION)
    await here.get(f"{ACTIVATION}/qr.png")
    other = Principal("bob", "acme", "administrator", "session-of-bob")
    await here.get(ACTIVATION, other)
    here.clock.forward(minutes=1)
    await here.get(ACTIVATION)
    assert [event["by"] for event in here.events("ActivationCodeViewed")] == ["ada", "bob", "ada"]


async def test_c_the_qr_code_is_a_picture_until_the_code_is_dead(here: Installation) -> None:
    picture = await here.get(f"{ACTIVATION}/qr.png")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    here.clock.forward(days=7)
    assert (await here.get(f"{ACTIVATION}/qr.png")).status_code == 409


@pytest.mark.parametrize("path", ["", "/qr.png"])
async def test_a_code_is_for_the_administrators_of_its_organization(
    here: Installation, path: str
) -> None:
    assert (await here.get(ACTIVATION + path, STRANGER)).status_code == 404
    assert (await here.get(ACTIVATION + path, AGENT)).status_code == 403
    assert (await here.client.get(ACTIVATION + path)).status_code == 401
    assert (await here.get("/api/v1/activations/d2" + path)).status_code == 404


async def test_a51_instructions_go_to_the_address_at_work_unless_others_are_named(
    here: Installation,
) -> None:
    answer = await here.post(f"{ACTIVATION}/instructions")
    assert answer.status_code == 202
    named = await here.post(f"{ACTIVATION}/instructions", {"addresses": [HOME.upper()]})
    assert named.status_code == 202
    first, second = here.events("ActivationRequested")
    assert first["request_id"] == answer.json()["request_id"] != second["request_id"]
    assert (first["address_ids"], second["address_ids"]) == (["e-work"], ["e-home"])
    assert (first["contact_id"], first["language"], first["generation"]) == ("c1", "de", 1)


async def test_instructions_go_to_nobody_else(here: Installation) -> None:
    path = f"{ACTIVATION}/instructions"
    foreign = await here.post(path, {"addresses": [WORK, "eve@example.com"]})
    assert foreign.status_code == 422
    assert foreign.json()["errors"][0]["field"] == "addresses.1"
    assert (await here.post(path, {"addresses": []})).status_code == 422
    assert (await here.post("/api/v1/activations/d2/instructions")).status_code == 404
    assert (await here.post(path, who=STRANGER)).status_code == 404
    assert here.events("ActivationRequested") == []


async def test_instructions_with_a_dead_code_are_refused(here: Installation) -> None:
    here.clock.forward(days=7)
    assert (await here.post(f"{ACTIVATION}/instructions")).status_code == 409


async def test_i17_a_reissued_code_works_and_the_earlier_one_fails_at_once(
    here: Installation,
) -> None:
    old = await here.code()
    answer = await here.post(f"{ACTIVATION}/reissue")
    assert answer.status_code == 200
    assert (answer.json()["generation"], answer.json()["status"]) == (2, "waiting")
    assert (await here.activate(old)).status_code == 404
    assert (await here.activate(answer.json()["code"])).status_code == 200


async def test_an_administrator_sees_the_configuration_without_passwords(
    here: Installation,
) -> None:
    answer = await here.get("/api/v1/devices/d1/configuration")
    assert answer.json()["accounts"][0]["password"] == "********"
    foreign = await here.get("/api/v1/devices/d1/configuration", STRANGER)
    assert foreign.status_code == 404
    await here.happens(DeviceRemoved(device_id="d1"))
    assert (await here.get("/api/v1/devices/d1/configuration")).status_code == 404


async def test_a_code_is_told_to_the_notifier_when_it_sends(here: Installation) -> None:
    told, shown = await here.ask(), (await here.get(ACTIVATION)).json()
    assert told == {
        name: shown[name] for name in ("code", "activation_url", "provisioning_url", "expires_at")
    }


async def test_of_a_dead_code_only_the_reason_is_told(here: Installation) -> None:
    assert await here.ask(2) == {"dead": "unknown"}
    await here.token()
    assert await here.ask() == {"dead": "used"}
    await here.post(f"{ACTIVATION}/reissue")
    assert await here.ask() == {"dead": "revoked"}
    here.clock.forward(days=7)
    assert await here.ask(2) == {"dead": "expired"}


async def test_a_reaction_that_has_overtaken_another_is_tried_again(here: Installation) -> None:
    created = CREATED.model_copy(update={"device_id": "d2"})
    first, stopped = here.log.record(created, DeviceDeactivated(device_id="d2", reason="lost"))
    with pytest.raises(RetryLater):
        await here.service.reactions[DeviceDeactivated](stopped)
    await here.service.reactions[DeviceCreated](first)
    await here.service.reactions[DeviceDeactivated](stopped)
    assert (await here.get("/api/v1/activations/d2")).json()["status"] == "revoked"
