"""From asking for instructions to the mail server's word that it has the mail."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median

from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.measuring import Bench, Line, quantile
from bench.processes import HOST
from bench.product import administrator, product
from switchboard.demo.client import Client
from switchboard.demo.story import new_run

PATIENCE_SECONDS = 30


class Accepted:
    """When mail for an address was accepted."""

    def __init__(self) -> None:
        self._moments: dict[str, asyncio.Future[float]] = {}

    def expect(self, address: str) -> asyncio.Future[float]:
        """Is given the moment, by `time.perf_counter`."""
        return self._moments.setdefault(address, asyncio.get_running_loop().create_future())

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - named by aiosmtpd
        """Answer the SMTP command DATA."""
        for address in envelope.rcpt_tos:
            self.expect(address).set_result(time.perf_counter())
        return "250 Taken"


async def measure(bench: Bench) -> list[Line]:
    """One mail at a time, each to an address of its own."""
    mails, data, times = 10 if bench.quick else 100, bench.folder / "mail", list[float]()
    async with _mail_server() as (accepted, port):
        environment = {"NOTIFIER_SMTP_HOST": HOST, "NOTIFIER_SMTP_PORT": str(port)}
        async with product(data, **environment) as program, administrator(program, data) as client:
            provider = {"name": "Telecom", "sip_server": "sip.telecom.example"}
            provider_id = (await client.command("/api/v1/providers", provider))["id"]
            account_id = await _account(client, provider_id)
            for number in range(mails + 1):
                times.append(await _one(client, accepted, account_id))
                bench.report("mail", number, mails)
    del times[0]
    return [
        Line(what="instructions until mailed, p50", unit="ms", ours=median(times)),
        Line(what="instructions until mailed, p99", unit="ms", ours=quantile(times, 0.99)),
    ]


async def _account(client: Client, provider_id: str) -> str:
    body = {"friendly_name": "Desk", "username": "1001", "protocol": "udp", "password": new_run()}
    account = await client.command(f"/api/v1/providers/{provider_id}/sip-accounts", body)
    return str(account["id"])


async def _one(client: Client, accepted: Accepted, account_id: str) -> float:
    address = f"{new_run()}@demo.example"
    emails = [{"address": address, "label": "work"}]
    person = {"first_name": "Ada", "last_name": "Lovelace", "emails": emails}
    contact = await client.command("/api/v1/contacts", person)
    device = await client.command(
        f"/api/v1/contacts/{contact['id']}/devices",
        {"name": "Laptop", "sip_account_ids": [account_id]},
    )
    activation = f"/api/v1/activations/{device['id']}"
    await client.read(activation)
    moment = accepted.expect(address)
    began = time.perf_counter()
    await client.command(f"{activation}/instructions", {})
    return (await asyncio.wait_for(moment, PATIENCE_SECONDS) - began) * 1000


@asynccontextmanager
async def _mail_server() -> AsyncIterator[tuple[Accepted, int]]:
    accepted = Accepted()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(accepted, hostname="localhost"), host=HOST, port=0, family=socket.AF_INET
    )
    try:
        yield accepted, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
