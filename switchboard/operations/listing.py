"""`switchboard events ls`, `show` and `tail`."""

from dataclasses import replace

from chassis.cause import system_clock
from chassis.event_store import Position
from chassis.reading import read
from chassis.settings import WrongSettings
from switchboard.operations.filters import Filter
from switchboard.operations.lines import event_line, event_row
from switchboard.operations.operator import Operator
from switchboard.operations.reading import begun, events
from switchboard.operations.shown import ALL_WELL

WAIT_SECONDS = 1.0


async def ls(operator: Operator, wanted: Filter, limit: int) -> int:
    """List events that are stored now, oldest first, at most `limit`."""
    shown = 0
    with operator.shown.progress() as progress:
        task = progress.add_task("events read", total=None)
        async for recorded in events(
            operator, wanted, lambda n, wait: progress.update(task, completed=n, total=n + wait)
        ):
            if operator.shown.as_json:
                operator.shown.row(event_row(recorded))
            operator.shown.line(event_line(recorded))
            shown += 1
            if shown >= limit:
                operator.shown.say(f"There may be more than these {limit}: see --limit.")
                return ALL_WELL
    if not shown:
        operator.shown.say("No event matches.")
    return ALL_WELL


async def show(operator: Operator, position: str) -> int:
    """Show all of one event, named by its position. Raises `WrongSettings`."""
    try:
        place = Position.parse(position)
        stream = operator.topology.stream_of(place.service)
        if place.service not in operator.topology.logging:
            raise ValueError(place.service)
    except ValueError:
        raise WrongSettings(
            f"{position} is no position. Copy one from `events ls`: `provisioning-42`, say."
        ) from None
    direct = await operator.direct(stream)
    subject = f"evt.{place.service}.>"
    found = await direct.following(subject, place.sequence, 1)
    if not found or found[0].sequence != place.sequence:
        raise WrongSettings(
            f"No event stands at {position}: it was a claim, was erased, or is yet to come."
        )
    recorded = read(found[0].subject, found[0].sequence, found[0].payload)
    if operator.shown.as_json:
        operator.shown.row(event_row(recorded))
    else:
        operator.shown.out.print_json(data=event_row(recorded))
    return ALL_WELL


async def tail(operator: Operator, wanted: Filter) -> int:
    """Show events as they are stored, until Ctrl-C."""
    wanted = replace(wanted, begin=wanted.begin or system_clock())
    names = wanted.services(tuple(operator.topology.logging))
    feeds = [await begun(operator, service, wanted) for service in names]
    operator.shown.say("Waiting for events; Ctrl-C ends.")
    while True:
        for feed in feeds:
            batch = await feed.next_batch(WAIT_SECONDS / len(feeds))
            for one in batch.deliveries if batch else ():
                recorded = read(one.subject, one.sequence, one.body)
                if wanted.matches(recorded):
                    if operator.shown.as_json:
                        operator.shown.row(event_row(recorded))
                    operator.shown.line(event_line(recorded))
