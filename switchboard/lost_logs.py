"""Nothing starts on an empty log while read models know that there was more."""

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from chassis.jetstream.topology import Topology
from chassis.jetstream.topology_file import Durable
from chassis.workers.projector import LogLost
from switchboard.settings import Settings
from switchboard.stores import read_model_store


async def refuse_lost_logs(settings: Settings, topology: Topology, admin: Client) -> None:
    """Raise `LogLost` where a log is missing that read models were made from.

    An empty one in its place would be written to, and could never become the old one again.
    """
    missing = [topology.stream_of(service) for service in topology.logging]
    missing = [stream for stream in missing if not await _exists(admin, stream)]
    for durable in topology.durables:
        if durable.kind == "projector" and durable.stream in missing:
            await _refuse(settings, durable)


async def _refuse(settings: Settings, durable: Durable) -> None:
    store = settings.store_of(durable.service)
    async with read_model_store(store, settings.data, durable.service) as read_models:
        await read_models.open()
        known = await read_models.checkpoint(durable.service, durable.stream)
    if known and known.sequence:
        raise LogLost(
            f"The broker has no {durable.stream}, but the read models of {durable.service} show "
            f"{known.sequence} messages of it: the log was lost. Run `switchboard archive import "
            "--yes`, then start again. If it shall stay lost, delete the read models first."
        )


async def _exists(admin: Client, stream: str) -> bool:
    try:
        await admin.jetstream().stream_info(stream)
    except NotFoundError:
        return False
    return True
