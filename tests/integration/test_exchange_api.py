"""Softphones with a code: it is exchanged for a token and a configuration; on fakes."""

from typing import Any

from chassis.event_store import ClaimChange
from schemas.provisioning import (
    DeviceCreated,
    DeviceDeactivated,
    DeviceRemoved,
)
from services.activation.claims import code_claim
from services.activation.exchange import REFUSED_AFTER_SECONDS
from tests.integration.activation_scene import (
    ACCOUNT,
    ACTIVATION,
    BLANK,
    CREATED,
    PASSWORD,
    SECRET,
    WORK,
    Installation,
    revision,
)

pytest_plugins = ["tests.integration.activation_fixtures"]


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
