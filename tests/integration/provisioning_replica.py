"""One replica of provisioning in a process of its own: it revises one device many times at once.

Run as `python -m tests.integration.provisioning_replica URL SEED COUNT`; it begins when it is told
to by a line on standard input, and says what became of each command.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from chassis.cause import Cause, new_id
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import StoreUnavailable
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.nats_connection import connect
from services.provisioning.domain.aggregates import device_of, sip_account_of
from services.provisioning.domain.device import ReviseDevice, device
from services.provisioning.domain.sip_account import AddSipAccount, sip_account
from services.provisioning.uses import uses_of

ORGANIZATION, PROVIDER, DEVICE = "acme", "p1", "d1"


def revised() -> Intent[object, object]:
    """One more revision of the one device."""
    command = ReviseDevice(DEVICE, "provider")
    return Intent(device_of(ORGANIZATION, DEVICE), device, command)  # type: ignore[arg-type]  # one list of both kinds


def added() -> Intent[object, object]:
    """One more account at the one provider."""
    account_id = new_id()
    command = AddSipAccount(
        sip_account_id=account_id,
        provider_id=PROVIDER,
        provider_exists=True,
        friendly_name="Desk",
        username="1001",
        protocol="udp",
        secret=None,
        password_entered_on_device=True,
    )
    return Intent(sip_account_of(ORGANIZATION, account_id), sip_account, command)  # type: ignore[arg-type]  # one list of both kinds


async def race(url: str, seed: str, count: int) -> list[str]:
    """What became of each command: "done", or why not."""
    nc = await connect(url, "provisioning", Path(seed))
    store = JetStreamEventStore(nc, "provisioning", "PROVISIONING")
    commands = CommandHandler(store, uses_of=uses_of)

    async def one(intent: Intent[object, object]) -> str:
        try:
            await commands.handle(Cause(new_id(), datetime.now(UTC), "somebody", "race"), intent)
        except StoreUnavailable as error:
            return str(error)
        return "done"

    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    try:
        intents = [make() for make in (revised, added) for _ in range(count)]
        return list(await asyncio.gather(*map(one, intents)))
    finally:
        await nc.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(race(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
