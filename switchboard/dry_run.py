"""`switchboard notifier dry-run`: lists the mails that a replay would send, and sends none."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import msgspec
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from rich.console import Console
from rich.table import Table

from chassis.cause import system_clock
from chassis.command_handler import CommandHandler
from chassis.event_store import Recorded
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.nats_connection import Connection, connect
from chassis.jetstream.nkeys import seed_file
from chassis.jetstream.rpc import asking
from chassis.reading import read
from chassis.settings import WrongSettings
from schemas.activation import ActivationRequested
from schemas.event import Event
from schemas.notifier import NotificationPlanned
from services.notifier.domain.aggregates import SERVICE
from services.notifier.dry_run import DryRun, Prospect
from services.notifier.preparation import Preparation
from services.notifier.projections import projections
from services.notifier.reactions import Planning
from services.notifier.settings import Settings as NotifierSettings
from switchboard.settings import Settings
from switchboard.stores import read_model_store

_AT_ONCE = 500
_KEPT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment (inclusive) to another (exclusive)."""

    begin: datetime
    end: datetime

    @staticmethod
    def of(begin: datetime, end: datetime | None) -> "Span":
        """What was typed, in UTC where no zone was; without an end, until now."""
        return Span(_zoned(begin), _zoned(end) if end else system_clock())


async def dry_run(settings: Settings, span: Span, console: Console, *, as_json: bool) -> None:
    """Ask the running product. Raises `WrongSettings`, `StoreUnavailable`."""
    found = [prospect async for prospect in prospects(settings, span)]
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(list(map(_shown, found)))).decode())
        return
    console.print(_table(found))
    mails = sum(prospect.obstacle is None for prospect in found)
    console.print(f"{mails} of {len(found)} would be sent. None was sent.")


async def prospects(settings: Settings, span: Span) -> AsyncIterator[Prospect]:
    """Every mail asked for in the span. Raises `WrongSettings`, `StoreUnavailable`."""
    async with AsyncExitStack() as stack:
        notifier = await _connected(stack, settings, SERVICE)
        operator = await _connected(stack, settings, "ops")
        read_models = await stack.enter_async_context(
            read_model_store(settings.store, settings.data, SERVICE)
        )
        await read_models.open(*(projection.model for projection in projections))
        store = JetStreamEventStore(notifier, SERVICE, SERVICE.upper())
        preparation = Preparation(read_models, asking(notifier), system_clock)
        planning = Planning(CommandHandler(store), preparation, system_clock, _language())
        run = DryRun(planning)
        for event in (ActivationRequested, NotificationPlanned):
            async for recorded in _events(operator, event, span):
                for prospect in await run.prospects(recorded):
                    yield prospect


def _language() -> str:
    return NotifierSettings.load(mail_from="nobody@localhost").language


async def _connected(stack: AsyncExitStack, settings: Settings, user: str) -> Connection:
    seeds = settings.nats_seeds or settings.data / "nats" / "keys"
    nc = await connect(settings.nats_url or _own_broker(settings), user, seed_file(seeds, user))
    stack.push_async_callback(nc.close)
    return nc


def _own_broker(settings: Settings) -> str:
    """Where the broker of a running `switchboard up` listens."""
    for ports in (settings.data / "nats").glob("nats-server_*.ports"):
        url: str = json.loads(ports.read_text())["nats"][0]
        return url
    raise WrongSettings(
        "There is no running product here. Start `switchboard up` with the same SWITCHBOARD_DATA, "
        "or set SWITCHBOARD_NATS_URL and SWITCHBOARD_NATS_SEEDS."
    )


async def _events(nc: Connection, event: type[Event], span: Span) -> AsyncIterator[Recorded]:
    subscription = await nc.jetstream().pull_subscribe(
        f"evt.{event.service}.*.*.*.*.{event.short_name}",
        stream=event.service.upper(),
        config=ConsumerConfig(
            ack_policy=AckPolicy.NONE,
            deliver_policy=DeliverPolicy.BY_START_TIME,
            opt_start_time=span.begin,
            inactive_threshold=_KEPT_SECONDS,
        ),
    )
    pending = (await subscription.consumer_info()).num_pending or 0
    while pending:
        for message in await subscription.fetch(min(pending, _AT_ONCE)):
            metadata = message.metadata
            pending = metadata.num_pending or 0
            recorded = read(message.subject, metadata.sequence.stream, message.data)
            if recorded.envelope.time < span.end:
                yield recorded


def _shown(one: Prospect) -> dict[str, object]:
    return {**asdict(one), "would_be_sent": one.obstacle is None}


def _table(found: list[Prospect]) -> Table:
    table = Table("asked at (UTC)", "device", "mail", "to", "language", "would be sent")
    for one in found:
        table.add_row(
            f"{one.asked_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            one.device_id,
            one.notification_id or "",
            one.address or "",
            one.language or "",
            "[green]yes[/]" if one.obstacle is None else f"no: {one.obstacle}",
        )
    return table


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
