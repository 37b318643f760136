"""What activation can be asked to do. Hashes, ids and times were made by whoever asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from schemas.activation import Client, Format

Ended = Literal["deactivated", "removed"]


@dataclass(frozen=True, slots=True)
class MintedCode:
    """What the log may know of a code: by which key it can be derived again, and its keyed hash."""

    key_id: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class NewCode:
    """How the code of a generation is made, and until when it is good.

    `skip` leaves out generations whose code another device happens to have.
    """

    mint: Callable[[int], MintedCode]
    expires_at: datetime
    skip: int = 0


@dataclass(frozen=True, slots=True)
class IssueCode:
    """Give a device that was created or reactivated its code. Nothing older works after it."""

    device_id: str
    device_version: int
    new: NewCode


@dataclass(frozen=True, slots=True)
class ReissueCode:
    """Replace the code. An activated device stays so until the new code is exchanged."""

    device_id: str
    new: NewCode


@dataclass(frozen=True, slots=True)
class RevokeCode:
    """End whatever the device has: its code and its token."""

    device_id: str
    device_version: int
    reason: Ended


@dataclass(frozen=True, slots=True)
class ViewCode:
    """Show the code to an administrator."""

    device_id: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RequestInstructions:
    """Have the code and how to use it mailed to addresses of the contact."""

    device_id: str
    request_id: str
    contact_id: str
    address_ids: tuple[str, ...]
    language: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Activate:
    """Exchange the code of a generation for a device token."""

    device_id: str
    generation: int
    token_fingerprint: str
    installation_fingerprint: str
    client: Client
    format: Format
    revision: int
    at: datetime
    guest_changes: int = 0


@dataclass(frozen=True, slots=True)
class ExpireCode:
    """Note that the code of a generation was not used in time."""

    device_id: str
    generation: int
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteTry:
    """Note that the code of a generation was refused; `source` stands for who tried it."""

    device_id: str
    generation: int
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteFetch:
    """Note which revision the holder of the token has got."""

    device_id: str
    token_fingerprint: str
    revision: int
    format: Format
    guest_changes: int = 0


ActivationCommand = (
    IssueCode
    | ReissueCode
    | RevokeCode
    | ViewCode
    | RequestInstructions
    | Activate
    | ExpireCode
    | NoteTry
    | NoteFetch
)
