"""Finds aggregates by kind and id alone, and folds them as their service does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.decider import Decider
from chassis.event_store import Aggregate, History
from chassis.settings import WrongSettings
from schemas.event import Event
from services.activation.domain.activation import activation
from services.notifier.domain.notification import notification
from services.provisioning.domain.contact import contact
from services.provisioning.domain.device import device
from services.provisioning.domain.import_row import import_row
from services.provisioning.domain.imports import file_import
from services.provisioning.domain.provider import provider
from services.provisioning.domain.sip_account import sip_account
from services.sessions.domain.attempt import attempt
from services.sessions.domain.desk import desk
from services.sessions.domain.organization import organization
from services.sessions.domain.session import session
from services.sessions.domain.user import user
from switchboard.operations.operator import Operator

DECIDERS: dict[str, Decider[Any, Any, Any]] = {
    "activation": activation,
    "attempt": attempt,
    "contact": contact,
    "desk": desk,
    "device": device,
    "import": file_import,
    "import_row": import_row,
    "notification": notification,
    "organization": organization,
    "provider": provider,
    "session": session,
    "sip_account": sip_account,
    "user": user,
}


@dataclass(frozen=True)
class Found:
    """An aggregate as it was at a moment."""

    history: History
    state: Any


async def find(operator: Operator, kind: str, aggregate_id: str) -> Aggregate:
    """The aggregate, whatever organization it belongs to. Raises `WrongSettings`."""
    services = [event.service for event in Event.catalog.values() if event.aggregate == kind]
    if not services:
        kinds = ", ".join(sorted(DECIDERS))
        raise WrongSettings(f"There is no aggregate {kind}. Choose one of: {kinds}.")
    service = services[0]
    direct = await operator.direct(operator.topology.stream_of(service))
    last = await direct.last(f"evt.{service}.*.{kind}.{aggregate_id}.>")
    if last is None:
        raise WrongSettings(
            f"The log has no {kind} {aggregate_id}. See `switchboard events ls --aggregate {kind}`."
        )
    return Aggregate(service, last.subject.split(".")[2], kind, aggregate_id)


async def as_of(operator: Operator, aggregate: Aggregate, moment: datetime | None) -> Found:
    """What an aggregate was like at a moment, or is now. Raises `StoreUnavailable`."""
    log = await operator.log(aggregate.service)
    (history,) = await log.load(aggregate, until=moment)
    return Found(history, DECIDERS[aggregate.kind].fold(history.events))
