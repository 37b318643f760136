"""`switchboard events`, `history`, `state` and `diff`."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from switchboard.operations.running import Json, run

if TYPE_CHECKING:
    from switchboard.operations.filters import Filter
    from switchboard.operations.operator import Operator

events = typer.Typer(help="Look at the logs.", no_args_is_help=True)
history = typer.Typer(help="What happened to something, and because of what.", no_args_is_help=True)

Service = Annotated[str | None, typer.Option(help="Events of this service.")]
Organization = Annotated[str | None, typer.Option(help="Id of an organization.")]
Kind = Annotated[str | None, typer.Option("--aggregate", help="A kind: device, contact, session …")]
Id = Annotated[str | None, typer.Option("--id", help="Id of one aggregate.")]
Name = Annotated[str | None, typer.Option("--type", help="Name of an event: DeviceCreated, say.")]
Correlation = Annotated[str | None, typer.Option(help="All that followed from one request.")]
From = Annotated[datetime | None, typer.Option("--from", help="From this moment on, in UTC.")]
To = Annotated[datetime | None, typer.Option("--to", help="Until this moment, in UTC.")]
AggregateKind = Annotated[str, typer.Argument(help="Its kind: device, contact, session …")]
AggregateId = Annotated[str, typer.Argument(help="Its id.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(events, name="events")
    app.add_typer(history, name="history")
    app.command()(state)
    app.command()(diff)


@events.command("ls")
def list_events(
    service: Service = None,
    organization: Organization = None,
    aggregate: Kind = None,
    aggregate_id: Id = None,
    event: Name = None,
    correlation: Correlation = None,
    begin: From = None,
    end: To = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 1000,
    as_json: Json = False,
) -> None:
    """List stored events, oldest first, one service after the other."""
    chosen = wanted(locals())

    async def work(operator: "Operator") -> int:
        from switchboard.operations.listing import ls  # noqa: PLC0415 - heavy

        return await ls(operator, chosen, limit)

    run(work, as_json=as_json)


@events.command("show")
def show_event(
    position: Annotated[str, typer.Argument(help="Where it stands: provisioning-42, say.")],
    as_json: Json = False,
) -> None:
    """Show all of one event."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations.listing import show  # noqa: PLC0415 - heavy

        return await show(operator, position)

    run(work, as_json=as_json)


@events.command("tail")
def tail_events(
    service: Service = None,
    organization: Organization = None,
    aggregate: Kind = None,
    aggregate_id: Id = None,
    event: Name = None,
    correlation: Correlation = None,
    begin: From = None,
    as_json: Json = False,
) -> None:
    """Show events as they are stored, from now or from a moment on, until Ctrl-C."""
    end = None
    chosen = wanted(locals())

    async def work(operator: "Operator") -> int:
        from switchboard.operations.listing import tail  # noqa: PLC0415 - heavy

        return await tail(operator, chosen)

    run(work, as_json=as_json)


@history.command("device")
def device_history(
    device_id: Annotated[str, typer.Argument(help="Id of the device.")], as_json: Json = False
) -> None:
    """Everything about a device in all services: who, what, and because of what."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations.timeline import history as show  # noqa: PLC0415 - heavy

        return await show(operator, device_id)

    run(work, as_json=as_json)


def state(
    aggregate: AggregateKind,
    aggregate_id: AggregateId,
    at: Annotated[datetime | None, typer.Option(help="At this moment, in UTC; else now.")] = None,
    as_json: Json = False,
) -> None:
    """What something was like at a moment, as its own rules see it."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations.filters import zoned  # noqa: PLC0415 - heavy
        from switchboard.operations.states import state  # noqa: PLC0415 - heavy

        return await state(operator, aggregate, aggregate_id, zoned(at))

    run(work, as_json=as_json)


def diff(
    aggregate: AggregateKind,
    aggregate_id: AggregateId,
    begin: Annotated[datetime, typer.Option("--from", help="The earlier moment, in UTC.")],
    end: Annotated[
        datetime | None, typer.Option("--to", help="The later moment, in UTC; else now.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What became different between two moments, and through which events."""

    async def work(operator: "Operator") -> int:
        from switchboard.operations.filters import zoned  # noqa: PLC0415 - heavy
        from switchboard.operations.states import diff  # noqa: PLC0415 - heavy

        earlier = zoned(begin) or begin
        return await diff(operator, aggregate, aggregate_id, earlier, zoned(end))

    run(work, as_json=as_json)


def wanted(typed: dict[str, Any]) -> "Filter":
    """The filter that was typed."""
    from switchboard.operations.filters import Filter, zoned  # noqa: PLC0415 - heavy

    names = ("service", "organization", "aggregate", "aggregate_id", "event", "correlation")
    begin, end = zoned(typed["begin"]), zoned(typed["end"])
    return Filter(**{name: typed[name] for name in names}, begin=begin, end=end)
