"""What somebody without a code gets: nothing, in whatever way they ask."""

from typing import Any

import pytest

from schemas.provisioning import DeviceAccountsChanged
from tests.integration.activation_scene import (
    ACCOUNT,
    ACTIVATION,
    PASSWORD,
    SECRET,
    Installation,
    revision,
)

pytest_plugins = ["tests.integration.activation_fixtures"]

LOOKALIKES = str.maketrans("BCHKMPTX", "ВСНКМРТХ")  # noqa: RUF001 - Cyrillic, to be told apart
FULL_WIDTH = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})


async def test_a46_without_an_activation_code_there_is_no_configuration(here: Installation) -> None:
    client, get = here.client, here.client.get
    answers = [
        await get("/api/v1/configuration"),
        await get("/api/v1/configuration", headers={"Authorization": "Bearer d1"}),
        await get("/api/v1/configuration", headers={"Authorization": "Basic ZDE6ZDE="}),
        await get("/api/v1/devices/d1/configuration"),
        await get(ACTIVATION),
        await get(f"{ACTIVATION}/qr.png"),
        await get(f"{ACTIVATION}/instructions"),
        await get("/c/d1"),
        await get("/p/d1"),
        await here.activate("d1"),
        await client.post("/api/v1/activate", json={"installation_id": "phone"}),
    ]
    assert [one.status_code for one in answers] == [401] * 7 + [404] * 3 + [422]
    assert here.events("DeviceActivated") == []
    token = await here.token()
    assert (await here.fetch(token)).json()["accounts"][0]["password"] == PASSWORD


async def test_a48_one_code_carries_all_four_accounts(here: Installation) -> None:
    ids = ("a1", "a2", "a3", "a4")
    for one in ids[1:]:
        await here.happens(
            ACCOUNT.model_copy(update={"sip_account_id": one, "username": f"user-{one}"}),
            SECRET.model_copy(update={"sip_account_id": one}),
        )
    changed = DeviceAccountsChanged(device_id="d1", sip_account_ids=ids)
    await here.happens(changed, revision(2))
    answer = await here.activate(await here.code())
    accounts = answer.json()["configuration"]["accounts"]
    assert [one["username"] for one in accounts] == ["1001", "user-a2", "user-a3", "user-a4"]
    assert all(one["password"] == PASSWORD for one in accounts)
    fetched = await here.client.get(f"/c/{answer.json()['device_token']}?format=linphone")
    assert "Switchboard-Left-Out" not in fetched.headers


async def test_a_format_that_carries_less_says_so_in_its_answer(here: Installation) -> None:
    await here.happens(
        ACCOUNT.model_copy(update={"sip_account_id": "a2", "username": "2002"}),
        SECRET.model_copy(update={"sip_account_id": "a2"}),
        DeviceAccountsChanged(device_id="d1", sip_account_ids=("a1", "a2")),
    )
    said = "slot 2: account left out, this format holds a single one"
    exchanged = await here.client.get(f"/p/{await here.code()}?format=acrobits")
    fetched = await here.client.get(f"{exchanged.headers['Content-Location']}?format=acrobits")
    shown = await here.get("/api/v1/devices/d1/configuration?format=acrobits")
    for answer in (exchanged, fetched, shown):
        assert answer.headers["Switchboard-Left-Out"] == said
        assert said in answer.text


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "PUT", "DELETE"])
async def test_i15_other_methods_consume_nothing_and_tell_nothing(
    here: Installation, method: str
) -> None:
    code = await here.code()
    real, unreal = [
        await here.client.request(method, f"/p/{text}") for text in (code, "BCDF-GHJK-LMNP")
    ]
    assert real.status_code == unreal.status_code
    assert (real.headers, real.text) == (unreal.headers, unreal.text)
    assert here.events("DeviceActivated") == []
    assert (await here.activate(code)).status_code == 200


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda code: code.translate(FULL_WIDTH),
        lambda code: code.translate(LOOKALIKES) + "В",  # noqa: RUF001 - Cyrillic, as above
        lambda code: code + "\0",
        lambda code: f"{code}\N{COMBINING ACUTE ACCENT}",
        lambda code: code * 9,
        lambda code: code + "B" * 900_000,
        lambda code: code[:-1],
        lambda _: "",
    ],
    ids=["full width", "lookalikes", "nul", "accent", "repeated", "long", "short", "empty"],
)
async def test_i32_a_text_that_only_resembles_a_code_is_refused_like_any_other(
    here: Installation, spoilt: Any
) -> None:
    real, unreal = [
        await here.activate(spoilt(text)) for text in (await here.code(), "BCDF-GHJK-LMNP")
    ]
    usual = await here.activate("BCDF-GHJK-LMNQ")
    assert {real.status_code, unreal.status_code, usual.status_code} == {404}
    assert real.text == unreal.text == usual.text
    assert tuple(real.headers.items()) == tuple(unreal.headers.items())


async def test_no_cache_and_no_referrer_gets_what_was_exchanged(here: Installation) -> None:
    code = await here.code()
    redirected = await here.client.get(
        f"/p/{code}", headers={"Accept": "text/html"}, follow_redirects=False
    )
    scanned = await here.client.get(f"/p/{code}")
    token = scanned.headers["Content-Location"].rpartition("/")[2]
    answers = [
        redirected,
        scanned,
        await here.client.get(f"/c/{token}"),
        await here.get(ACTIVATION),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert code in redirected.headers["Location"].partition("#")[2]
