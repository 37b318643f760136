"""Sign-ins and heartbeats beside what they store, and ten thousand sessions in memory."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from os import getpid

from bench.bare import sessions as bare
from bench.bare.broker import Broker, connected
from bench.call_centre import ORGANIZATION, PHRASE, CallCentre, call_centre
from bench.measuring import Bench, Line, Rates, Round, Work, in_turns, per_second
from chassis.cause import new_id
from chassis.testing.nats_server import RunningNats, running_nats
from services.sessions.settings import Settings

PEOPLE, IN_FLIGHT = 48, 16
MANY, FEW = 10_000, 500
MEMORY_KIB: int = Settings.model_fields["password_memory_kib"].default


async def measure(bench: Bench) -> list[Line]:
    """Rates side by side, then the memory of many sessions."""
    rounds = 3 if bench.quick else 15
    folder = bench.folder / "sessions"
    async with (
        running_nats(folder) as nats,
        call_centre(nats, folder) as here,
        connected(nats.url, str(nats.server.seed("sessions")), "sessions") as broker,
    ):
        agents = await here.people(PEOPLE, "agent")
        lines = [
            await _sign_ins(bench, here, broker, agents, rounds),
            await _hashed(bench, here, agents, rounds),
            await _beats(bench, here, broker, agents, rounds),
        ]
        return lines + await _in_memory(bench, here, nats, FEW if bench.quick else MANY)


async def _sign_ins(
    bench: Bench, here: CallCentre, broker: Broker, agents: Sequence[str], rounds: int
) -> Line:
    async def stored() -> float:
        return await _rate([partial(bare.sign_in, broker, ORGANIZATION, one) for one in agents])

    what = f"sign-in without hashing, {IN_FLIGHT} in flight"
    ours = _signing_in(here, agents, quickly=True)
    return _line(what, "sign-ins/s", await _in_turns(bench, what, ours, stored, rounds))


async def _hashed(bench: Bench, here: CallCentre, agents: Sequence[str], rounds: int) -> Line:
    verifying = bare.Verifying(MEMORY_KIB, PHRASE)

    async def verified() -> float:
        return await _rate([verifying.verify] * len(agents))

    what = f"sign-in with argon2id of {MEMORY_KIB // 1024} MiB"
    ours = _signing_in(here, agents, quickly=False)
    return _line(what, "sign-ins/s", await _in_turns(bench, what, ours, verified, rounds))


async def _beats(
    bench: Bench, here: CallCentre, broker: Broker, agents: Sequence[str], rounds: int
) -> Line:
    leases = Broker(broker.nc, "JSP", "HEARTBEATS")
    await leases.open()
    live = [await here.sign_in(one, f"machine of {one}") for one in agents]

    async def ours() -> float:
        return await _rate([partial(here.beat, one) for one in live])

    async def by_hand() -> float:
        return await _rate([partial(bare.beat, broker, leases, ORGANIZATION, s) for s in live])

    what = f"heartbeat, {IN_FLIGHT} in flight"
    line = _line(what, "beats/s", await _in_turns(bench, what, ours, by_hand, rounds))
    for one in live:
        await here.sign_out(one)
    return line


def _signing_in(here: CallCentre, agents: Sequence[str], *, quickly: bool) -> Round:
    """Everybody signs in; signing out again is not measured."""

    async def signed_in() -> float:
        live: list[str] = []

        async def one(name: str) -> None:
            live.append(await here.sign_in(name, f"machine {new_id()}", quickly=quickly))

        rate = await _rate([partial(one, name) for name in agents])
        for session in live:
            await here.sign_out(session)
        return rate

    return signed_in


async def _in_memory(bench: Bench, here: CallCentre, nats: RunningNats, count: int) -> list[Line]:
    # An administrator may be signed in on many machines at once.
    (admin,) = await here.people(1, "administrator")
    processes = {"the broker": nats.server.pid, "the service": getpid()}
    before = {name: await _megabytes(pid) for name, pid in processes.items()}
    todo = iter(range(count))

    async def arrive() -> None:
        for number in todo:
            await here.sign_in(admin, f"machine {number}")
            bench.report(f"{count} sessions", number, count)

    await asyncio.gather(*(arrive() for _ in range(IN_FLIGHT)))
    return [
        Line(what=f"{count:,} sessions, more in {name}", unit="MB", ours=now - before[name])
        for name, pid in processes.items()
        for now in [await _megabytes(pid)]
    ]


async def _megabytes(pid: int) -> float:
    command = ["ps", "-o", "rss=", "-p", str(pid)]
    told = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=True
    )
    return int(told.stdout) * 1024 / 1e6


async def _rate(works: Sequence[Callable[[], Awaitable[object]]]) -> float:
    chosen: Sequence[Work] = works
    return await per_second(chosen, IN_FLIGHT)


async def _in_turns(bench: Bench, what: str, ours: Round, other: Round, rounds: int) -> Rates:
    return await in_turns(ours, other, rounds, lambda n: bench.report(what, n, rounds))


def _line(what: str, unit: str, rates: Rates) -> Line:
    return Line(what=what, unit=unit, ours=rates.ours, bare=rates.bare, ratio=rates.ratio)
