"""Device: a contact's softphone with one to four SIP accounts, in the order the app shows them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from chassis.decider import Decider, Invalid, Refused, Unknown
from schemas.provisioning import (
    DeviceAccountsChanged,
    DeviceConfigurationChanged,
    DeviceCreated,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
    DeviceRenamed,
)

DeviceEvent = (
    DeviceCreated
    | DeviceConfigurationChanged
    | DeviceDeactivated
    | DeviceReactivated
    | DeviceRemoved
    | DeviceRenamed
    | DeviceAccountsChanged
)

MOST_ACCOUNTS = 4


class DeviceGone(Refused):
    """The device was removed."""

    status = 404


@dataclass(frozen=True, slots=True)
class CreateDevice:
    """Give a contact a device. `unknown_account_ids` are those the organization does not have."""

    device_id: str
    contact_id: str
    contact_exists: bool
    name: str
    sip_account_ids: tuple[str, ...]
    unknown_account_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ChangeDevice:
    """Call a device something else, or give it other accounts; what is None stays as it is."""

    device_id: str
    name: str | None = None
    sip_account_ids: tuple[str, ...] | None = None
    unknown_account_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReviseDevice:
    """Note that something the device's configuration is made of has changed."""

    device_id: str
    cause: str


@dataclass(frozen=True, slots=True)
class DeactivateDevice:
    """Stop a device from registering, because it is lost or an administrator says so."""

    device_id: str
    reason: Literal["admin", "lost"]


@dataclass(frozen=True, slots=True)
class ReactivateDevice:
    """Let a device be activated again."""

    device_id: str


@dataclass(frozen=True, slots=True)
class RemoveDevice:
    """Take a device away for good."""

    device_id: str


DeviceCommand = (
    CreateDevice | ChangeDevice | ReviseDevice | DeactivateDevice | ReactivateDevice | RemoveDevice
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device as it is set up now."""

    contact_id: str
    name: str
    sip_account_ids: tuple[str, ...]
    revision: int = 1
    active: bool = True
    removed: bool = False


def check_accounts(ids: Sequence[str], unknown: frozenset[str]) -> None:
    """One to four accounts of this organization, none twice. Raises `Invalid`."""
    if not 1 <= len(ids) <= MOST_ACCOUNTS:
        raise Invalid("sip_account_ids", "Choose one to four SIP accounts.")
    for index, account_id in enumerate(ids):
        if account_id in ids[:index]:
            raise Invalid(f"sip_account_ids.{index}", "This SIP account is chosen twice.")
        if account_id in unknown:
            raise Invalid(
                f"sip_account_ids.{index}", "There is no such SIP account. Choose one of the list."
            )


def decide(command: DeviceCommand, device: Device | None) -> Sequence[DeviceEvent]:
    """What follows from a command."""
    if isinstance(command, CreateDevice):
        return _create(command) if device is None else []
    if isinstance(command, RemoveDevice | ReviseDevice) and device is not None and device.removed:
        return []
    if device is None or device.removed:
        raise DeviceGone("There is no such device. Choose one of the list.")
    return _decide(command, device)


def _decide(
    command: ChangeDevice | ReviseDevice | DeactivateDevice | ReactivateDevice | RemoveDevice,
    device: Device,
) -> Sequence[DeviceEvent]:
    facts: Sequence[DeviceEvent] = []
    match command:
        case ChangeDevice():
            facts = _change(command, device)
        case ReviseDevice(device_id, cause):
            facts = [_changed(device_id, device, cause)]
        case DeactivateDevice(device_id, reason) if device.active:
            facts = [
                DeviceDeactivated(device_id=device_id, reason=reason),
                _changed(device_id, device, "deactivated"),
            ]
        case ReactivateDevice(device_id) if not device.active:
            facts = [
                DeviceReactivated(device_id=device_id),
                _changed(device_id, device, "reactivated"),
            ]
        case RemoveDevice(device_id):
            facts = [DeviceRemoved(device_id=device_id)]
    return facts


def _create(command: CreateDevice) -> Sequence[DeviceEvent]:
    if not command.contact_exists:
        raise Unknown("There is no such contact. Add the contact first.")
    check_accounts(command.sip_account_ids, command.unknown_account_ids)
    return [
        DeviceCreated(
            device_id=command.device_id,
            contact_id=command.contact_id,
            name=command.name,
            sip_account_ids=command.sip_account_ids,
        )
    ]


def _change(command: ChangeDevice, device: Device) -> Sequence[DeviceEvent]:
    device_id, accounts = command.device_id, command.sip_account_ids
    facts: list[DeviceEvent] = []
    if command.name is not None and command.name != device.name:
        facts.append(DeviceRenamed(device_id=device_id, name=command.name))
    if accounts is not None and accounts != device.sip_account_ids:
        check_accounts(accounts, command.unknown_account_ids)
        facts.append(DeviceAccountsChanged(device_id=device_id, sip_account_ids=accounts))
    return [*facts, _changed(device_id, device, "changed")] if facts else []


def _changed(device_id: str, device: Device, cause: str) -> DeviceConfigurationChanged:
    return DeviceConfigurationChanged(
        device_id=device_id, revision=device.revision + 1, cause=cause
    )


def evolve(device: Device | None, event: DeviceEvent) -> Device | None:
    """What a fact changes."""
    if isinstance(event, DeviceCreated):
        return Device(event.contact_id, event.name, event.sip_account_ids)
    if device is None:
        return None
    return replace(device, **_changes(event))


def _changes(
    event: DeviceConfigurationChanged
    | DeviceDeactivated
    | DeviceReactivated
    | DeviceRemoved
    | DeviceRenamed
    | DeviceAccountsChanged,
) -> dict[str, Any]:
    match event:
        case DeviceConfigurationChanged():
            return {"revision": event.revision}
        case DeviceDeactivated() | DeviceReactivated():
            return {"active": isinstance(event, DeviceReactivated)}
        case DeviceRenamed():
            return {"name": event.name}
        case DeviceAccountsChanged():
            return {"sip_account_ids": event.sip_account_ids}
        case DeviceRemoved():
            return {"removed": True}


device: Decider[DeviceCommand, Device | None, DeviceEvent] = Decider(None, decide, evolve)
