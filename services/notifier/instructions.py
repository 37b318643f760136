"""What a mail with activation instructions says, in any language and any shape."""

from dataclasses import dataclass, field
from datetime import datetime

from services.notifier.letterhead import Stationery

_GROUP = 4


@dataclass(frozen=True, slots=True)
class Account:
    """A SIP account by the name people know it by, never by its user name."""

    name: str
    password_entered_on_device: bool


@dataclass(frozen=True, slots=True)
class LiveCode:
    """A code that can be exchanged now. None of it may be logged or stored."""

    code: str = field(repr=False)
    activation_url: str = field(repr=False)
    provisioning_url: str = field(repr=False)
    expires_at: datetime

    @property
    def grouped(self) -> str:
        """The code as people read and type it."""
        letters = self.code.replace("-", "")
        return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


@dataclass(frozen=True, slots=True)
class Instructions:
    """Everything one mail is made of, besides what all mails have in common."""

    language: str
    organization: str | None
    first_name: str
    last_name: str
    address: str
    device_name: str
    accounts: tuple[Account, ...]
    code: LiveCode
    organization_id: str = ""
    own: Stationery = Stationery()

    @property
    def typed_passwords(self) -> tuple[str, ...]:
        """Accounts whose password the person must type."""
        return tuple(a.name for a in self.accounts if a.password_entered_on_device)
