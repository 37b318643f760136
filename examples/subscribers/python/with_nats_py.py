"""Follows the devices of an installation: `python with_nats_py.py devices.json`."""

import asyncio
import json
import os
import sys
from pathlib import Path

import nats
from devices import Devices
from nats.errors import TimeoutError as NothingNew

TEAM = "wallboard"
DURABLE = f"{TEAM}-subscriber-provisioning"
REQUEST_SECONDS = 1


async def follow(devices: Devices, *, until_idle: bool) -> None:
    """Read from where the last run stopped, for ever or until there is nothing new."""
    nc = await nats.connect(
        os.environ["NATS_URL"],
        nkeys_seed=os.environ["NATS_SEED"],
        inbox_prefix=f"_INBOX_{TEAM}",
        max_reconnect_attempts=-1,
    )
    js = nc.jetstream(prefix="JSP")
    # What an earlier run did not acknowledge would come late, and out of order: begin with it. Its
    # last request must be over by then, or it would be answered in our place.
    await asyncio.sleep(REQUEST_SECONDS)
    await js.reset_consumer("PROVISIONING", DURABLE)
    events = await js.pull_subscribe_bind(DURABLE, stream="PROVISIONING")
    while True:
        try:
            messages = await events.fetch(100, timeout=REQUEST_SECONDS)
        except NothingNew:
            if until_idle:
                break
            continue
        devices.take(json.loads(message.data) for message in messages)
        for message in messages:
            await message.ack()
    await nc.drain()


if __name__ == "__main__":
    asyncio.run(follow(Devices(Path(sys.argv[1])), until_idle="--until-idle" in sys.argv))
