"""The broker of a running product, as an operator reaches it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client.parser import text_string_to_metric_families

from chassis.jetstream.nats_connection import Connection, connect
from chassis.jetstream.nkeys import seed_file
from chassis.testing.eventually import eventually
from tests.e2e.product import Product
from tests.patient import http_to

REACTIONS = {
    "ACTIVATION": "notifier-reactions-activation",
    "NOTIFIER": "notifier-reactions-notifier",
}


@asynccontextmanager
async def operator(product: Product) -> AsyncIterator[Connection]:
    folder = product.data / "nats"
    (ports,) = folder.glob("nats-server_*.ports")
    url = json.loads(ports.read_text())["nats"][0]
    nc = await connect(url, "setup", seed_file(folder / "keys", "setup"))
    try:
        yield nc
    finally:
        await nc.close()


async def replay(product: Product) -> float:
    """Deliver everything to the notifier's reactions again; answers how many events that was."""
    before = await _reactions(product)
    async with operator(product) as nc:
        for stream, durable in REACTIONS.items():
            await nc.jetstream()._jsm.reset_consumer(stream, durable, seq=1)
        await _settled(nc)
    return await _reactions(product) - before


async def _reactions(product: Product) -> float:
    async with http_to(product.url) as http:
        metrics = text_string_to_metric_families((await http.get("/metrics")).text)
    return sum(
        sample.value
        for family in metrics
        for sample in family.samples
        if sample.name == "switchboard_reaction_seconds_count"
        and sample.labels["service"] == "notifier"
    )


async def settled(product: Product) -> None:
    """Wait until the notifier has dealt with everything."""
    async with operator(product) as nc:
        await _settled(nc)


async def forget(product: Product) -> None:
    """Delete every durable of the notifier, as if it had never been here."""
    async with operator(product) as nc:
        js = nc.jetstream()
        for stream in ("NOTIFIER", "ACTIVATION", "PROVISIONING", "SESSIONS"):
            for info in await js.consumers_info(stream):
                if info.name.startswith("notifier-"):
                    await js.delete_consumer(stream, info.name)


async def _settled(nc: Connection) -> None:
    async def nothing_waits() -> bool:
        for stream, durable in REACTIONS.items():
            now = await nc.jetstream().consumer_info(stream, durable)
            if now.num_pending or now.num_ack_pending:
                return False
        return True

    await eventually(nothing_waits, 60)
