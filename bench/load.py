"""Loading an aggregate of fifty events out of a log of a million."""

from functools import partial
from statistics import median

from bench.bare.broker import connected
from bench.filling import fill
from bench.measuring import Bench, Line, Work, milliseconds, quantile
from bench.softphones import device, histories
from chassis.cause import new_id
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.testing.nats_server import RunningNats, running_nats

MOST_MILLISECONDS = 4.0
EVENTS_EACH = 50
EVENTS, QUICK_EVENTS = 1_000_000, 50_000
LOADS = 400


async def measure(bench: Bench) -> list[Line]:
    """Each device's events are spread over the whole log, which is the worst case."""
    events = QUICK_EVENTS if bench.quick else EVENTS
    devices = [new_id() for _ in range(events // EVENTS_EACH)]
    async with running_nats(bench.folder / "load") as nats:
        async with nats.connected("setup") as admin:
            told = partial(_filled, bench, events)
            await fill(admin, histories(devices, EVENTS_EACH), told)
        ours, bare = await _times(bench, nats, devices)
    what = f"load {EVENTS_EACH} of {events:,} events"
    return [
        Line(
            what=f"{what}, p50",
            unit="ms",
            ours=median(ours),
            bare=median(bare),
            ratio=median(bare) / median(ours),
            most=MOST_MILLISECONDS,
        ),
        Line(what=f"{what}, p99", unit="ms", ours=quantile(ours, 0.99), bare=quantile(bare, 0.99)),
    ]


def _filled(bench: Bench, total: int, done: int) -> None:
    bench.report("load: filling the log", done, total)


async def _times(
    bench: Bench, nats: RunningNats, devices: list[str]
) -> tuple[list[float], list[float]]:
    ours, bare = list[float](), list[float]()
    chosen = devices[:: max(len(devices) // LOADS, 1)]
    async with (
        nats.connected("provisioning") as nc,
        connected(nats.url, str(nats.server.seed("provisioning"))) as broker,
    ):
        store = JetStreamEventStore(nc, "provisioning", "PROVISIONING")
        for number, device_id in enumerate(chosen):
            aggregate = device(device_id)
            loads: list[tuple[list[float], Work]] = [
                (ours, partial(store.load, aggregate)),
                (bare, partial(broker.last_of_each, [f"{aggregate.prefix}.>"])),
            ]
            # Whoever reads second finds the block in memory: take turns.
            for times, load in loads if number % 2 else reversed(loads):
                times.append(await milliseconds(load))
            bench.report("load", number, len(chosen))
    return ours, bare
