"""FastStream on the connection a service has already, with nothing left to its defaults."""

import asyncio
import logging
from contextlib import suppress
from types import TracebackType

from faststream import AckPolicy
from faststream.message import StreamMessage
from faststream.nats import NatsBroker
from faststream.nats.subscriber.usecases import PullStreamSubscriber
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError
from nats.js.client import JetStreamContext
from nats.js.errors import ServiceUnavailableError

GRACE_SECONDS = 20.0
PATIENCE_SECONDS = 1.0


class ServiceBroker(NatsBroker):
    """Starts and stops subscribers; the connection belongs to whoever made it."""

    def __init__(self, nc: Client, api_prefix: str) -> None:
        super().__init__(
            js_options={"prefix": api_prefix},
            graceful_timeout=GRACE_SECONDS,
            ack_policy=AckPolicy.MANUAL,
            decoder=_as_it_came,
            logger=logging.getLogger("faststream"),
            log_level=logging.DEBUG,
        )
        self._nc = nc

    async def _connect(self) -> Client:
        self.config.connect(self._nc)
        return self._nc

    async def start(self) -> None:
        """Start the subscribers. Raises nats' errors where a stream or durable is missing."""
        await super().start()
        for subscriber in self.subscribers:
            if isinstance(subscriber, PullStreamSubscriber) and subscriber.subscription:
                subscriber.subscription = PatientPull(subscriber.subscription)

    async def stop(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> None:
        """Wait for handlers at work, at most `GRACE_SECONDS`, and leave the connection open."""
        self._connection = None
        await super().stop(exc_type, exc_val, exc_tb)


class PatientPull(JetStreamContext.PullSubscription):
    """Waits after a pull that fails at once.

    FastStream repeats it at once: a missing durable costs it most of a core, and a closed
    connection blocks the event loop for good.
    """

    def __init__(self, pull: JetStreamContext.PullSubscription) -> None:
        self._pull = pull

    async def fetch(
        self,
        batch: int = 1,
        timeout: float | None = 5,  # noqa: ASYNC109 - nats-py's name, FastStream passes it
        heartbeat: float | None = None,
    ) -> list[Msg]:
        """As nats-py does it, but never twice in a moment."""
        try:
            return await self._pull.fetch(batch, timeout, heartbeat)
        except (ServiceUnavailableError, ConnectionClosedError):
            await asyncio.sleep(PATIENCE_SECONDS)
            raise

    async def unsubscribe(self) -> None:
        """Want no more."""
        with suppress(ConnectionClosedError):
            await self._pull.unsubscribe()


async def _as_it_came(message: StreamMessage[Msg]) -> bytes:
    # Decoding fails outside of the handler, where nobody could bury what is not JSON.
    return bytes(message.body)
