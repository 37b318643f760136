"""Creating devices over HTTP: the provisioning service beside a bare Litestar route."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx

from bench.fairness import same_messages
from bench.http_load import per_second, request
from bench.measuring import Bench, Line, in_turns
from bench.processes import Program, free_port, running
from chassis.cause import system_clock
from chassis.signing_key import load_signing_key
from chassis.testing.nats_server import RunningNats, running_nats
from chassis.testing.tokens import ADMINISTRATOR, Tokens
from switchboard.catalogue import BLUEPRINTS
from switchboard.demo.client import Client
from switchboard.keys import Keys, create_missing

LEAST_RATIO = 0.5
COUNTS = {1: 100, 16: 400}
"""Requests per round, by how many are in flight."""


async def measure(bench: Bench) -> list[Line]:
    """Requests per second with 1 and with 16 connections."""
    folder = bench.folder / "devices"
    async with (
        running_nats(folder / "nats") as nats,
        _service(nats, folder) as ours,
        _route(nats, folder) as bare,
    ):
        token = _token(create_missing(folder / "keys", tuple(BLUEPRINTS)))
        sent = await _prepared(ours, token)
        await _same_work(nats, ours, bare, sent)
        return [await _line(bench, ours, bare, sent, connections) for connections in COUNTS]


async def _line(bench: Bench, ours: Program, bare: Program, sent: bytes, connections: int) -> Line:
    what, rounds = f"POST devices, {connections} in flight", 4 if bench.quick else 12
    count = COUNTS[connections]
    rates = await in_turns(
        lambda: per_second(ours.port, sent, count, connections),
        lambda: per_second(bare.port, sent, count, connections),
        rounds,
        lambda n: bench.report(what, n, rounds),
    )
    return Line(
        what=what,
        unit="requests/s",
        ours=rates.ours,
        bare=rates.bare,
        ratio=rates.ratio,
        least_ratio=LEAST_RATIO,
    )


@asynccontextmanager
async def _service(nats: RunningNats, folder: Path) -> AsyncIterator[Program]:
    port, keys = free_port(), create_missing(folder / "keys", tuple(BLUEPRINTS))
    environment = {
        "SWITCHBOARD_PORT": str(port),
        "SWITCHBOARD_DATA": str(folder),
        "SWITCHBOARD_NATS_URL": nats.url,
        "SWITCHBOARD_NATS_SEEDS": str(nats.server.seed("setup").parent),
        "SWITCHBOARD_JWKS": str(keys.jwks),
        "PROVISIONING_KEYRING": str(keys.keyring("provisioning")),
        "PROVISIONING_SEALING_KEYS": str(keys.sealing_public),
    }
    arguments = ["switchboard", "serve", "provisioning"]
    async with running(arguments, port, folder / "ours.log", "/readyz", environment) as program:
        yield program


@asynccontextmanager
async def _route(nats: RunningNats, folder: Path) -> AsyncIterator[Program]:
    port, seed = free_port(), str(nats.server.seed("provisioning"))
    arguments = ["bench.bare.devices", nats.url, seed, ADMINISTRATOR.organization, str(port)]
    async with running(arguments, port, folder / "bare.log", "/") as program:
        yield program


def _token(keys: Keys) -> str:
    tokens = Tokens()
    tokens.key = load_signing_key(keys.signing)
    return tokens.token(ADMINISTRATOR, expires=system_clock() + timedelta(hours=1))


async def _prepared(ours: Program, token: str) -> bytes:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=ours.url, headers=headers) as http:
        client = Client(http)
        provider = {"name": "Telecom", "sip_server": "sip.telecom.example"}
        provider_id = (await client.command("/api/v1/providers", provider))["id"]
        account = {"friendly_name": "Desk", "username": "1001", "protocol": "udp"}
        account_id = (
            await client.command(
                f"/api/v1/providers/{provider_id}/sip-accounts",
                {**account, "password_entered_on_device": True},
            )
        )["id"]
        emails = [{"address": "ada@demo.example", "label": "work"}]
        person = {"first_name": "Ada", "last_name": "Lovelace", "emails": emails}
        contact_id = (await client.command("/api/v1/contacts", person))["id"]
    body = {"name": "Laptop", "sip_account_ids": [account_id]}
    return request(f"/api/v1/contacts/{contact_id}/devices", body, token)


async def _same_work(nats: RunningNats, ours: Program, bare: Program, sent: bytes) -> None:
    async with nats.connected("setup") as admin:
        last = []
        for program in (ours, bare):
            await per_second(program.port, sent, 1, 1)
            found = await admin.jetstream().stream_info("PROVISIONING")
            last.append(found.state.last_seq)
        await same_messages(admin, "PROVISIONING", *last)
