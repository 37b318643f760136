"""The broker of a running product, as an operator reaches it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client.parser import text_string_to_metric_families

from chassis.jetstream.nats_connection import Connection, connect
from chassis.jetstream.nkeys import seed_file
from chassis.testing.eventually import eventually
from tests.e2e.product import Product
from tests.patient import http_to

LOGS = ("NOTIFIER", "ACTIVATION", "PROVISIONING", "SESSIONS")
COUNTED_AFTER_SECONDS = 0.2
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
    await settled(product)
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
    """Wait until every reaction and every read model has dealt with everything."""
    async with operator(product) as nc:

        async def at_rest() -> bool:
            found = await _ends(nc)
            # Looked at twice: the broker counts an event for its readers a moment after storing it.
            await asyncio.sleep(COUNTED_AFTER_SECONDS)
            return found is not None and found == await _ends(nc)

        await eventually(at_rest)


async def forget(product: Product) -> None:
    """Delete every durable of the notifier, as if it had never been here."""
    async with operator(product) as nc:
        js = nc.jetstream()
        for stream in LOGS:
            for info in await js.consumers_info(stream):
                if info.name.startswith("notifier-"):
                    await js.delete_consumer(stream, info.name)


async def _ends(nc: Connection) -> dict[str, int] | None:
    """How far each log has come, if all who read it have come as far."""
    ends = {}
    for stream in LOGS:
        ends[stream] = (await nc.jetstream().stream_info(stream)).state.last_seq
        for info in await nc.jetstream().consumers_info(stream):
            if info.num_pending or info.num_ack_pending:
                return None
    return ends
