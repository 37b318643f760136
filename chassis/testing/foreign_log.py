"""Another service's log as a service sees it: events with versions and positions, for tests."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from chassis.cause import Clock, derived_id, system_clock
from chassis.event_store import Aggregate, Position, Recorded
from chassis.projection import Projection
from chassis.read_models import Checkpoint, ReadModelStore
from chassis.workers.document_writer import DocumentWriter
from schemas.envelope import Envelope, schema_uri
from schemas.event import Event


class ForeignLog:
    """Records what happened in one organization."""

    def __init__(self, organization: str = "acme", clock: Clock = system_clock) -> None:
        self._organization = organization
        self._clock = clock
        self._versions: Counter[Aggregate] = Counter()
        self._sequence = 0

    def record(self, *events: Event) -> tuple[Recorded, ...]:
        """The events as they stand in the log from now on."""
        return tuple(self._recorded(event) for event in events)

    def _recorded(self, event: Event) -> Recorded:
        aggregate = Aggregate(
            event.service, self._organization, event.aggregate, event.aggregate_id
        )
        self._versions[aggregate] += 1
        self._sequence += 1
        envelope = _envelope(aggregate, self._versions[aggregate], event, self._clock)
        return Recorded(envelope, Position(event.service, self._sequence))


async def project(
    projections: Iterable[Projection[Any]],
    read_models: ReadModelStore,
    recorded: Sequence[Recorded],
) -> None:
    """Bring the documents up to these events of one log, as its projector would."""
    service, sequence = recorded[-1].position.service, recorded[-1].position.sequence
    writer = DocumentWriter(service.upper(), projections, read_models)
    await writer.write(recorded, Checkpoint("test", service.upper(), "first", sequence))


def _envelope(aggregate: Aggregate, version: int, event: Event, clock: Clock) -> Envelope:
    return Envelope(
        id=derived_id(aggregate.prefix, str(version)),
        source=f"/switchboard/{aggregate.service}",
        type=event.wire_name,
        subject=f"{aggregate.kind}/{aggregate.id}",
        time=clock(),
        dataschema=schema_uri(event.wire_name),
        organization=aggregate.organization,
        version=version,
        correlationid="request-1",
        causationid=f"command-{version}",
        actor="ada",
        data=event.model_dump(mode="json", exclude_none=True),
    )
