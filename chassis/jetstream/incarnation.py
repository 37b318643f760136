"""Notices that a stream was deleted and made anew: its sequences then mean something else."""

import json
from typing import Any

from chassis.event_store import BrokenHistory, StoreUnavailable
from chassis.jetstream.nats_inbox import Inbox

INCARNATION_KEY = "switchboard-incarnation"
"""In a stream's metadata: it holds, message by message, what the stream of that time held."""


def incarnation_of(info: dict[str, Any]) -> str:
    """Which log a stream is, from the broker's answer about it.

    A log that was restored whole from its archive is the same log as before.
    """
    metadata = info["config"].get("metadata") or {}
    return str(metadata.get(INCARNATION_KEY) or info["created"])


class Incarnation:
    """The creation time of a stream, asked for again after every reconnect."""

    def __init__(self, inbox: Inbox, api_prefix: str, stream: str) -> None:
        self._inbox = inbox
        self._stream = stream
        self._subject = f"{api_prefix}.STREAM.INFO.{stream}"
        self._first: str | None = None
        self._checked_at = -1

    async def created(self) -> str:
        """The stream's creation time, in the broker's words. Raises `StoreUnavailable`."""
        answer = json.loads((await self._inbox.ask(self._subject)).data)
        if error := answer.get("error"):
            raise StoreUnavailable(
                f"Stream {self._stream}: {error['description']}. Restore it with `switchboard "
                "archive import`, or run `switchboard setup` if there never was one."
            )
        return incarnation_of(answer)

    async def check(self) -> None:
        """Raise `BrokenHistory` if the stream is not the one that was there at first.

        Costs nothing while the connection lasts.
        """
        reconnects = self._inbox.nc.stats["reconnects"]
        if reconnects == self._checked_at:
            return
        created = await self.created()
        self._first = self._first or created
        if created != self._first:
            raise BrokenHistory(
                f"Stream {self._stream} was created {self._first} when this process started and "
                f"is of {created} now. Stop, and restore the log from its backup."
            )
        self._checked_at = reconnects
