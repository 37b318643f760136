"""Exchanging codes, and asking for configurations that are unchanged.

An exchange is set beside a bare route that only opens a password, and beside the atomic batch of a
claim and an event that it cannot do without: the broker carries those out one after the other.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from bench.bare.broker import connected, guarded
from bench.bare.command import CONTENT_TYPE
from bench.measuring import Bench, Line, per_second, quantile
from bench.processes import HOST, Program, free_port, running
from bench.product import administrator, product
from chassis.testing.nats_server import running_nats
from switchboard.demo.client import Client

Message = tuple[str, bytes, dict[str, str]]

CONNECTIONS = 16
CODES, QUICK_CODES = 200, 60
LIMITS = {
    "ACTIVATION_FAILED_TRIES_PER_ADDRESS": "100000",
    "ACTIVATION_FAILED_TRIES_IN_ALL": "100000",
    "ACTIVATION_CODES_PER_ORGANIZATION": "100000",
}
"""All softphones here have one address, and each counts as a try until it has succeeded."""

EVENT_BYTES, CLAIM_BYTES = 1120, 90
FETCHES = 10
"""Requests for an unchanged configuration, by device."""


async def measure(bench: Bench) -> list[Line]:
    """One account a device, all codes once; then each device asks for what it has."""
    data, codes = bench.folder / "activation", QUICK_CODES if bench.quick else CODES
    async with product(data, **LIMITS) as ours, _route(bench.folder / "opens") as bare:
        async with administrator(ours, data) as client:
            wanted = [_exchange(code) for code in [c async for c in _codes(bench, client, codes)]]
        exchanges = await _all(ours, wanted, b" 200 ")
        opens = await _all(bare, wanted, b" 200 ")
        fetches = [_fetch(json.loads(answer)["device_token"]) for _, answer in exchanges.answers]
        unchanged = await _all(ours, fetches * FETCHES, b" 304 ")
    appends = await _appends(bench.folder / "appends", codes)
    return [
        Line(
            what=f"exchange a code, {CONNECTIONS} in flight",
            unit="exchanges/s",
            ours=exchanges.per_second,
            bare=opens.per_second,
            ratio=exchanges.per_second / opens.per_second,
        ),
        Line(
            what="the same, beside its batch alone",
            unit="exchanges/s",
            ours=exchanges.per_second,
            bare=appends,
            ratio=exchanges.per_second / appends,
        ),
        Line(what="the same, p99", unit="ms", ours=exchanges.p99, bare=opens.p99),
        Line(what="configuration unchanged", unit="answers/s", ours=unchanged.per_second),
        Line(what="the same, p99", unit="ms", ours=unchanged.p99),
    ]


class Run:
    """How long each request took in seconds, and its answer."""

    def __init__(self, answers: Sequence[tuple[float, bytes]], seconds: float) -> None:
        self.answers = answers
        self.per_second = len(answers) / seconds
        self.p99 = quantile((took for took, _ in answers), 0.99) * 1000


async def _all(program: Program, wanted: Sequence[bytes], status: bytes) -> Run:
    """Send each request once over some connections. Raises AssertionError for another status."""
    waiting, answers = iter(wanted), list[tuple[float, bytes]]()
    began = time.perf_counter()
    await asyncio.gather(
        *(_connection(program.port, waiting, answers, status) for _ in range(CONNECTIONS))
    )
    return Run(answers, time.perf_counter() - began)


async def _connection(
    port: int, waiting: Iterator[bytes], answers: list[tuple[float, bytes]], status: bytes
) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    for sent in waiting:
        began = time.perf_counter()
        writer.write(sent)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, found, rest = head.partition(b"content-length:")
        body = await reader.readexactly(int(rest.split(b"\r\n", 1)[0])) if found else b""
        if status not in head.split(b"\r\n", 1)[0]:
            raise AssertionError((head + body).decode(errors="replace"))
        answers.append((time.perf_counter() - began, body))
    writer.close()
    await writer.wait_closed()


def _exchange(code: str) -> bytes:
    body = json.dumps({"code": code, "installation_id": code}).encode()
    head = f"POST /api/v1/activate HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _fetch(token: str) -> bytes:
    head = f"GET /api/v1/configuration HTTP/1.1\r\nHost: {HOST}\r\n"
    return f'{head}Authorization: Bearer {token}\r\nIf-None-Match: "1"\r\n\r\n'.encode()


async def _codes(bench: Bench, client: Client, wanted: int) -> AsyncIterator[str]:
    """Codes of new devices."""
    provider = {"name": "Telecom", "sip_server": "sip.telecom.example"}
    provider_id = (await client.command("/api/v1/providers", provider))["id"]
    account = {"friendly_name": "Desk", "username": "1001", "protocol": "udp"}
    accounts = f"/api/v1/providers/{provider_id}/sip-accounts"
    account_id = (await client.command(accounts, {**account, "password": "correct-horse"}))["id"]
    emails = [{"address": "ada@demo.example", "label": "work"}]
    person = {"first_name": "Ada", "last_name": "Lovelace", "emails": emails}
    contact_id = (await client.command("/api/v1/contacts", person))["id"]
    for number in range(wanted):
        body = {"name": f"Laptop {number}", "sip_account_ids": [account_id]}
        device = await client.command(f"/api/v1/contacts/{contact_id}/devices", body)
        bench.report("activation: creating devices", number, wanted)
        yield (await client.read(f"/api/v1/activations/{device['id']}"))["code"]


async def _appends(folder: Path, count: int) -> float:
    """Batches per second of a claim and an event, as large as those of an exchange."""
    async with running_nats(folder) as nats:
        seed = str(nats.server.seed("activation"))
        async with connected(nats.url, seed, "activation") as broker:
            works = [partial(broker.publish_batch, _batch(n)) for n in range(count)]
            return await per_second(works, CONNECTIONS)


def _batch(number: int) -> list[Message]:
    subject = f"evt.activation.acme.activation.{number}"
    claim = f"claim.activation._.token.{number:064}"
    event = (f"{subject}.1.DeviceActivated", b"e" * EVENT_BYTES)
    return [
        (claim, b"h" * CLAIM_BYTES, {"Nats-Expected-Last-Subject-Sequence": "0"}),
        (*event, guarded(CONTENT_TYPE, f"{number}", 0, subject)),
    ]


@asynccontextmanager
async def _route(folder: Path) -> AsyncIterator[Program]:
    port = free_port()
    arguments = ["bench.bare.opens", str(port)]
    async with running(arguments, port, folder.with_suffix(".log"), "/") as program:
        yield program
