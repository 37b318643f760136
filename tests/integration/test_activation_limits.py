"""How often codes may be tried and handed out: by address, by organization and in all."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.event_store import StoreUnavailable
from chassis.observing.health import Health
from chassis.web.server import serving
from schemas.provisioning import DeviceDeactivated
from services.activation.exchange import REFUSED_AFTER_SECONDS
from tests.integration.activation_scene import ACTIVATION, STRANGER, Installation, installed
from tests.patient import http_to

pytest_plugins = ["tests.integration.activation_fixtures"]

NOBODYS = "BCDF-GHJK-LMNP"
IN_ALL = 5
PROXY = "127.0.0.1"


class NoCounters:
    """Counters whose broker is away, once it is `gone`."""

    gone = False

    async def add(self, key: str, amount: int) -> int:
        if self.gone:
            raise StoreUnavailable("The broker is away.")
        return 1


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Installation]:
    """An installation that allows little."""
    chosen: dict[str, Any] = {
        "failed_tries_in_all": IN_ALL,
        "codes_per_organization": 4,
        "noted_tries_per_organization": 3,
    }
    async with installed(tmp_path, **chosen) as installation:
        yield installation


async def exhausted(small: Installation) -> None:
    for number in range(IN_ALL):
        assert (await small.activate_from(f"203.0.113.{number}", NOBODYS)).status_code == 404


async def test_a_right_code_passes_while_the_budget_of_all_is_exhausted_on_purpose(
    small: Installation,
) -> None:
    code = await small.code()
    await exhausted(small)
    assert (await small.activate_from("203.0.113.1", code)).status_code == 429
    assert (await small.activate_from("192.0.2.1", code)).status_code == 200


async def test_i32_while_it_is_exhausted_every_refusal_is_the_same(small: Installation) -> None:
    used = await small.code()
    assert (await small.activate(used)).status_code == 200
    second = (await small.post(f"{ACTIVATION}/reissue")).json()["code"]
    await exhausted(small)
    refused = [
        # Not looked at at all, then: of nobody, no code, replaced.
        await small.activate_from("203.0.113.1", NOBODYS),
        await small.activate_from("192.0.2.1", NOBODYS),
        await small.activate_from("192.0.2.2", "no code at all"),
        await small.activate_from("192.0.2.3", used),
    ]
    small.clock.forward(days=7)
    await exhausted(small)
    refused.append(await small.activate_from("192.0.2.4", second))
    assert {answer.status_code for answer in refused} == {429}
    assert len({answer.text for answer in refused}) == 1
    assert len({tuple(answer.headers.items()) for answer in refused}) == 1
    looked_at = [answer.elapsed.total_seconds() for answer in refused[1:]]
    assert min(looked_at) >= REFUSED_AFTER_SECONDS


async def test_an_organization_is_handed_so_many_codes_a_minute(small: Installation) -> None:
    assert (await small.get(ACTIVATION)).status_code == 200
    assert (await small.get(f"{ACTIVATION}/qr.png")).status_code == 200
    assert (await small.post(f"{ACTIVATION}/reissue")).status_code == 200
    assert (await small.post(f"{ACTIVATION}/instructions")).status_code == 202
    asked = [
        await small.get(ACTIVATION),
        await small.get(f"{ACTIVATION}/instructions"),
        await small.get(f"{ACTIVATION}/qr.svg"),
        await small.post(f"{ACTIVATION}/reissue"),
        await small.post(f"{ACTIVATION}/instructions"),
    ]
    assert [(one.status_code, one.headers["Retry-After"]) for one in asked] == [(429, "60")] * 5
    assert (await small.get(ACTIVATION, STRANGER)).status_code == 404
    assert (await small.get(f"{ACTIVATION}/trail")).status_code == 200
    small.clock.forward(minutes=1)
    assert (await small.get(ACTIVATION)).status_code == 200


async def test_what_softphones_do_takes_nothing_from_their_administrators(
    small: Installation,
) -> None:
    code = await small.code()
    for _ in range(6):
        assert (await small.activate(code)).status_code == 200
    assert (await small.get(ACTIVATION)).status_code == 200


async def test_dead_codes_of_one_organization_do_not_fill_its_log(small: Installation) -> None:
    code = await small.code()
    await small.happens(DeviceDeactivated(device_id="d1", reason="lost"))
    answers = [await small.activate_from(f"192.0.2.{number}", code) for number in range(IN_ALL)]
    assert {answer.status_code for answer in answers} == {404}
    assert len(small.events("ActivationCodeTried")) == 3


async def test_without_counters_nothing_is_exchanged_and_no_code_handed_out(
    tmp_path: Path,
) -> None:
    counters = NoCounters()
    async with installed(tmp_path, counters) as here:
        code = await here.code()
        counters.gone = True
        answers = [
            await here.activate(code),
            await here.activate(NOBODYS),
            await here.client.get(f"/p/{code}"),
            await here.get(ACTIVATION),
            await here.post(f"{ACTIVATION}/reissue"),
        ]
        assert [answer.status_code for answer in answers] == [503] * 5
        assert all("Retry-After" in answer.headers for answer in answers)
        assert here.events("DeviceActivated") == []


@pytest.mark.parametrize(("trusted", "statuses"), [("", [404, 404, 429]), (PROXY, [404] * 3)])
async def test_an_address_counts_as_it_is_unless_a_trusted_proxy_tells_another(
    tmp_path: Path, trusted: str, statuses: list[int]
) -> None:
    async with installed(tmp_path, failed_tries_per_address=2) as here:
        app, health = here.fakes.app(here.service), Health()
        async with (
            serving(app, health=health, host=PROXY, trusted_proxies=trusted) as url,
            http_to(url) as client,
        ):
            answers = [
                await client.get(f"/p/{NOBODYS}", headers={"X-Forwarded-For": f"192.0.2.{number}"})
                for number in range(3)
            ]
        assert [answer.status_code for answer in answers] == statuses
