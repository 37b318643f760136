"""A whole command, load, decide, append, beside the raw direct get and publish."""

from collections.abc import Iterator
from functools import partial
from itertools import islice

from bench.bare.broker import Broker, connected
from bench.bare.command import change_configuration
from bench.fairness import same_messages
from bench.filling import fill
from bench.measuring import Bench, Line, Work, in_turns, per_second
from bench.softphones import ORGANIZATION, ChangeConfiguration, device, histories, softphone
from chassis.cause import Cause, new_id, system_clock
from chassis.command_handler import CommandHandler, Intent, Outcome
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.testing.nats_server import RunningNats, running_nats

LEAST_RATIO = 0.7
EVENTS = 5
"""So many are in the log of each device before the command."""
COUNTS = {1: 20, 64: 128}
"""Commands per round, by how many are in flight."""


async def measure(bench: Bench) -> list[Line]:
    """Rates with 1 and with 64 commands in flight, each for a device of its own."""
    rounds = 10 if bench.quick else 60
    devices = [new_id() for _ in range(2 + 2 * (rounds + 1) * sum(COUNTS.values()))]
    async with (
        running_nats(bench.folder / "command") as nats,
        nats.connected("provisioning") as nc,
        connected(nats.url, str(nats.server.seed("provisioning"))) as broker,
    ):
        async with nats.connected("setup") as admin:
            total = len(devices) * EVENTS
            told = partial(_filled, bench, total)
            await fill(admin, histories(devices, EVENTS), told)
        rest = iter(devices)
        handler = CommandHandler(JetStreamEventStore(nc, "provisioning", "PROVISIONING"))
        await _same_work(nats, handler, broker, rest)
        return [await _line(bench, handler, broker, rest, n, rounds) for n in COUNTS]


def _filled(bench: Bench, total: int, done: int) -> None:
    bench.report("command: filling the log", done, total)


async def _line(
    bench: Bench,
    handler: CommandHandler,
    broker: Broker,
    devices: Iterator[str],
    in_flight: int,
    rounds: int,
) -> Line:
    async def ours() -> float:
        chosen = islice(devices, COUNTS[in_flight])
        works: list[Work] = [partial(_handle, handler, one) for one in chosen]
        return await per_second(works, in_flight)

    async def bare() -> float:
        chosen = islice(devices, COUNTS[in_flight])
        return await per_second(
            [partial(change_configuration, broker, ORGANIZATION, one) for one in chosen], in_flight
        )

    what = f"command, {in_flight} in flight"
    rates = await in_turns(ours, bare, rounds, lambda n: bench.report(what, n, rounds))
    return Line(
        what=what,
        unit="commands/s",
        ours=rates.ours,
        bare=rates.bare,
        ratio=rates.ratio,
        least_ratio=LEAST_RATIO,
    )


async def _handle(handler: CommandHandler, device_id: str) -> Outcome[int]:
    cause = Cause(new_id(), system_clock(), new_id(), new_id())
    intent = Intent(device(device_id), softphone, ChangeConfiguration(device_id))
    return await handler.handle(cause, intent)


async def _same_work(
    nats: RunningNats, handler: CommandHandler, broker: Broker, devices: Iterator[str]
) -> None:
    ours = await _handle(handler, next(devices))
    bare = await change_configuration(broker, ORGANIZATION, next(devices))
    async with nats.connected("setup") as admin:
        await same_messages(admin, "PROVISIONING", ours.position.sequence, bare)
