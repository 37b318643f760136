"""Answers of the provisioning service."""

from datetime import datetime
from typing import Literal

from schemas.said import retold
from services.portal.resources import Resource


class Counts(Resource, frozen=True):
    """How many there are of each."""

    providers: int = 0
    sip_accounts: int = 0
    contacts: int = 0
    devices: int = 0


class Provider(Resource, frozen=True):
    """A service provider."""

    id: str
    name: str
    sip_server: str
    sip_port: int
    is_default: bool
    sip_account_count: int
    sip_proxy: str | None = None
    realm: str | None = None


class DialingRule(Resource, frozen=True):
    """What is done to a dialled number that begins so."""

    match: str
    strip: int = 0
    add: str = ""


class SipAccount(Resource, frozen=True):
    """A SIP account. Its password is never shown."""

    id: str
    provider_id: str
    friendly_name: str
    username: str
    protocol: Literal["udp", "tcp"]
    password_entered_on_device: bool
    has_password: bool
    use_push_proxy: bool
    enabled: bool
    authorization_username: str | None = None
    display_name: str | None = None
    dialing_rules: tuple[DialingRule, ...] = ()
    warnings: tuple[str, ...] = ()


class Email(Resource, frozen=True):
    """An address of a contact."""

    address: str
    label: Literal["work", "home"]


class Contact(Resource, frozen=True):
    """A person who gets devices."""

    id: str
    first_name: str
    last_name: str
    emails: list[Email]
    language: str | None = None

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self.first_name} {self.last_name}"


class Device(Resource, frozen=True):
    """A device, and how far it has got."""

    id: str
    contact_id: str
    name: str
    sip_account_ids: list[str]
    state: Literal["waiting", "activated", "deactivated"]
    drift: bool
    configuration_revision: int
    fetched_revision: int | None = None
    created_at: datetime | None = None


class RowProblem(Resource, frozen=True):
    """What is wrong with a cell."""

    column: str
    message: str
    template: str | None = None
    values: dict[str, str] | None = None

    @property
    def words(self) -> str:
        """The message, so that it can be translated."""
        if self.template is None or self.values is None:
            return self.message
        return retold(self.message, self.template, self.values)


class CheckedRow(Resource, frozen=True):
    """Why a row would be refused."""

    row: int
    problems: list[RowProblem]


class Check(Resource, frozen=True):
    """What an import would do."""

    rows: int
    valid: int
    refused: int
    items: list[CheckedRow]


class ImportRow(Resource, frozen=True):
    """What became of a row."""

    row: int
    state: str
    problems: tuple[RowProblem, ...] = ()
    contact_id: str | None = None
    device_id: str | None = None


class Import(Resource, frozen=True):
    """How far an import has come."""

    id: str
    state: Literal["running", "finished", "undoing", "undone"]
    rows: int
    applied: int = 0
    refused: int = 0
    undone: int = 0
    created_at: datetime | None = None
    items: tuple[ImportRow, ...] = ()
    next: str | None = None
