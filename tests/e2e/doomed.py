"""Runs `switchboard` so that it, or the broker, is killed at a chosen write: `python -m` this.

The file named by `DOOM` says after how many writes, before or after the next one, whom (0: itself)
to send which signal; it is gone when that has happened. Beside it stands which writes there were.
"""

import json
import os
from pathlib import Path
from typing import Any

from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.jetstream_leases import JetStreamLeases
from chassis.jetstream.jetstream_vault import JetStreamVault
from switchboard.cli import app

FILE = Path(os.environ["DOOM"])
STEPS = ((JetStreamEventStore, "append"), (JetStreamLeases, "hold"), (JetStreamVault, "put"))


class Doom:
    """Counts writes since it was told to."""

    order, count = "", 0

    def comes(self, when: str, step: str) -> None:
        """A write is about to happen, or has happened."""
        if not FILE.exists():
            return
        if (order := FILE.read_text()) != self.order:
            self.order, self.count = order, 0
        wanted = json.loads(order)
        if when != wanted["when"]:
            return
        with FILE.with_suffix(".steps").open("a") as steps:
            steps.write(f"{step}\n")
        self.count += 1
        if self.count > wanted["left"]:
            FILE.unlink()
            os.kill(wanted["victim"] or os.getpid(), wanted["signal"])


def doom(owner: type[Any], step: str, fate: Doom) -> None:
    """Let fate see every call of this method."""
    write = getattr(owner, step)

    async def watched(self: object, *args: Any, **options: Any) -> Any:
        fate.comes("before", f"{owner.__name__}.{step}")
        done = await write(self, *args, **options)
        fate.comes("after", f"{owner.__name__}.{step}")
        return done

    setattr(owner, step, watched)


if __name__ == "__main__":
    one = Doom()
    for owner, step in STEPS:
        doom(owner, step, one)
    app()
