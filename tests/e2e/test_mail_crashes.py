"""A thousand mails while the product is killed again and again: none is missing, few come twice."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from statistics import median

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from chassis.testing.eventually import eventually
from switchboard.demo.client import Client, Json
from tests.e2e.broker import settled
from tests.e2e.product import Product, running

MAILS, DEVICES, KILLS, AT_ONCE = 1000, 20, 20, 4
SINK_SECONDS = 0.01
PATIENCE_SECONDS = 120


@dataclass
class Sink:
    """A mail server that takes a moment for each mail. While it is closed it serves nobody."""

    closed: bool = True
    mails: list[str] = field(default_factory=list)

    async def has(self, number: int) -> None:
        """Wait for so many different mails."""

        async def enough() -> bool:
            return len(set(self.mails)) >= number

        await eventually(enough, PATIENCE_SECONDS)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.closed:
            return "530 sign in first"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(SINK_SECONDS)
        assert isinstance(envelope.content, bytes)
        self.mails.append(str(message_from_bytes(envelope.content)["Message-ID"]))
        return "250 OK"


@asynccontextmanager
async def sink() -> AsyncIterator[tuple[Sink, int]]:
    taking = Sink()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(taking, hostname="sink.example", loop=loop), "127.0.0.1", 0
    )
    async with server:
        yield taking, server.sockets[0].getsockname()[1]


@pytest.mark.nightly
async def test_of_a_thousand_mails_and_twenty_kills_none_is_missing_and_doubles_are_accounted_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = random.Random(20261121)  # noqa: S311 - no secret
    async with sink() as (taking, port):
        monkeypatch.setenv("NOTIFIER_SMTP_PORT", str(port))
        monkeypatch.setenv("NOTIFIER_HOLD_SECONDS", "1")
        monkeypatch.setenv("NOTIFIER_MAILS_AT_ONCE", str(AT_ONCE))
        async with running(tmp_path / "data") as product:
            await _ask(product)
            assert taking.mails == []
            taking.closed = False
            for _ in range(KILLS):
                more = moments.randint(5, 2 * MAILS // KILLS - 10)
                await taking.has(min(len(set(taking.mails)) + more, MAILS - 5))
                await asyncio.sleep(moments.uniform(0, 0.03))
                product.kill()
                await product.start()
            await taking.has(MAILS)
            await settled(product)
            await _check(product, taking)


async def _ask(product: Product) -> None:
    async with product.administrator() as client:
        for device_id in [await _device(client, number) for number in range(DEVICES)]:
            path = f"/api/v1/activations/{device_id}/instructions"
            for number in range(MAILS // DEVICES):
                await client.command(path, {}, once=f"{device_id} {number}")


async def _device(client: Client, number: int) -> str:
    (provider,) = (await client.read("/api/v1/providers"))["items"]
    account = await client.command(
        f"/api/v1/providers/{provider['id']}/sip-accounts",
        {"friendly_name": f"Desk {number}", "username": "1", "protocol": "udp", "password": "p"},
        once=f"account {number}",
    )
    person = {"first_name": "Ada", "last_name": str(number)}
    emails = [{"address": f"ada{number}@demo.example", "label": "work"}]
    contact = await client.command(
        "/api/v1/contacts", {**person, "emails": emails}, once=f"{number}"
    )
    device = await client.command(
        f"/api/v1/contacts/{contact['id']}/devices",
        {"name": "Laptop", "sip_account_ids": [account["id"]]},
        once=f"device {number}",
    )
    await client.read(f"/api/v1/activations/{device['id']}")
    return str(device["id"])


async def _check(product: Product, taking: Sink) -> None:
    copies = Counter(taking.mails)
    async with product.administrator() as client:
        items = await _all(client)
        trails = [
            (await client.read(f"/api/v1/notifications/{item['id']}"))["trail"] for item in items
        ]
    assert len(copies) == len(items) == MAILS
    assert {item["message_id"] for item in items} == set(copies)
    twice = {mail for mail, number in copies.items() if number > 1}
    cut_off = {
        item["message_id"]
        for item, trail in zip(items, trails, strict=True)
        if any(step["what"] == "uncertain" for step in trail)
    }
    assert twice <= cut_off
    assert max(copies.values()) <= 2
    assert len(twice) <= KILLS * AT_ONCE
    assert {item["status"] for item in items} <= {"sent", "uncertain"}
    windows = sorted(filter(None, map(_window, trails)))
    print(
        f"{len(twice)} of {MAILS} mails came twice after {KILLS} kills, {len(cut_off)} were "
        f"uncertain; the window: {median(windows):.1f} ms (p50), "
        f"{windows[len(windows) * 99 // 100]:.1f} ms (p99)"
    )


async def _all(client: Client) -> list[Json]:
    items: list[Json] = []
    cursor = ""
    while True:
        page = await client.read(f"/api/v1/notifications?limit=200{cursor}")
        items += page["items"]
        if not page["next"]:
            return items
        cursor = f"&cursor={page['next']}"


def _window(trail: list[Json]) -> float | None:
    """For how many milliseconds nobody could have told whether the mail was out."""
    attempted, *after = [datetime.fromisoformat(step["at"]) for step in trail[1:]]
    return (after[0] - attempted).total_seconds() * 1000 if len(after) == 1 else None
