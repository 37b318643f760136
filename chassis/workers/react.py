"""Reacts to the events of one log, for as long as its durable is there."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from faststream import AckPolicy
from faststream.nats import ConsumerConfig, JStream, NatsMessage, PullSub
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from chassis.cause import Clock, system_clock
from chassis.feed import DurableMissing
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.reactions import Reactions
from chassis.workers.attempts import LADDER_SECONDS, MAX_DELIVERIES, Attempts
from chassis.workers.backlog import Backlog
from chassis.workers.service_broker import ServiceBroker

WATCH_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class Reactor:
    """Pulls events from `<service>-reactions-<stream>`, up to `at_once` of them, and settles each.

    A few replicas may share the durable: each event goes to one of them. Order is kept only where
    one replica runs and takes one at once. It calls `beat` every few seconds.
    """

    def __init__(
        self,
        nc: Client,
        service: str,
        stream: str,
        reactions: Reactions,
        metrics: WorkerMetrics,
        *,
        ladder: Sequence[float] = LADDER_SECONDS,
        max_deliveries: int = MAX_DELIVERIES,
        at_once: int = 1,
        api_prefix: str = "JSP",
        beat: Callable[[], object] = lambda: None,
        clock: Clock = system_clock,
    ) -> None:
        self.service = service
        self.stream = stream
        self.durable = f"{service}-reactions-{stream.lower()}"
        self.failure: str | None = None
        self.broker = ServiceBroker(nc, api_prefix)
        self._js = nc.jetstream(prefix=api_prefix)
        self._backlog = Backlog(nc, service, stream, metrics, api_prefix, clock)
        self._beat = beat
        self._stopping = asyncio.Event()
        self._attempts = Attempts(
            nc,
            service,
            reactions,
            metrics,
            ladder=ladder,
            max_deliveries=max_deliveries,
            api_prefix=api_prefix,
            clock=clock,
        )
        filters = [f"evt.{stream.lower()}.*.*.*.*.{event.short_name}" for event in reactions]
        for _ in range(at_once):
            self._subscribe(filters)

    def _subscribe(self, filters: list[str]) -> None:
        @self.broker.subscriber(
            config=ConsumerConfig(filter_subjects=filters),
            stream=JStream(self.stream, declare=False),
            durable=self.durable,
            # Of a bigger batch the next one would wait for the slowest of the last.
            pull_sub=PullSub(batch_size=1),
            ack_policy=AckPolicy.MANUAL,
            inbox_prefix=f"_INBOX_{self.service}.".encode(),
            title=self.durable,
        )
        async def settle(message: NatsMessage) -> None:
            await self._attempts.settle(message.raw_message)

    async def run(self) -> None:
        """React until `stop()`. Never raises: `failure` says what is wrong."""
        try:
            while not self._stopping.is_set():
                await self._look_after()
                self._beat()
                await self._pause(WATCH_SECONDS)
        finally:
            await self.broker.stop()

    async def check(self) -> str | None:
        """For readiness: None, or what is wrong."""
        return self.failure

    def stop(self) -> None:
        """End `run()` after the reaction under way."""
        self._stopping.set()

    async def _look_after(self) -> None:
        try:
            info = await self._js.consumer_info(self.stream, self.durable)
            if not self.broker.running:
                await self.broker.start()
            await self._backlog.show(info)
            self.failure = None
        except NotFoundError:
            # FastStream would ask for the next event again and again, as fast as it can.
            await self.broker.stop()
            self._report(str(DurableMissing(self.durable, self.stream)))
        except Exception as error:
            self._report(f"JetStream does not answer ({type(error).__name__}). It is asked again.")

    def _report(self, failure: str) -> None:
        self.failure = failure
        _log.warning("reactor_interrupted", durable=self.durable, reason=failure)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
