"""Contact: a person who gets devices, and the addresses instructions may be sent to."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.decider import Decider, Invalid
from schemas.provisioning import ContactAdded, Email

ContactEvent = ContactAdded


@dataclass(frozen=True, slots=True)
class AddContact:
    """Enter a person with at least one labelled address."""

    contact_id: str
    first_name: str
    last_name: str
    emails: tuple[Email, ...]
    language: str | None = None


ContactCommand = AddContact


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as entered."""

    first_name: str
    last_name: str
    emails: tuple[Email, ...]
    language: str | None


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
    if contact is not None:
        return []
    check_emails(command.emails)
    return [
        ContactAdded(
            contact_id=command.contact_id,
            first_name=command.first_name,
            last_name=command.last_name,
            emails=command.emails,
            language=command.language,
        )
    ]


def evolve(_: Contact | None, event: ContactEvent) -> Contact:
    """What a fact changes."""
    return Contact(
        first_name=event.first_name,
        last_name=event.last_name,
        emails=event.emails,
        language=event.language,
    )


contact: Decider[ContactCommand, Contact | None, ContactEvent] = Decider(None, decide, evolve)
