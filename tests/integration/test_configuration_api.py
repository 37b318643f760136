"""Softphones with a token: they fetch what is new, and forget what they may not have; on fakes."""

import pytest

from schemas.provisioning import (
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
)
from tests.integration.activation_scene import (
    ACCOUNT,
    ACTIVATION,
    BLANK,
    PASSWORD,
    SECRET,
    Installation,
    leaves,
    revision,
    sits_down,
)

pytest_plugins = ["tests.integration.activation_fixtures"]


async def test_c_a_configuration_is_fetched_again_only_when_it_is_new(here: Installation) -> None:
    token = await here.token()
    answer = await here.fetch(token)
    assert answer.headers["ETag"] == '"1"'
    same = await here.fetch(token, **{"If-None-Match": '"0", W/"1"'})
    assert (same.status_code, same.content) == (304, b"")
    assert here.events("DeviceConfigurationFetched") == []
    await here.happens(revision(2))
    for _ in range(2):
        newer = await here.fetch(token, **{"If-None-Match": '"1"'})
        assert (newer.status_code, newer.headers["ETag"]) == (200, '"2"')
    assert [e["revision"] for e in here.events("DeviceConfigurationFetched")] == [2]


@pytest.mark.parametrize("token", ["", "x" * 43, "x" * 5000])
async def test_a_token_that_never_was_gives_nothing(here: Installation, token: str) -> None:
    assert (await here.fetch(token)).status_code == 401
    assert (await here.client.get("/api/v1/configuration")).status_code == 401
    if token:
        assert (await here.client.get(f"/c/{token}")).status_code == 404


async def test_i10_a_deactivated_device_gets_four_blank_slots(here: Installation) -> None:
    token = await here.token()
    await here.happens(DeviceDeactivated(device_id="d1", reason="lost"), revision(2))
    for answer in (await here.fetch(token), await here.client.get(f"/c/{token}")):
        assert answer.status_code == 200
        assert answer.json()["accounts"] == BLANK
        assert answer.headers["ETag"] == '"2-blank"'
    assert [e["revision"] for e in here.events("DeviceConfigurationFetched")] == [2]


async def test_i10_a_removed_device_gets_blank_slots_whichever_revision_it_has(
    here: Installation,
) -> None:
    token = await here.token()
    has = {"If-None-Match": (await here.fetch(token)).headers["ETag"]}
    await here.happens(DeviceRemoved(device_id="d1"))
    by_address = await here.client.get(f"/c/{token}", headers=has)
    for answer in (await here.fetch(token, **has), by_address):
        assert (answer.status_code, answer.json()["accounts"]) == (200, BLANK)
    blank = {"If-None-Match": by_address.headers["ETag"]}
    assert (await here.fetch(token, **blank)).status_code == 304


async def test_i16_deactivation_closes_the_secrets_before_the_read_models_know(
    here: Installation,
) -> None:
    token = await here.token()
    await here.happens(DeviceDeactivated(device_id="d1", reason="lost"), seen=False)
    answer = await here.fetch(token)
    assert PASSWORD not in answer.text
    assert answer.status_code == 503


async def test_a45_a_reactivated_device_needs_its_new_code(here: Installation) -> None:
    token, old = await here.token(), await here.code()
    await here.happens(DeviceDeactivated(device_id="d1", reason="admin"), revision(2))
    await here.happens(DeviceReactivated(device_id="d1"), revision(3))
    shown = (await here.get(ACTIVATION)).json()
    assert (shown["status"], shown["generation"]) == ("waiting", 2)
    assert (await here.fetch(token)).status_code == 401
    assert (await here.client.get(f"/c/{token}")).json()["accounts"] == BLANK
    assert (await here.activate(old)).status_code == 404
    assert (await here.activate(shown["code"])).status_code == 200


async def test_a_phone_that_was_replaced_is_told_to_forget_its_accounts(
    here: Installation,
) -> None:
    old = await here.token()
    code = (await here.post(f"{ACTIVATION}/reissue")).json()["code"]
    assert (await here.fetch(old)).json()["accounts"][0]["password"] == PASSWORD
    assert (await here.activate(code, "new phone")).status_code == 200
    assert (await here.fetch(old)).status_code == 401
    answer = await here.client.get(f"/c/{old}", headers={"If-None-Match": '"1"'})
    assert (answer.status_code, answer.json()["accounts"]) == (200, BLANK)


async def test_a_hot_desks_phone_gets_the_guests_accounts_and_its_own_back(
    here: Installation,
) -> None:
    token = await here.token()
    first = await here.fetch(token)
    await here.happens(
        ACCOUNT.model_copy(update={"sip_account_id": "a2", "username": "2002"}),
        SECRET.model_copy(update={"sip_account_id": "a2"}),
    )
    await here.at_the_desk(sits_down("x1", "a2"))
    seated = await here.fetch(token, **{"If-None-Match": first.headers["ETag"]})
    assert [a.get("username") for a in seated.json()["accounts"]] == ["2002", None, None, None]
    assert seated.json()["revision"] == first.json()["revision"] + 1
    assert (await here.fetch(token, **{"If-None-Match": seated.headers["ETag"]})).status_code == 304
    (noted,) = here.events("DeviceConfigurationFetched")
    assert (noted["revision"], noted["guest_changes"]) == (2, 1)
    await here.at_the_desk(leaves("x1"))
    again = await here.fetch(token, **{"If-None-Match": seated.headers["ETag"]})
    assert again.json()["accounts"] == first.json()["accounts"]
    assert again.json()["revision"] == first.json()["revision"] + 2
