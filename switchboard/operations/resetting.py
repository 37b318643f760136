"""Moves a durable to another place in its stream."""

import json

from nats.aio.client import Client

from chassis.event_store import StoreUnavailable
from chassis.jetstream.nats_inbox import Inbox
from chassis.jetstream.topology_file import Durable


async def reset_durable(nc: Client, durable: Durable, sequence: int) -> None:
    """Deliver from this sequence on. Raises `StoreUnavailable`."""
    subject = f"$JS.API.CONSUMER.RESET.{durable.stream}.{durable.name}"
    answer = await Inbox(nc).ask(subject, json.dumps({"seq": sequence}).encode())
    if error := json.loads(answer.data).get("error"):
        raise StoreUnavailable(f"Durable {durable.name}: {error['description']}.")
