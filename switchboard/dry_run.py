"""`switchboard notifier dry-run`: lists the mails that a replay would send, and sends none."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import msgspec
from rich.console import Console
from rich.table import Table

from chassis.cause import system_clock
from chassis.command_handler import CommandHandler
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.jetstream.rpc import asking
from schemas.activation import ActivationRequested
from schemas.notifier import NotificationPlanned
from services.notifier.domain.aggregates import SERVICE
from services.notifier.dry_run import DryRun, Prospect
from services.notifier.preparation import Preparation
from services.notifier.projections import projections
from services.notifier.reactions import Planning
from services.notifier.settings import Settings as NotifierSettings
from switchboard.operations.filters import Filter
from switchboard.operations.operator import operating
from switchboard.operations.reading import events
from switchboard.operations.shown import Shown
from switchboard.settings import Settings


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
    async with operating(settings, Shown()) as operator:
        notifier = await operator.connected(SERVICE)
        read_models = await operator.read_models(SERVICE)
        await read_models.open(*(projection.model for projection in projections))
        store = JetStreamEventStore(notifier, SERVICE, SERVICE.upper())
        preparation = Preparation(read_models, asking(notifier), system_clock)
        planning = Planning(CommandHandler(store), preparation, system_clock, _language())
        run = DryRun(planning)
        for event in (ActivationRequested, NotificationPlanned):
            wanted = Filter(event=event.short_name, begin=span.begin, end=span.end)
            async for recorded in events(operator, wanted):
                for prospect in await run.prospects(recorded):
                    yield prospect


def _language() -> str:
    return NotifierSettings.load(mail_from="nobody@localhost").language


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
