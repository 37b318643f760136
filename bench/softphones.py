"""What is measured with: devices whose configuration changes, their rules and their read model."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from bench.events import PLACE, Pattern
from chassis.cause import new_id
from chassis.decider import Decider
from chassis.event_store import Aggregate, Recorded
from chassis.projection import Projection
from chassis.read_models import Index, ReadModel
from schemas.provisioning import DeviceConfigurationChanged, DeviceCreated

ORGANIZATION = "acme"
CONTACT_ID = new_id()
SIP_ACCOUNT_ID = new_id()
CAUSE = "bench"

DeviceEvent = DeviceCreated | DeviceConfigurationChanged


@dataclass(frozen=True, slots=True)
class ChangeConfiguration:
    """Give a device the next revision."""

    device_id: str


def decide(command: ChangeConfiguration, revision: int) -> Sequence[DeviceEvent]:
    """A device that exists gets another revision."""
    return [event(command.device_id, revision + 1)] if revision else []


def evolve(_: int, fact: DeviceEvent) -> int:
    """A device starts at revision 1."""
    return fact.revision if isinstance(fact, DeviceConfigurationChanged) else 1


softphone: Decider[ChangeConfiguration, int, DeviceEvent] = Decider(0, decide, evolve)


@dataclass(frozen=True)
class SoftphoneView:
    """A device and its revision."""

    id: str
    version: int
    name: str
    contact_id: str
    sip_account_ids: tuple[str, ...]
    revision: int


def project(view: SoftphoneView | None, recorded: Recorded) -> SoftphoneView | None:
    """Fold a device's events."""
    fact, version = recorded.event, recorded.envelope.version
    if isinstance(fact, DeviceCreated):
        accounts = fact.sip_account_ids
        return SoftphoneView(fact.device_id, version, fact.name, fact.contact_id, accounts, 1)
    if view is None or not isinstance(fact, DeviceConfigurationChanged):
        return view
    return replace(view, version=version, revision=fact.revision)


SOFTPHONES = ReadModel(
    "softphones_v1",
    SoftphoneView,
    (Index("by_name", ("name",)), Index("by_contact", ("contact_id", "name"))),
)
projection = Projection(
    SOFTPHONES,
    {kind: lambda fact: fact.device_id for kind in (DeviceCreated, DeviceConfigurationChanged)},
    project,
)


def device(device_id: str) -> Aggregate:
    """The aggregate of a device."""
    return Aggregate("provisioning", ORGANIZATION, "device", device_id)


def event(device_id: str, version: int) -> DeviceEvent:
    """A device is created first and then given one revision after the other."""
    if version > 1:
        return DeviceConfigurationChanged(device_id=device_id, revision=version, cause=CAUSE)
    accounts = (SIP_ACCOUNT_ID,)
    return DeviceCreated(
        device_id=device_id, contact_id=CONTACT_ID, name="Laptop", sip_account_ids=accounts
    )


def written(device_id: str, version: int) -> tuple[str, bytes]:
    """Subject and body of a device's event."""
    return _pattern(version).written(device_id)


@cache
def _pattern(version: int) -> Pattern:
    return Pattern(device(PLACE), version, event(PLACE, version))


def histories(devices: Iterable[str], events: int) -> Iterator[tuple[str, bytes]]:
    """All devices get their first event, then all get their second: spread over the whole log."""
    ids = list(devices)
    for version in range(1, events + 1):
        yield from (written(device_id, version) for device_id in ids)
