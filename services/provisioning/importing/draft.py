"""A checked row: what it is to make, or why it cannot."""

from pydantic import BaseModel, ConfigDict

from schemas.imports import RowProblem
from schemas.provisioning import Email, Transport


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class AccountDraft(_Part):
    """A SIP account to be made. Its password is sealed already."""

    sip_account_id: str
    provider_id: str
    friendly_name: str
    username: str
    protocol: Transport
    password_entered_on_device: bool
    authorization_username: str | None = None
    display_name: str | None = None
    sealed: str | None = None
    """In base64."""
    key_id: str = ""


class ContactDraft(_Part):
    """The person of a row. `known` ones were there before the import."""

    contact_id: str
    known: bool
    added_here: bool
    first_name: str
    last_name: str
    emails: tuple[Email, ...]
    language: str | None


class Draft(_Part):
    """A row as it waits to be worked through. `cells` are for its way back, without a password."""

    row: int
    import_row_id: str
    cells: dict[str, str]
    problems: tuple[RowProblem, ...] = ()
    contact: ContactDraft | None = None
    account: AccountDraft | None = None
    device_id: str | None = None
    device_name: str | None = None


class Part(_Part):
    """Some rows of one file, as they are kept together."""

    drafts: tuple[Draft, ...]
