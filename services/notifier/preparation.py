"""Gathers what one mail says, at the last moment before it is sent."""

from dataclasses import dataclass

from chassis.cause import Clock
from chassis.decider import Refused
from chassis.jetstream.rpc import NotAnswered
from chassis.read_models import ReadModelStore
from chassis.service import Ask
from schemas import questions
from schemas.questions import CODE_ANSWER, CODE_SUBJECT, CodeQuestion, DeadCode
from services.notifier.domain.commands import SuppressionReason
from services.notifier.domain.state import Notification
from services.notifier.instructions import Account, Instructions, LiveCode
from services.notifier.letterhead import Stationery
from services.notifier.projections import (
    CONTACTS,
    DEVICES,
    ORGANIZATIONS,
    SIP_ACCOUNTS,
    ContactView,
)


class OfNoUse(Exception):
    """The mail would help nobody any more."""

    def __init__(self, reason: SuppressionReason) -> None:
        super().__init__(reason)
        self.reason = reason


class NotReadyYet(Refused):
    """Something that the mail needs cannot be had at the moment."""

    status = 503


@dataclass(frozen=True)
class Preparation:
    """Knows where each part of a mail comes from."""

    read_models: ReadModelStore
    ask: Ask
    clock: Clock

    async def contact(self, organization: str, contact_id: str) -> ContactView:
        """The person. Raises `NotReadyYet`."""
        found = await self.read_models.get(CONTACTS, organization, contact_id)
        if found is None:
            raise NotReadyYet("The contact is not known here yet. Try again shortly.")
        return found

    async def language(self, organization: str, contact_id: str) -> str | None:
        """What the person reads, else what the organization writes. Raises `NotReadyYet`."""
        contact = await self.contact(organization, contact_id)
        if contact.language:
            return contact.language
        sender = await self.read_models.get(ORGANIZATIONS, organization, organization)
        return sender.language if sender else None

    async def instructions(self, organization: str, wanted: Notification) -> Instructions:
        """What to write. Raises `OfNoUse`, `NotReadyYet`."""
        if self.clock() >= wanted.expires_at:
            raise OfNoUse("expired")
        contact = await self.contact(organization, wanted.contact_id)
        address = contact.addresses.get(wanted.address_id)
        if address is None:
            raise OfNoUse("address_removed")
        device = await self.read_models.get(DEVICES, organization, wanted.device_id)
        if device is None:
            raise NotReadyYet("The device is not known here yet. Try again shortly.")
        sender = await self.read_models.get(ORGANIZATIONS, organization, organization)
        return Instructions(
            language=wanted.language,
            organization=sender.name if sender else None,
            first_name=contact.first_name,
            last_name=contact.last_name,
            address=_in_ascii_if_possible(address),
            device_name=device.name,
            accounts=tuple(
                [await self._account(organization, one) for one in device.sip_account_ids]
            ),
            code=await self._live_code(organization, wanted),
            organization_id=organization,
            own=sender.stationery if sender else Stationery(),
        )

    async def _account(self, organization: str, account_id: str) -> Account:
        found = await self.read_models.get(SIP_ACCOUNTS, organization, account_id)
        if found is None:
            raise NotReadyYet(
                "A SIP account of the device is not known here yet. Try again shortly."
            )
        return Account(found.name, found.password_entered_on_device)

    async def _live_code(self, organization: str, wanted: Notification) -> LiveCode:
        question = CodeQuestion(
            organization=organization,
            activation_id=wanted.activation_id,
            generation=wanted.generation,
        )
        answer = await self._answer(question)
        if isinstance(answer, DeadCode):
            raise OfNoUse("expired" if answer.dead == "expired" else "code_dead")
        code = LiveCode(**dict(answer))
        if self.clock() >= code.expires_at:
            raise OfNoUse("expired")
        return code

    async def _answer(self, question: CodeQuestion) -> questions.LiveCode | DeadCode:
        try:
            answer = await self.ask(CODE_SUBJECT, question.model_dump_json().encode())
        except NotAnswered:
            raise NotReadyYet(
                "Activation does not say which code it is. Try again shortly."
            ) from None
        return CODE_ANSWER.validate_json(answer)


def _in_ascii_if_possible(address: str) -> str:
    """An address whose domain any mail server understands; the part before @ stays as it is."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address
