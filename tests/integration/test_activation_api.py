"""Activation over HTTP: what administrators and softphones see, on fakes."""

from typing import Any

import pytest

from chassis.auth import Principal
from chassis.event_store import ClaimChange
from chassis.reactions import RetryLater
from chassis.testing.tokens import AGENT
from schemas.provisioning import (
    DeviceCreated,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
)
from services.activation.claims import code_claim
from services.activation.exchange import REFUSED_AFTER_SECONDS
from tests.integration.activation_scene import (
    ACCOUNT,
    ACTIVATION,
    BLANK,
    CREATED,
    HOME,
    PASSWORD,
    SECRET,
    STRANGER,
    WORK,
    Installation,
    leaves,
    revision,
    sits_down,
)

pytest_plugins = ["tests.integration.activation_fixtures"]

# Administrators.


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


# Softphones with a code.


async def test_a_code_is_exchanged_for_a_token_and_the_configuration(here: Installation) -> None:
    answer = await here.activate(await here.code(), client={"name": "Softphone", "x": 1})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    activated = answer.json()
    token = activated["device_token"]
    assert activated["configuration_url"] == f"https://phones.example.com/c/{token}"
    assert activated["configuration"]["accounts"][0]["password"] == PASSWORD
    assert activated["configuration"]["accounts"][1:] == BLANK[1:]
    shown = (await here.get(ACTIVATION)).json()
    assert (shown["status"], shown["usable"]) == ("activated", False)
    assert shown["client"]["name"] == "Softphone"


async def test_i14_no_code_token_or_password_stands_in_the_log(here: Installation) -> None:
    code = await here.code()
    token = (await here.activate(code)).json()["device_token"]
    await here.post(f"{ACTIVATION}/reissue")
    await here.fetch(token)
    log = "".join(recorded.envelope.model_dump_json() for recorded in here.store.all())
    assert len(here.events("DeviceActivated")) == 1
    for secret in (code, code.replace("-", ""), token, PASSWORD, WORK):
        assert secret not in log


async def test_i32_whatever_is_wrong_with_a_code_the_answer_is_the_same(here: Installation) -> None:
    answers = [await here.activate("BCDF-GHJK-LMNP"), await here.activate("no code at all")]
    answers.append(await here.client.get("/p/BCDF-GHJK-LMNP"))
    first = await here.code()
    assert (await here.activate(first)).status_code == 200
    answers.append(await here.activate(first, "another phone"))
    second = (await here.post(f"{ACTIVATION}/reissue")).json()["code"]
    answers.append(await here.activate(first))
    here.clock.forward(days=7)
    answers.append(await here.activate(second))
    third = (await here.post(f"{ACTIVATION}/reissue")).json()["code"]
    await here.happens(DeviceDeactivated(device_id="d1", reason="lost"), revision(2))
    answers.append(await here.activate(third))
    answers.append(await here.client.get(f"/p/{third}"))
    await here.happens(DeviceRemoved(device_id="d1"))
    answers.append(await here.activate(third))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert len({tuple(answer.headers) for answer in answers}) == 1
    assert min(answer.elapsed.total_seconds() for answer in answers) >= REFUSED_AFTER_SECONDS


async def test_nonsense_is_no_code_even_where_some_device_has_the_stand_in(
    here: Installation,
) -> None:
    (state,) = await here.store.claims(code_claim(here.codes.fingerprints("BBBBBBBBBBBB")[0]))
    await here.store.append([], [ClaimChange(state, "acme/d1/1")])
    assert (await here.activate("nonsense")).status_code == 404
    assert (await here.activate("BBBB-BBBB-BBBB")).status_code == 200


async def test_a_deactivation_counts_as_soon_as_it_is_seen(here: Installation) -> None:
    token, code = await here.token(), (await here.post(f"{ACTIVATION}/reissue")).json()["code"]
    await here.happens(DeviceDeactivated(device_id="d1", reason="lost"), followed=False)
    assert (await here.activate(code, "new phone")).status_code == 404
    assert (await here.fetch(token)).json()["accounts"] == BLANK


async def test_a_missing_field_is_told_before_any_code_is_looked_at(here: Installation) -> None:
    code = await here.code()
    wrong: list[dict[str, Any]] = [{"code": code}, {"installation_id": "phone"}, {}]
    for body in wrong:
        assert (await here.client.post("/api/v1/activate", json=body)).status_code == 422
    for _ in range(20):
        assert (await here.client.get(f"/p/{code}?format=fax")).status_code == 400
    assert (await here.activate(code)).status_code == 200


async def test_i13_the_same_phone_may_repeat_for_ten_minutes(here: Installation) -> None:
    code = await here.code()
    first = (await here.activate(code)).json()["device_token"]
    here.clock.forward(minutes=9)
    second = await here.activate(code)
    assert second.status_code == 200
    assert (await here.fetch(first)).status_code == 401
    assert (await here.fetch(second.json()["device_token"])).status_code == 200
    here.clock.forward(minutes=1)
    assert (await here.activate(code)).status_code == 404


async def test_a_repeat_with_the_same_idempotency_key_gives_a_token_that_works(
    here: Installation,
) -> None:
    body = {"code": await here.code(), "installation_id": "phone"}
    headers = {"Idempotency-Key": "k"}
    for _ in range(2):
        answer = await here.client.post("/api/v1/activate", json=body, headers=headers)
        assert (await here.fetch(answer.json()["device_token"])).status_code == 200


async def test_fetching_the_provisioning_address_binds_the_phone(here: Installation) -> None:
    path = f"/p/{await here.code()}"
    phone, other = {b"User-Agent": b"Phone/1\x85"}, {b"User-Agent": b"Other/1"}
    answer = await here.client.get(path, headers=phone)
    assert answer.json()["accounts"][0]["password"] == PASSWORD
    assert (await here.client.get(path, headers=other)).status_code == 404
    assert (await here.client.get(path, headers=phone)).status_code == 200
    assert here.events("DeviceActivated")[0]["client"]["name"].startswith("Phone/1")


async def test_i15_a_browser_that_opens_the_scanned_address_consumes_nothing(
    here: Installation,
) -> None:
    code = await here.code()
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    for path in (f"/p/{code}", f"/p/{code.lower()}", "/p/nonsense"):
        answer = await here.client.get(path, headers=browser, follow_redirects=False)
        assert answer.status_code == 303
        target = "" if path.endswith("nonsense") else f"#{code}"
        assert answer.headers["Location"] == f"https://phones.example.com/activate{target}"
    assert (await here.activate(code)).status_code == 200


async def test_a_phone_gets_the_format_it_is_known_to_take(here: Installation) -> None:
    headers = {"User-Agent": "Unknown"}
    answer = await here.client.get(f"/p/{await here.code()}", headers=headers)
    assert answer.headers["content-type"].startswith("application/xml")
    assert here.events("DeviceActivated")[0]["format"] == "linphone"


async def test_the_next_address_is_told_with_the_configuration(here: Installation) -> None:
    answer = await here.client.get(f"/p/{await here.code()}")
    next_path = answer.headers["Content-Location"].removeprefix("https://phones.example.com")
    assert (await here.client.get(next_path)).json() == answer.json()


async def test_a_device_that_is_not_known_yet_keeps_its_code(here: Installation) -> None:
    await here.happens(
        DeviceCreated(device_id="d2", contact_id="c1", name="New", sip_account_ids=("a1",)),
        seen=False,
    )
    code = (await here.get("/api/v1/activations/d2")).json()["code"]
    for _ in range(15):
        answer = await here.activate(code)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert here.events("DeviceActivated") == []


async def test_a_configuration_is_never_given_without_one_of_its_passwords(
    here: Installation,
) -> None:
    second = ACCOUNT.model_copy(update={"sip_account_id": "a2"})
    missing = SECRET.model_copy(update={"sip_account_id": "a2", "secret_id": "a2"})
    created = CREATED.model_copy(update={"device_id": "d2", "sip_account_ids": ("a1", "a2")})
    await here.happens(second, missing, created)
    code = (await here.get("/api/v1/activations/d2")).json()["code"]
    assert (await here.activate(code)).status_code == 503


async def test_an_account_that_needs_no_password_of_ours_waits_for_none(
    here: Installation,
) -> None:
    typed = ACCOUNT.model_copy(update={"sip_account_id": "a2", "password_entered_on_device": True})
    disabled = ACCOUNT.model_copy(update={"sip_account_id": "a3", "enabled": False})
    created = CREATED.model_copy(update={"device_id": "d2", "sip_account_ids": ("a2", "a3")})
    await here.happens(typed, disabled, created)
    code = (await here.get("/api/v1/activations/d2")).json()["code"]
    first, *others = (await here.activate(code)).json()["configuration"]["accounts"]
    assert (first["password_required"], "password" in first) == (True, False)
    assert others == BLANK[1:]


async def test_c_wrong_codes_are_counted_and_right_ones_are_not(here: Installation) -> None:
    code = await here.code()
    for _ in range(12):
        assert (await here.activate(code)).status_code == 200
    tries = [await here.activate("BCDF-GHJK-LMNP") for _ in range(11)]
    assert [one.status_code for one in tries] == [404] * 10 + [429]
    assert tries[-1].headers["Retry-After"] == "60"
    assert (await here.activate(code)).status_code == 429
    assert (await here.client.get(f"/p/{code}")).status_code == 429
    here.clock.forward(minutes=1)
    assert (await here.activate(code)).status_code == 200


# Softphones with a token.


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


# Other services.


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


# Guests at hot desks.


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
