"""Contact: a person who gets devices, and the addresses instructions may be sent to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chassis.decider import Decider, Invalid, Unknown
from schemas.provisioning import (
    ContactAdded,
    ContactChanged,
    ContactErased,
    ContactRemoved,
    Email,
)

ContactEvent = ContactAdded | ContactChanged | ContactRemoved | ContactErased


@dataclass(frozen=True, slots=True)
class AddContact:
    """Enter a person with at least one labelled address."""

    contact_id: str
    first_name: str
    last_name: str
    emails: tuple[Email, ...]
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeContact:
    """Change the attributes named in `changes`. Addresses that stay keep their ids."""

    contact_id: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RemoveContact:
    """Take a person off the list. The devices go before, in the same step."""

    contact_id: str


@dataclass(frozen=True, slots=True)
class EraseContact:
    """Forget a person, whether still on the list or removed before."""

    contact_id: str


ContactCommand = AddContact | ChangeContact | RemoveContact | EraseContact


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as entered. Of one that is gone, nothing is left."""

    first_name: str
    last_name: str
    emails: tuple[Email, ...]
    language: str | None
    removed: bool = False
    erased: bool = False


_GONE = Contact("", "", (), None, removed=True)


class NoSuchContact(Unknown):
    """The organization has no such contact, or has it no more."""

    def __init__(self) -> None:
        super().__init__("There is no such contact. Choose one of the list.")


def check_emails(emails: Sequence[Email]) -> None:
    """At least one address, none twice, whatever its case. Raises `Invalid`."""
    if not emails:
        raise Invalid("emails", "Give at least one e-mail address.")
    seen: set[str] = set()
    for index, email in enumerate(emails):
        address = email.address.casefold()
        if address in seen:
            raise Invalid(f"emails.{index}.address", "This address is given twice. Remove one.")
        seen.add(address)


def decide(command: ContactCommand, contact: Contact | None) -> Sequence[ContactEvent]:
    """What follows from a command."""
    match command:
        case AddContact():
            return [] if contact else [_added(command)]
        case RemoveContact(contact_id) if contact:
            return [] if contact.removed else [ContactRemoved(contact_id=contact_id)]
        case EraseContact(contact_id) if contact:
            return _erased(contact_id, contact)
        case ChangeContact() if contact and not contact.removed:
            return _changed(command, contact)
    raise NoSuchContact


def _added(command: AddContact) -> ContactAdded:
    check_emails(command.emails)
    return ContactAdded(
        contact_id=command.contact_id,
        first_name=command.first_name,
        last_name=command.last_name,
        emails=command.emails,
        language=command.language,
    )


def _erased(contact_id: str, contact: Contact) -> Sequence[ContactEvent]:
    if contact.erased:
        return []
    removed = [] if contact.removed else [ContactRemoved(contact_id=contact_id)]
    return [*removed, ContactErased(contact_id=contact_id)]


def _changed(command: ChangeContact, contact: Contact) -> Sequence[ContactEvent]:
    wanted = replace(contact, **command.changes)
    check_emails(wanted.emails)
    wanted = replace(wanted, emails=_with_known_ids(wanted.emails, contact.emails))
    if wanted == contact:
        return []
    return [
        ContactChanged(
            contact_id=command.contact_id,
            first_name=wanted.first_name,
            last_name=wanted.last_name,
            emails=wanted.emails,
            language=wanted.language,
        )
    ]


def _with_known_ids(wanted: Sequence[Email], known: Sequence[Email]) -> tuple[Email, ...]:
    ids = {email.address.casefold(): email.email_id for email in known}
    return tuple(
        email.model_copy(update={"email_id": ids.get(email.address.casefold(), email.email_id)})
        for email in wanted
    )


def evolve(_: Contact | None, event: ContactEvent) -> Contact:
    """What a fact changes."""
    match event:
        case ContactRemoved():
            return _GONE
        case ContactErased():
            return replace(_GONE, erased=True)
        case ContactAdded() | ContactChanged():
            return Contact(
                first_name=event.first_name,
                last_name=event.last_name,
                emails=event.emails,
                language=event.language,
            )


contact: Decider[ContactCommand, Contact | None, ContactEvent] = Decider(None, decide, evolve)
