"""One delivery after the other: reacted to, put off, tried again later and later, or buried."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from structlog.contextvars import bound_contextvars

from chassis import tracing
from chassis.backoff import jittered
from chassis.cause import Clock, system_clock
from chassis.event_store import Recorded
from chassis.observing.worker_metrics import WorkerMetrics
from chassis.reactions import Reactions, RetryLater
from chassis.reading import Unreadable, read
from chassis.workers.at_work import at_work
from chassis.workers.dead_letters import bury, letter, reason_of

LADDER_SECONDS = (0.2, 1.0, 5.0, 30.0, 120.0)
"""The longest pause before each further try. When the last one fails too, the event is buried."""

MAX_DELIVERIES = 1000
TRY_SECONDS = 300.0
AT_WORK_SECONDS = 5.0
BURIAL_PAUSE_SECONDS = 30.0
LONGEST_DELAY_SECONDS = 86_400.0

_REMEMBERED = 10_000

_log = structlog.get_logger(__name__)


class Attempts:
    """Settles every delivery: nothing is acknowledged before its reaction is done or it is buried.

    Failures are counted here, not by the broker, which would count a `RetryLater` too. A restart
    gives an event a few more tries; `MAX_DELIVERIES` ends what is put off for ever or kills us.
    """

    def __init__(
        self,
        nc: Client,
        service: str,
        reactions: Reactions,
        metrics: WorkerMetrics,
        *,
        ladder: Sequence[float] = LADDER_SECONDS,
        max_deliveries: int = MAX_DELIVERIES,
        api_prefix: str = "JSP",
        clock: Clock = system_clock,
    ) -> None:
        self._nc = nc
        self._service = service
        self._reactions = reactions
        self._metrics = metrics
        self._ladder = ladder
        self._max_deliveries = max_deliveries
        self._api = api_prefix
        self._clock = clock
        self._failures: dict[int, int] = {}

    async def settle(self, message: Msg) -> None:
        """React to a message and tell the broker. Raises only if the broker cannot be told."""
        started = time.monotonic()
        outcome = await self._outcome(message)
        stream, event = message.metadata.stream, message.subject.rpartition(".")[2]
        labels = self._service, stream, event, outcome
        self._metrics.reactions.labels(*labels).observe(time.monotonic() - started)

    async def _outcome(self, message: Msg) -> str:
        try:
            await self._react(message)
        except RetryLater as error:
            return await self._put_off(message, error)
        except Unreadable as error:
            return await self._bury(message, error, tries=1)
        except Exception as error:
            return await self._failed(message, error)
        self._failures.pop(_sequence(message), None)
        await message.ack()
        return "done"

    async def _react(self, message: Msg) -> None:
        recorded = read(message.subject, _sequence(message), message.data)
        reaction = self._reactions.get(type(recorded.event))
        if reaction is None:
            return
        with _context(recorded):
            async with at_work(lambda: [message], AT_WORK_SECONDS), asyncio.timeout(TRY_SECONDS):
                await reaction(recorded)

    async def _put_off(self, message: Msg, error: RetryLater) -> str:
        if message.metadata.num_delivered >= self._max_deliveries:
            return await self._bury(message, error, message.metadata.num_delivered)
        await message.nak(delay=min(max(error.seconds, 0.1), LONGEST_DELAY_SECONDS))
        return "postponed"

    async def _failed(self, message: Msg, error: Exception) -> str:
        failures = self._count(_sequence(message))
        deliveries = message.metadata.num_delivered
        if failures > len(self._ladder) or deliveries >= self._max_deliveries:
            return await self._bury(message, error, failures)
        pause = jittered(self._ladder[failures - 1])
        _log.warning(
            "reaction_failed",
            subject=message.subject,
            sequence=_sequence(message),
            failures=failures,
            again_in=round(pause, 1),
            reason=reason_of(error),
        )
        await message.nak(delay=pause)
        return "retried"

    def _count(self, sequence: int) -> int:
        if len(self._failures) > _REMEMBERED:
            # Left over by events that another replica settled.
            self._failures.clear()
        self._failures[sequence] = self._failures.get(sequence, 0) + 1
        return self._failures[sequence]

    async def _bury(self, message: Msg, error: Exception, tries: int) -> str:
        dead = letter(self._service, message, error, tries, self._clock())
        try:
            await bury(self._nc, dead, self._api)
        except Exception as trouble:
            _log.warning("burial_failed", subject=message.subject, reason=reason_of(trouble))
            await message.nak(delay=jittered(BURIAL_PAUSE_SECONDS))
            return "retried"
        self._failures.pop(_sequence(message), None)
        await message.term()
        _log.error("event_buried", id=dead.message_id, subject=dead.subject, reason=dead.reason)
        return "buried"


def _sequence(message: Msg) -> int:
    return message.metadata.sequence.stream


@contextmanager
def _context(recorded: Recorded) -> Iterator[None]:
    envelope = recorded.envelope
    name = f"react {recorded.event.short_name}"
    with (
        tracing.attached(envelope.traceparent, name),
        bound_contextvars(
            event_id=envelope.id,
            event_type=envelope.type,
            correlation_id=envelope.correlationid,
        ),
    ):
        yield
