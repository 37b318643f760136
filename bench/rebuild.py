"""`rebuild --all` of a million events beside a bare loop, and questions to a single device.

The product runs meanwhile: fifty events a second arrive in another organization, and a reader asks
for its lists all the time. Both hold for the bare loop as well.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median

from nats.aio.client import Client
from rich.console import Console

from bench.fairness import Unfair
from bench.filling import fill
from bench.lives import FIRST, SERVICES, device_ids, lives
from bench.measuring import Bench, Line, milliseconds, quantile
from bench.product import administrator, product
from bench.terminal import Ended, on_a_terminal
from bench.traffic import Seen, arriving, read_on, stopped
from chassis.jetstream.nats_connection import connect
from chassis.jetstream.nkeys import seed_file
from chassis.jetstream.topology import Topology
from chassis.testing.nats_server import RunningNats, running_nats
from switchboard.demo.client import Client as Caller
from switchboard.operations.filling import filling
from switchboard.operations.operator import Operator, operating
from switchboard.operations.projections import projections_of
from switchboard.operations.shown import Shown
from switchboard.operations.states import diff, state
from switchboard.operations.timeline import history
from switchboard.settings import Settings

EVENTS, QUICK_EVENTS = 1_000_000, 20_000
LEAST_RATIO, MOST_MEGABYTES, MOST_MILLISECONDS = 0.6, 200.0, 100.0
QUESTIONS = 60
LIVE, REBUILT = 1, 2


class NoBar(Exception):
    """A rebuild that took long drew no progress bar."""


@dataclass
class Scene:
    """The product on a long log, where it answers, and what its readers have seen."""

    data: Path
    events: int
    url: str
    admin: Client
    organization: str
    caller: Caller
    seen: Seen = field(default_factory=Seen)

    @property
    def settings(self) -> Settings:
        """What an operator's command is told."""
        return Settings(data=self.data)

    async def used_during(self, work: Callable[[], Awaitable[Ended]]) -> Ended:
        """Do something while events arrive and readers read. Raises `Older`."""
        tasks = (
            asyncio.create_task(arriving(self.admin, self.organization, self.seen)),
            asyncio.create_task(read_on(self.caller, self.seen)),
        )
        try:
            return await work()
        finally:
            await stopped(*tasks)


async def measure(bench: Bench) -> list[Line]:
    """Rate beside the bare loop, memory, and milliseconds per question."""
    events, data = QUICK_EVENTS if bench.quick else EVENTS, bench.folder / "rebuild"
    stored = await filled(bench, data, events)
    async with _scene(data, stored) as scene:
        bench.report("rebuild: the bare loop", 1, 4)
        bare = await scene.used_during(lambda: _bare(scene))
        bench.report("rebuild: ours", 2, 4)
        ours = await scene.used_during(lambda: _rebuild(scene))
        bench.report("rebuild: comparing", 3, 4)
        _same_rows(scene)
        asked = await _asked(scene, events)
    if "/s" not in ours.drawn:
        raise NoBar("`rebuild` drew no bar with a rate")
    what = f"rebuild --all of {stored:,} events"
    rates = [stored / one.seconds for one in (ours, bare)]
    return [
        Line(
            what=what,
            unit="events/s",
            ours=rates[0],
            bare=rates[1],
            ratio=rates[0] / rates[1],
            least_ratio=LEAST_RATIO,
        ),
        Line(
            what=f"{what}, memory",
            unit="MB",
            ours=ours.peak_bytes / 1e6,
            bare=bare.peak_bytes / 1e6,
            most=MOST_MEGABYTES,
        ),
        Line(what="  events that arrived meanwhile", unit="", ours=scene.seen.arrived),
        Line(what="  reads, none empty or older", unit="", ours=scene.seen.reads),
        *asked,
    ]


async def filled(bench: Bench, data: Path, events: int) -> int:
    """A log, and read models that show it; answers how many events it holds."""
    async with running_nats(data / "nats") as nats:
        stored = 0
        async with nats.connected("setup") as admin:
            for service in SERVICES:
                before = stored

                def told(done: int, before: int = before) -> None:
                    nonlocal stored
                    stored = max(stored, before + done)
                    bench.report("rebuild: filling the log", stored, events)

                await fill(admin, lives(events, service), told)
            await _passed_by(admin, nats)
        async with _operator(data, nats.url) as operator:
            for service in SERVICES:
                await _projected(bench, operator, service)
        return stored


async def _passed_by(admin: Client, nats: RunningNats) -> None:
    """No service reacts to what is there already: for its mails were sent long ago."""
    ends = await nats.contents()
    for durable in Topology.load().durables:
        if durable.kind == "reactions":
            path = f"$JS.API.CONSUMER.RESET.{durable.stream}.{durable.name}"
            after = {"seq": ends[durable.stream][0] + 1}
            answer = json.loads((await admin.request(path, json.dumps(after).encode())).data)
            if "error" in answer:
                raise Unfair(f"{durable.name} would react to old events: {answer['error']}")


async def _projected(bench: Bench, operator: Operator, service: str) -> None:
    await (await operator.read_models(service)).open()
    what = f"rebuild: read models of {service}"
    async with filling(operator, service, projections_of(service), LIVE) as live:
        await live.caught_up(lambda done, of: bench.report(what, done, of))


@asynccontextmanager
async def _operator(data: Path, url: str | None = None) -> AsyncIterator[Operator]:
    settings = Settings(data=data, nats_url=url, nats_seeds=data / "nats" / "keys")
    with (data / "said").open("w") as file:
        console = Console(file=file)
        async with operating(settings, Shown(out=console, err=console)) as operator:
            yield operator


@asynccontextmanager
async def _scene(data: Path, events: int) -> AsyncIterator[Scene]:
    async with product(data) as program, administrator(program, data) as caller:
        (ports,) = (data / "nats").glob("*.ports")
        url = json.loads(ports.read_text())["nats"][0]
        admin = await connect(url, "setup", seed_file(data / "nats" / "keys", "setup"))
        organization = (await caller.read("/api/v1/organization"))["id"]
        try:
            yield Scene(data, events, url, admin, organization, caller)
        finally:
            await admin.close()


async def _bare(scene: Scene) -> Ended:
    seed = seed_file(scene.data / "nats" / "keys", "ops")
    return await on_a_terminal(
        ["bench.plain_rebuild", scene.url, str(seed), str(scene.data / "bare")]
    )


async def _rebuild(scene: Scene) -> Ended:
    environment = {"SWITCHBOARD_DATA": str(scene.data)}
    return await on_a_terminal(["switchboard", "rebuild", "--all", "--yes"], environment)


def _same_rows(scene: Scene) -> None:
    """What readers see now is, byte for byte, what the bare loop has made. Raises `Unfair`."""
    for service in SERVICES:
        path = scene.data / "read-models" / f"{service}.sqlite"
        with sqlite3.connect(path) as database:
            live = database.execute("SELECT version FROM live").fetchone()[0]
            if live != REBUILT:
                raise Unfair(f"{service} shows version {live} after the rebuild")
            database.execute("ATTACH ? AS bare", [str(scene.data / "bare" / path.name)])
            for projection in projections_of(service):
                _same_table(database, projection.model.name, scene.organization)


def _same_table(database: sqlite3.Connection, model: str, besides: str) -> None:
    # The organization whose events still arrive is never the same twice.
    ours, bare = (
        f'SELECT * FROM {name} WHERE organization <> "{besides}"'  # noqa: S608 - our own names
        for name in (f'main."{model}.{REBUILT}"', f'bare."{model}.{LIVE}"')
    )
    for one, other in ((ours, bare), (bare, ours)):
        (more,) = database.execute(f"SELECT count(*) FROM ({one} EXCEPT {other})").fetchone()  # noqa: S608 - our own names
        if more:
            raise Unfair(f"{more} documents of {model} are not the same")


async def _asked(scene: Scene, events: int) -> list[Line]:
    devices = device_ids(events)
    chosen = devices[:: max(len(devices) // QUESTIONS, 1)]
    middle = FIRST + timedelta(days=1)
    async with _operator(scene.data) as operator:
        questions: dict[str, Callable[[str], Awaitable[object]]] = {
            "history": lambda one: history(operator, one),
            "state --at": lambda one: state(operator, "device", one, middle),
            "diff": lambda one: diff(operator, "device", one, middle, None),
        }
        return [
            _asked_line(what, [await milliseconds(partial(ask, one)) for one in chosen])
            for what, ask in questions.items()
        ]


def _asked_line(what: str, times: list[float]) -> Line:
    p50, p99 = median(times), quantile(times, 0.99)
    return Line(
        what=f"{what} of a device, p99", unit="ms", ours=p99, bare=p50, most=MOST_MILLISECONDS
    )
