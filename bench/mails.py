"""Mails per second through a mail server on this machine, beside bare aiosmtplib."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.measuring import Bench, Line
from bench.processes import HOST
from bench.product import administrator, product
from chassis.jetstream.nats_connection import connect
from chassis.jetstream.nkeys import existing_seed
from switchboard.demo.client import Client

LEAST_RATIO = 0.04
DEVICES = 10
AT_ONCE = 8
LONGEST_SECONDS = 300
SENDER = "phones@demo.example"


@dataclass
class Sink:
    """A mail server that keeps what it is given."""

    mails: list[tuple[float, str, bytes]] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - named by aiosmtpd
        """Answer the SMTP command DATA."""
        content = envelope.original_content or b""
        self.mails.append((time.perf_counter(), envelope.rcpt_tos[0], content))
        return "250 Taken"

    async def rate(self, number: int) -> float:
        """Wait for so many more mails; answers how many came per second."""
        wanted = len(self.mails) + number
        async with asyncio.timeout(LONGEST_SECONDS):
            while len(self.mails) < wanted:  # noqa: ASYNC110 - a look now and then disturbs least
                await asyncio.sleep(0.05)
        moments = [moment for moment, *_ in self.mails[wanted - number : wanted]]
        return _rate(moments)


async def measure(bench: Bench) -> list[Line]:
    """All mails wait, then go out at once; the bare script sends the same bytes.

    It has as many connections, and knows each mail beforehand: it records and asks nothing.
    """
    number = 100 if bench.quick else 300
    async with _mail_server() as (sink, port):
        ours = await _ours(bench, sink, port, number)
        bare = await _bare(sink, port, number)
    return [
        Line(
            what="mails",
            unit="mails/s",
            ours=ours,
            bare=bare,
            ratio=ours / bare,
            least_ratio=LEAST_RATIO,
        )
    ]


async def _ours(bench: Bench, sink: Sink, port: int, number: int) -> float:
    data = bench.folder / "mails"
    environment = {
        "NOTIFIER_SMTP_HOST": HOST,
        "NOTIFIER_SMTP_PORT": str(port),
        "NOTIFIER_MAILS_AT_ONCE": str(AT_ONCE),
    }
    async with product(data, **environment) as program, administrator(program, data) as client:
        devices = [await _device(client, n) for n in range(DEVICES)]
        await _pause(data, pause=True)
        for n in range(number):
            path = f"/api/v1/activations/{devices[n % DEVICES]}/instructions"
            await client.command(path, {}, once=str(n))
            bench.report("mails: asking", n, number)
        await _pause(data, pause=False)
        return await sink.rate(number)


async def _pause(data: Path, *, pause: bool) -> None:
    (ports,) = (data / "nats").glob("nats-server_*.ports")
    url = json.loads(ports.read_text())["nats"][0]
    nc = await connect(url, "setup", existing_seed(data / "nats" / "keys", "setup"))
    until = datetime.now(UTC) + timedelta(hours=int(pause))
    await nc.jsm().pause_consumer("NOTIFIER", "notifier-reactions-notifier", until.isoformat())
    await nc.close()


async def _bare(sink: Sink, port: int, number: int) -> float:
    mails = iter(list(sink.mails))
    await asyncio.gather(*(_hand_over(mails, port) for _ in range(AT_ONCE)))
    return _rate([moment for moment, *_ in sink.mails[number:]])


async def _hand_over(mails: Iterator[tuple[float, str, bytes]], port: int) -> None:
    async with aiosmtplib.SMTP(hostname=HOST, port=port, start_tls=False) as client:
        for _, recipient, content in mails:
            await client.mail(SENDER)
            await client.rcpt(recipient)
            await client.data(content)


def _rate(moments: list[float]) -> float:
    return (len(moments) - 1) / (moments[-1] - moments[0])


async def _device(client: Client, number: int) -> str:
    (provider,) = (await client.read("/api/v1/providers"))["items"]
    account = await client.command(
        f"/api/v1/providers/{provider['id']}/sip-accounts",
        {"friendly_name": "Desk", "username": "1", "protocol": "udp", "password": "p"},
        once=f"account {number}",
    )
    emails = [{"address": f"ada{number}@demo.example", "label": "work"}]
    person = {"first_name": "Ada", "last_name": "Lovelace", "emails": emails}
    contact = await client.command("/api/v1/contacts", person, once=f"contact {number}")
    device = await client.command(
        f"/api/v1/contacts/{contact['id']}/devices",
        {"name": "Laptop", "sip_account_ids": [account["id"]]},
        once=f"device {number}",
    )
    await client.read(f"/api/v1/activations/{device['id']}")
    return str(device["id"])


@asynccontextmanager
async def _mail_server() -> AsyncIterator[tuple[Sink, int]]:
    sink = Sink()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(sink, hostname="localhost"), host=HOST, port=0, family=socket.AF_INET
    )
    try:
        yield sink, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
