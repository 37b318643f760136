"""Device: a contact's softphone with one to four SIP accounts, in the order the app shows them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chassis.decider import Decider, Invalid, Refused, Unknown
from schemas.provisioning import (
    DeviceConfigurationChanged,
    DeviceCreated,
    DeviceDeactivated,
    DeviceReactivated,
    DeviceRemoved,
)

DeviceEvent = (
    DeviceCreated
    | DeviceConfigurationChanged
    | DeviceDeactivated
    | DeviceReactivated
    | DeviceRemoved
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


DeviceCommand = CreateDevice | DeactivateDevice | ReactivateDevice | RemoveDevice


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
    if isinstance(command, RemoveDevice) and device is not None and device.removed:
        return []
    if device is None or device.removed:
        raise DeviceGone("There is no such device. Choose one of the list.")
    match command:
        case DeactivateDevice(device_id, reason) if device.active:
            return [
                DeviceDeactivated(device_id=device_id, reason=reason),
                _changed(device_id, device, "deactivated"),
            ]
        case ReactivateDevice(device_id) if not device.active:
            return [
                DeviceReactivated(device_id=device_id),
                _changed(device_id, device, "reactivated"),
            ]
        case RemoveDevice(device_id):
            return [DeviceRemoved(device_id=device_id)]
    return []


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
    match event:
        case DeviceConfigurationChanged():
            return replace(device, revision=event.revision)
        case DeviceDeactivated():
            return replace(device, active=False)
        case DeviceReactivated():
            return replace(device, active=True)
        case DeviceRemoved():
            return replace(device, removed=True)


device: Decider[DeviceCommand, Device | None, DeviceEvent] = Decider(None, decide, evolve)
