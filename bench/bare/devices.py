"""A bare Litestar route that creates a device: the same questions to the broker, the same event."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import uvicorn
from litestar import Litestar, Response, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody

from bench.bare.broker import Broker, connected, guarded
from bench.bare.command import CONTENT_TYPE, envelope

ACTOR = "ada"


@post("/api/v1/contacts/{contact_id:str}/devices")
async def create(
    contact_id: FromPath[str], data: JSONBody[dict[str, Any]], state: State
) -> Response[dict[str, Any]]:
    """Create a device for a contact."""
    organization, broker = state.organization, state.broker
    prefix, device_id = f"evt.provisioning.{organization}", str(uuid4())
    accounts = data["sip_account_ids"]
    wanted = [f"{prefix}.contact.{contact_id}.>"]
    wanted += [f"{prefix}.sip_account.{account}.>" for account in accounts]
    found = {message.headers["Nats-Subject"] for message in await broker.last_of_each(wanted)}
    if not all(any(s.startswith(one[:-1]) for s in found) for one in wanted):
        raise HTTPException("There is no such contact or account.", status_code=422)
    if await broker.last_of_each([f"{prefix}.device.{device_id}.>"]):
        raise HTTPException("There is such a device.", status_code=409)
    facts = {"device_id": device_id, "contact_id": contact_id, "name": data["name"]}
    facts["sip_account_ids"] = accounts
    event = envelope(organization, f"device/{device_id}", "DeviceCreated", 1, facts, ACTOR)
    created = (
        f"{prefix}.device.{device_id}.1.DeviceCreated",
        json.dumps(event, separators=(",", ":")).encode(),
        guarded(CONTENT_TYPE, event["id"], 0, f"{prefix}.device.{device_id}"),
    )
    uses = [f"use_contact.{contact_id}", *(f"use_sip_account.{one}" for one in accounts)]
    async with state.turn:
        claims = await _used(broker, [f"claim.provisioning.{organization}.{one}" for one in uses])
        sequence = await broker.publish_batch([*claims, created])
    return _answer(facts, sequence)


async def _used(broker: Broker, subjects: list[str]) -> list[tuple[str, bytes, dict[str, str]]]:
    """One use more of each."""
    found = {m.headers["Nats-Subject"]: m for m in await broker.last_of_each(subjects) if m.headers}
    claims = []
    for subject in subjects:
        count, last = 0, "0"
        if before := found.get(subject):
            holder = json.loads(before.data)["holder"] or "users:0"
            count, last = (
                int(holder.removeprefix("users:")),
                (before.headers or {})["Nats-Sequence"],
            )
        content = json.dumps({"holder": f"users:{count + 1}"}).encode()
        claims.append((subject, content, {"Nats-Expected-Last-Subject-Sequence": last}))
    return claims


def _answer(facts: dict[str, Any], sequence: int) -> Response[dict[str, Any]]:
    headers = {
        "ETag": '"1"',
        "Switchboard-Position": f"provisioning-{sequence}",
        "Location": f"/api/v1/devices/{facts['device_id']}",
    }
    device = {"id": facts.pop("device_id"), **facts, "state": "waiting"}
    device |= {"configuration_revision": 1, "fetched_revision": None}
    return Response(device, headers=headers)


def app(url: str, seed: str, organization: str) -> Litestar:
    """The app, connected while it runs."""

    @asynccontextmanager
    async def broker(running: Litestar) -> AsyncIterator[None]:
        async with connected(url, seed) as opened:
            running.state.broker = opened
            yield

    state = State({"organization": organization, "turn": asyncio.Lock()})
    return Litestar(
        [create], state=state, lifespan=[broker], logging_config=None, openapi_config=None
    )


if __name__ == "__main__":
    url, seed, organization, port = sys.argv[1:]
    uvicorn.run(
        app(url, seed, organization),
        port=int(port),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
