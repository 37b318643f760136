"""Takes single messages out of a log, bytes and all: the one thing that ever removes an event."""

import json
from collections.abc import Awaitable, Callable

from nats.aio.client import Client

from chassis.event_store import StoreUnavailable
from chassis.jetstream.nats_inbox import PATIENCE_SECONDS, Inbox

Erase = Callable[[int], Awaitable[None]]
"""Remove the message with this sequence from the service's own log. Raises `StoreUnavailable`."""

_ALREADY_GONE = {10037, 10043, 10057}


class MayNotErase(Exception):
    """This process has no right to remove anything from a log; a worker of the service has."""


async def nothing_is_erased(sequence: int) -> None:
    """For processes without that right. Raises `MayNotErase`."""
    raise MayNotErase(f"{sequence} stays: only the worker of a service erases from its log.")


def erasing(
    nc: Client, stream: str, *, api_prefix: str = "JSP", patience: float = PATIENCE_SECONDS
) -> Erase:
    """Erase from a stream, on a connection whose user may do that and nothing else."""
    inbox = Inbox(nc, patience)

    async def erase(sequence: int) -> None:
        subject = f"{api_prefix}.STREAM.MSG.DELETE.{stream}"
        answer = await inbox.ask(subject, json.dumps({"seq": sequence}).encode())
        error = json.loads(answer.data).get("error")
        if error and error.get("err_code") not in _ALREADY_GONE:
            raise StoreUnavailable(f"The broker did not erase {sequence} of {stream}: {error}")

    return erase
