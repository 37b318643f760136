"""Working an import through on a real log, beside raw appends of as many events."""

import time
from datetime import UTC, datetime
from functools import partial

from bench.append import change, message
from bench.bare.broker import Broker, connected
from bench.measuring import Bench, Line, in_turns, per_second
from chassis.cause import Cause, new_id, system_clock
from chassis.command_handler import CommandHandler, Intent
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.keyring import Keyring
from chassis.sealing import Sealer, create_sealing_keys
from chassis.testing.nats_server import running_nats
from chassis.testing.vault import MemoryVault
from services.provisioning.domain.aggregates import import_of, provider_of
from services.provisioning.domain.imports import StartImport, file_import
from services.provisioning.domain.provider import AddProvider, provider
from services.provisioning.importing.checking import Checking, Surroundings
from services.provisioning.importing.draft import Draft
from services.provisioning.importing.file import read
from services.provisioning.importing.staging import Staging
from services.provisioning.importing.undoing import Undoing
from services.provisioning.importing.working import Working
from services.provisioning.safe import Safe
from services.provisioning.uses import uses_of

ORGANIZATION, PROVIDER = "acme", "p1"
ROWS, ROUNDS, QUICK_ROUNDS = 250, 12, 3
EVENTS_EACH = 5
"""A contact, an account, its password, a device, and the row itself."""
IN_FLIGHT = 64
LEAST_RATIO = 0.5
HEADER = "first_name,last_name,email_work,device_name,sip_username,sip_password"


async def measure(bench: Bench) -> list[Line]:
    """Events per second. Reading and checking the file is not counted: it is done before."""
    create_sealing_keys(bench.folder / "private.json", bench.folder / "public.json")
    safe = Safe(MemoryVault(), Sealer.load(bench.folder / "public.json"))
    async with (
        running_nats(bench.folder / "imports") as nats,
        nats.connected("provisioning") as nc,
        connected(nats.url, str(nats.server.seed("provisioning"))) as broker,
    ):
        store = JetStreamEventStore(nc, "provisioning", "PROVISIONING")
        commands = CommandHandler(store, uses_of=uses_of)
        staging = Staging(MemoryVault(), Keyring.fresh())
        working = Working(commands, staging, safe, Undoing(commands), system_clock)
        command = AddProvider(PROVIDER, "Telecom", "sip.example.com")
        here = provider_of(ORGANIZATION, PROVIDER)
        await commands.handle(_cause(), Intent(here, provider, command))
        what, rounds = f"import, {ROWS} rows", QUICK_ROUNDS if bench.quick else ROUNDS
        rates = await in_turns(
            partial(_ours, working, safe),
            partial(_bare, broker),
            rounds,
            lambda n: bench.report(what, n, rounds),
        )
    return [
        Line(
            what=what,
            unit="events/s",
            ours=rates.ours,
            bare=rates.bare,
            ratio=rates.ratio,
            least_ratio=LEAST_RATIO,
        )
    ]


async def _ours(working: Working, safe: Safe) -> float:
    import_id = new_id()
    await working.staging.keep(ORGANIZATION, import_id, _drafts(import_id, safe))
    started = import_of(ORGANIZATION, import_id)
    await working.commands.handle(
        _cause(), Intent(started, file_import, StartImport(import_id, ROWS))
    )
    (history,) = await working.commands.store.load(started)
    began = time.perf_counter()
    await working.on_import_advanced(history.recorded[-1])
    return ROWS * EVENTS_EACH / (time.perf_counter() - began)


async def _bare(broker: Broker) -> float:
    messages = [message(change()) for _ in range(ROWS * EVENTS_EACH)]
    return await per_second([partial(broker.publish, *one) for one in messages], IN_FLIGHT)


def _drafts(import_id: str, safe: Safe) -> list[Draft]:
    rows = (f"First{n},Last{n},p{n}@example.com,Laptop,{n},password" for n in range(ROWS))
    around = Surroundings(ORGANIZATION, {}, PROVIDER, {})
    checking = Checking(import_id, datetime.now(UTC), around, safe)
    return checking.drafts(read("\n".join((HEADER, *rows)).encode()))


def _cause() -> Cause:
    return Cause(new_id(), datetime.now(UTC), "bench", new_id())
