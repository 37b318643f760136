"""The same with FastStream: `faststream run with_faststream:app`, STATE_FILE=devices.json set."""

import asyncio
import json
import os
from pathlib import Path

from devices import Devices
from faststream import AckPolicy, FastStream
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub

TEAM = "wallboard"
DURABLE = f"{TEAM}-subscriber-provisioning"
REQUEST_SECONDS = 1

broker = NatsBroker(
    os.environ["NATS_URL"],
    nkeys_seed=os.environ["NATS_SEED"],
    inbox_prefix=f"_INBOX_{TEAM}",
    js_options={"prefix": "JSP"},
)
app = FastStream(broker)
devices = Devices(Path(os.environ["STATE_FILE"]))


@app.on_startup
async def begin_at_the_first_unacknowledged() -> None:
    """What an earlier run did not acknowledge would otherwise come late, and out of order."""
    # Its last request must be over by then, or it would be answered in our place.
    await asyncio.sleep(REQUEST_SECONDS)
    nc = await broker.connect()
    await nc.jetstream(prefix="JSP").reset_consumer("PROVISIONING", DURABLE)


@broker.subscriber(
    "evt.provisioning.*.device.*.*.*",
    stream=JStream("PROVISIONING", declare=False),
    durable=DURABLE,
    # One at a time: what one pull brings is handled side by side, in no order.
    pull_sub=PullSub(batch_size=1, timeout=REQUEST_SECONDS),
    ack_policy=AckPolicy.MANUAL,
)
async def on_device_event(message: NatsMessage) -> None:
    """Store first, acknowledge after."""
    devices.take([json.loads(message.body)])
    await message.ack()
