"""Tells a service which of its leases have run out, for as long as its durable is there."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.backoff import jittered
from chassis.feed import FeedInterrupted
from chassis.jetstream.jetstream_leases import PREFIX, Steadiness
from chassis.jetstream.pulls import Pulls
from chassis.leases import Expiry
from chassis.workers.at_work import at_work
from chassis.workers.crowds import Reprieves

TURN_SECONDS = 1.0
AGAIN_SECONDS = 5.0
AT_WORK_SECONDS = 1.0
AT_ONCE = 25

_log = structlog.get_logger(__name__)


class ExpiryWatch:
    """Pulls from `<service>-expiries-<stream>` and settles each end of a lease.

    What was held again since is passed on too: `ended` looks at the lease itself. Several may
    share the durable. It calls `beat` every second.
    """

    def __init__(
        self,
        nc: Client,
        service: str,
        stream: str,
        expiry: Expiry,
        *,
        api_prefix: str = "JSP",
        beat: Callable[[], object] = lambda: None,
    ) -> None:
        self.failure: str | None = None
        self._nc = nc
        self._durable = f"{service}-expiries-{stream.lower()}"
        self._subject = f"{api_prefix}.CONSUMER.MSG.NEXT.{stream}.{self._durable}"
        self._expiry = expiry
        self._steadiness = Steadiness(nc)
        self._reprieves = Reprieves(expiry.patience_seconds)
        self._in_hand: dict[str, Msg] = {}
        self._put_off = 0
        self._beat = beat
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Watch until `stop()`. Never raises: `failure` says what is wrong."""
        while not self._stopping.is_set():
            self._beat()
            if self._steadiness.seconds < self._expiry.patience_seconds:
                await self._pause(min(TURN_SECONDS, self._expiry.patience_seconds))
                continue
            await self._watch()

    async def check(self) -> str | None:
        """For readiness: None, or what is wrong."""
        return self.failure

    def stop(self) -> None:
        """End `run()` after the message under way."""
        self._stopping.set()

    async def _watch(self) -> None:
        pulls = Pulls(self._nc, self._subject)
        try:
            await pulls.start()
            async with at_work(lambda: self._unsettled(pulls), AT_WORK_SECONDS):
                while not self._stopping.is_set():
                    messages = await pulls.take(TURN_SECONDS)
                    self._beat()
                    await self._settle_all(messages)
                    self.failure = None
        except Exception as error:
            self.failure = None if isinstance(error, FeedInterrupted) else type(error).__name__
            _log.warning("expiry_watch_interrupted", durable=self._durable, reason=str(error))
            await self._pause(jittered(TURN_SECONDS))
        finally:
            self._in_hand.clear()
            await pulls.close()

    def _unsettled(self, pulls: Pulls) -> Iterator[Msg]:
        yield from pulls.waiting
        for reply in list(self._in_hand):
            # Settled in the meantime: to say that it is worked on would cut short a delay.
            if reply in self._in_hand:
                yield self._in_hand[reply]

    async def _settle_all(self, messages: Sequence[Msg]) -> None:
        self._in_hand.update((message.reply, message) for message in messages)
        # Each waits for the disk of the broker several times: a thousand in a row take minutes.
        for first in range(0, len(messages), AT_ONCE):
            async with asyncio.TaskGroup() as tasks:
                for message in messages[first : first + AT_ONCE]:
                    tasks.create_task(self._settle(message))
            self._beat()
        if self._put_off:
            _log.warning("many_leases_end_at_once", put_off=self._put_off)
            self._put_off = 0

    async def _settle(self, message: Msg) -> None:
        key = message.subject.removeprefix(f"{PREFIX}.")
        if message.data:
            if self._expiry.beaten(key):
                self._reprieves.crowd.held(key)
            await self._done(message)
        elif seconds := self._reprieve(message, key):
            self._put_off += 1
            await self._again(message, seconds)
        elif self._steadiness.seconds < self._expiry.patience_seconds:
            # Pulled before the broker was away: holders come first.
            await self._again(message, self._expiry.patience_seconds)
        else:
            await self._tell(message, key)

    def _reprieve(self, message: Msg, key: str) -> float:
        if not self._expiry.beaten(key):
            return 0.0
        metadata = message.metadata
        return self._reprieves.left(key, metadata.sequence.stream, metadata.num_delivered)

    async def _tell(self, message: Msg, key: str) -> None:
        end = message.metadata.sequence.stream
        try:
            await self._expiry.ended(key, end)
        except Exception as error:
            _log.warning("expiry_failed", key=key, reason=f"{type(error).__name__}: {error}")
            await self._again(message, jittered(AGAIN_SECONDS))
        else:
            self._reprieves.over(end)
            await self._done(message)

    async def _done(self, message: Msg) -> None:
        self._in_hand.pop(message.reply, None)
        await message.ack()

    async def _again(self, message: Msg, seconds: float) -> None:
        self._in_hand.pop(message.reply, None)
        await message.nak(delay=seconds)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
