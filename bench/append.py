"""Appending one event: the event store beside a raw publish of the same bytes."""

from functools import partial

from bench.bare.broker import Broker, connected, guarded
from bench.events import envelope
from bench.fairness import same_messages
from bench.measuring import Bench, Line, in_turns, per_second
from bench.softphones import device, event
from chassis.cause import new_id
from chassis.event_store import Change, History
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.testing.nats_server import RunningNats, running_nats
from schemas.envelope import CONTENT_TYPE, Envelope

LEAST_RATIO = 0.8
COUNTS = {1: 30, 64: 192}
"""Events per round, by how many are in flight: few, since a disk changes its mood quickly."""
ROUNDS = {1: 120, 64: 60}


async def measure(bench: Bench) -> list[Line]:
    """Rates with 1 and with 64 appends in flight."""
    async with (
        running_nats(bench.folder / "append") as nats,
        nats.connected("provisioning") as nc,
        connected(nats.url, str(nats.server.seed("provisioning"))) as broker,
    ):
        store = JetStreamEventStore(nc, "provisioning", "PROVISIONING")
        await _same_work(nats, store, broker)
        return [await _line(bench, store, broker, in_flight) for in_flight in COUNTS]


async def _line(bench: Bench, store: JetStreamEventStore, broker: Broker, in_flight: int) -> Line:
    async def ours() -> float:
        changes = [change() for _ in range(COUNTS[in_flight])]
        return await per_second([partial(store.append, [one]) for one in changes], in_flight)

    async def bare() -> float:
        messages = [message(change()) for _ in range(COUNTS[in_flight])]
        return await per_second([partial(broker.publish, *one) for one in messages], in_flight)

    what, rounds = f"append, {in_flight} in flight", 10 if bench.quick else ROUNDS[in_flight]
    rates = await in_turns(ours, bare, rounds, lambda n: bench.report(what, n, rounds))
    return Line(
        what=what,
        unit="events/s",
        ours=rates.ours,
        bare=rates.bare,
        ratio=rates.ratio,
        least_ratio=LEAST_RATIO,
    )


def change() -> Change:
    """The first event of a new device."""
    device_id = new_id()
    return Change(History(device(device_id)), [envelope(device(device_id), 1, event(device_id, 1))])


def message(change: Change) -> tuple[str, bytes, dict[str, str]]:
    """The same as a raw message: subject, body, headers."""
    aggregate = change.history.aggregate
    (first,) = change.envelopes
    return f"{aggregate.prefix}.1.DeviceCreated", _bytes(first), _headers(first, aggregate.prefix)


def _bytes(first: Envelope) -> bytes:
    return first.model_dump_json(exclude_none=True).encode()


def _headers(first: Envelope, prefix: str) -> dict[str, str]:
    return guarded(CONTENT_TYPE, first.id, 0, prefix)


async def _same_work(nats: RunningNats, store: JetStreamEventStore, broker: Broker) -> None:
    ours = await store.append([change()])
    bare = await broker.publish(*message(change()))
    async with nats.connected("setup") as admin:
        await same_messages(admin, "PROVISIONING", ours.sequence, bare)
