"""Holds rows against the same rules as requests, and says per column what is wrong."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from chassis.cause import derived_id, derived_id7
from chassis.field_messages import field_errors
from schemas.imports import RowProblem
from schemas.provisioning import Email
from schemas.said import said
from services.provisioning.bodies import ContactBody, DeviceBody, SipAccountBody
from services.provisioning.importing.draft import AccountDraft, ContactDraft, Draft
from services.provisioning.importing.file import Line
from services.provisioning.safe import Safe
from services.provisioning.views.search import folded

B = TypeVar("B", bound=BaseModel)

Person = tuple[str, str]
"""Folded name and address: rows with the same ones are about one contact."""

_COLUMNS = {
    "friendly_name": "sip_friendly_name",
    "username": "sip_username",
    "password": "sip_password",
    "name": "device_name",
}
_LABELS = {"work": "email_work", "home": "email_home"}
_ACCOUNT_CELLS = ("sip_friendly_name", "sip_username", "sip_password", "protocol", "provider")


@dataclass(frozen=True)
class Surroundings:
    """What the organization has already: providers by folded name, contacts by person."""

    organization: str
    providers: Mapping[str, Sequence[str]]
    default_provider: str | None
    contacts: Mapping[Person, str]


@dataclass
class Checking:
    """Turns the lines of one file into drafts."""

    import_id: str
    at: datetime
    around: Surroundings
    safe: Safe
    _added: set[str] = field(default_factory=set)

    def drafts(self, lines: Sequence[Line]) -> list[Draft]:
        """One draft per line, in order."""
        emails = _emails_by_person(lines)
        return [self._draft(line, emails) for line in lines]

    def _draft(self, line: Line, emails: Mapping[Person, Sequence[tuple[str, str]]]) -> Draft:
        problems: list[RowProblem] = []
        if line.surplus:
            problems.append(RowProblem.of("row", said("There are more cells than columns.")))
        person = _person(line)
        contact = _checked(ContactBody, _contact(line, emails.get(person, ())), problems)
        account = self._account(line, problems)
        device_name = line.cell("device_name")
        if device_name and _checked(DeviceBody, _device(device_name), problems) and not account:
            message = said("A device needs a SIP account. Fill in the SIP columns.")
            if not any(line.cell(column) for column in _ACCOUNT_CELLS):
                problems.append(RowProblem.of("sip_username", message))
        cells = {name: cell for name, cell in line.cells.items() if name != "sip_password"}
        row_id = derived_id(self.import_id, "row", str(line.row))
        if problems or contact is None:
            unique = tuple({(one.column, one.message): one for one in problems}.values())
            return Draft(row=line.row, import_row_id=row_id, cells=cells, problems=unique)
        return Draft(
            row=line.row,
            import_row_id=row_id,
            cells=cells,
            contact=self._contact_draft(contact, person),
            account=account,
            device_id=self._id("device", str(line.row)) if device_name else None,
            device_name=device_name,
        )

    def _contact_draft(self, body: ContactBody, person: Person) -> ContactDraft:
        known = self.around.contacts.get(person)
        contact_id = known or self._id("contact", *person)
        added_here = not known and contact_id not in self._added
        self._added.add(contact_id)
        return ContactDraft(
            contact_id=contact_id,
            known=known is not None,
            added_here=added_here,
            first_name=body.first_name,
            last_name=body.last_name,
            emails=tuple(
                Email(
                    email_id=self._id("email", *person, one.address.casefold()),
                    address=one.address,
                    label=one.label,
                )
                for one in body.emails
            ),
            language=body.language,
        )

    def _account(self, line: Line, problems: list[RowProblem]) -> AccountDraft | None:
        if not any(line.cell(column) for column in _ACCOUNT_CELLS):
            return None
        body = _checked(SipAccountBody, _account(line), problems)
        provider_id = self._provider(line.cell("provider"), problems)
        if body is None or provider_id is None or problems:
            return None
        account_id, sealed = self._id("account", str(line.row)), None
        if body.password:
            place = self.safe.place(account_id, 1)
            secret = self.safe.seal(self.around.organization, place, body.password)
            sealed = b64encode(secret).decode()
        return AccountDraft(
            sip_account_id=account_id,
            provider_id=provider_id,
            friendly_name=body.friendly_name,
            username=body.username,
            protocol=body.protocol,
            password_entered_on_device=body.password_entered_on_device,
            authorization_username=body.authorization_username,
            display_name=body.display_name,
            sealed=sealed,
            key_id=self.safe.sealer.key_id,
        )

    def _provider(self, name: str | None, problems: list[RowProblem]) -> str | None:
        if name is None:
            found = [self.around.default_provider] if self.around.default_provider else []
        else:
            found = list(self.around.providers.get(name.casefold(), ()))
        if len(found) == 1:
            return found[0]
        several = said("Several service providers have this name. Rename one.")
        none = said("There is no service provider of this name. Add it first.")
        problems.append(RowProblem.of("provider", several if found else none))
        return None

    def _id(self, *parts: str) -> str:
        return derived_id7(self.at, self.import_id, *parts)


def person_of(first_name: str, last_name: str, address: str) -> Person:
    """What rows and contacts are compared by."""
    return folded(f"{last_name} {first_name}"), address.casefold()


def _person(line: Line) -> Person:
    address = line.cell("email_work") or line.cell("email_home") or ""
    return person_of(line.cells.get("first_name", ""), line.cells.get("last_name", ""), address)


def _emails_by_person(lines: Iterable[Line]) -> dict[Person, list[tuple[str, str]]]:
    """Label and address of every address that any row of a person names, each once."""
    found: dict[Person, dict[str, tuple[str, str]]] = {}
    for line in lines:
        known = found.setdefault(_person(line), {})
        for label, column in _LABELS.items():
            if address := line.cell(column):
                known.setdefault(address.casefold(), (label, address))
    return {person: list(emails.values()) for person, emails in found.items()}


def _contact(line: Line, emails: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "first_name": line.cells.get("first_name", ""),
        "last_name": line.cells.get("last_name", ""),
        "emails": [{"address": address, "label": label} for label, address in emails],
        "language": line.cell("language"),
    }


def _account(line: Line) -> dict[str, Any]:
    return {
        "friendly_name": line.cell("sip_friendly_name") or line.cell("sip_username") or "",
        "username": line.cells.get("sip_username", ""),
        "protocol": line.cell("protocol") or "udp",
        "password": line.cell("sip_password"),
        "password_entered_on_device": line.cell("sip_password") is None,
        "authorization_username": line.cell("authorization_username"),
        "display_name": line.cell("display_name"),
    }


def _device(name: str) -> dict[str, Any]:
    return {"name": name, "sip_account_ids": ["0"]}


def _checked(body: type[B], values: dict[str, Any], problems: list[RowProblem]) -> B | None:
    if body is ContactBody and not values["emails"]:
        message = said("Give at least one e-mail address.")
        problems.append(RowProblem.of("email_work", message))
    try:
        return body.model_validate(values)
    except ValidationError as error:
        problems += [_problem(one, values) for one in field_errors(error)]
        return None


def _problem(error: dict[str, str], values: dict[str, Any]) -> RowProblem:
    first, *rest = error["field"].split(".")
    column = _COLUMNS.get(first, first)
    if first == "emails" and rest:
        column = _LABELS[values["emails"][int(rest[0])]["label"]]
    return RowProblem.of(column, error["message"])
