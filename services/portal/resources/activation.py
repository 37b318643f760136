"""Answers of the activation service."""

from datetime import datetime
from typing import Any, Literal

from services.portal.resources import Resource


class Client(Resource, frozen=True):
    """The softphone that a device was activated in, as it called itself."""

    name: str | None = None
    version: str | None = None
    platform: str | None = None


class Activation(Resource, frozen=True):
    """A device's activation code, and whether it can still be used."""

    device_id: str
    code: str
    status: Literal["waiting", "activated", "expired", "revoked"]
    usable: bool
    generation: int
    activation_url: str
    provisioning_url: str
    expires_at: datetime | None = None
    client: Client | None = None


class Address(Resource, frozen=True):
    """Where instructions can be mailed to."""

    address: str
    label: Literal["work", "home"]


class Instructions(Resource, frozen=True):
    """The code and what to do with it."""

    activation: Activation
    device_name: str
    language: str
    steps: dict[str, list[str]]
    download_links: dict[str, str]
    typed_passwords: list[str]
    addresses: list[Address]


class Requested(Resource, frozen=True):
    """Mails that are on their way."""

    request_id: str


class Step(Resource, frozen=True):
    """One thing that happened to a device's codes."""

    at: datetime
    what: str
    generation: int | None = None
    by: str | None = None
    detail: str | None = None
    address: str | None = None
    source: str | None = None
    client: Client | None = None
    revision: int | None = None


class Trail(Resource, frozen=True):
    """Everything that happened to them, oldest first."""

    steps: list[Step]


class Change(Resource, frozen=True):
    """A field of a configuration that is another one now."""

    slot: int | None
    field: str
    before: Any
    after: Any


class Difference(Resource, frozen=True):
    """What changed in a configuration between two moments."""

    since: datetime
    until: datetime
    changes: list[Change]
