"""What must not be taken away while something needs it: a provider, a SIP account, a contact."""

from collections.abc import Iterator, Sequence
from typing import Any

from chassis.decider import Decider, Invalid
from chassis.event_store import Aggregate, Claim, History
from chassis.uses import Close, Free, Use
from schemas.event import Event
from services.provisioning.domain.aggregates import SERVICE
from services.provisioning.domain.contact import NoSuchContact, contact
from services.provisioning.domain.device import Device, device
from services.provisioning.domain.provider import NoSuchProvider, provider
from services.provisioning.domain.sip_account import SipAccount, sip_account

_DECIDERS: dict[str, Decider[Any, Any, Any]] = {
    "provider": provider,
    "sip_account": sip_account,
    "contact": contact,
    "device": device,
}

_NO_ACCOUNT = "A SIP account was removed meanwhile. Choose one of the list."
_REFUSALS = {
    "provider": NoSuchProvider(),
    "contact": NoSuchContact(),
    "sip_account": Invalid("sip_account_ids", _NO_ACCOUNT),
}


def use_claim(organization: str, kind: str, aggregate_id: str) -> Claim:
    """Counts what needs one thing. Ids are opaque, so that they may stand in a subject."""
    return Claim(SERVICE, organization, f"use_{kind}", aggregate_id)


def uses_of(history: History, facts: Sequence[Event]) -> list[Use | Free | Close]:
    """What an aggregate with this history begins or ceases to need with these facts."""
    aggregate = history.aggregate
    decider = _DECIDERS.get(aggregate.kind)
    if decider is None:
        return []
    before = decider.fold(history.events)
    return list(_differences(aggregate, before, decider.fold(facts, before)))


def _differences(aggregate: Aggregate, before: Any, after: Any) -> Iterator[Use | Free | Close]:
    here = aggregate.organization
    had, has = _needs(before), _needs(after)
    for kind, one in has:
        if (kind, one) not in had:
            yield Use(use_claim(here, kind, one), _REFUSALS[kind])
    for kind, one in had:
        if (kind, one) not in has:
            yield Free(use_claim(here, kind, one))
    if aggregate.kind in _REFUSALS and _gone(after) and not _gone(before):
        yield Close(use_claim(here, aggregate.kind, aggregate.id))


def _needs(state: Any) -> list[tuple[str, str]]:
    match state:
        case Device(removed=False):
            accounts = [("sip_account", account_id) for account_id in state.sip_account_ids]
            return [("contact", state.contact_id), *accounts]
        case SipAccount(removed=False):
            return [("provider", state.provider_id)]
    return []


def _gone(state: Any) -> bool:
    return bool(state and state.removed)
