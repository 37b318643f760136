"""What can only be had once: a code and a device token, each by its keyed hash."""

from collections.abc import Sequence
from typing import NamedTuple

from chassis.claiming import Take
from chassis.decider import Refused
from chassis.event_store import INSTALLATION, Aggregate, Claim, EventStore
from schemas.activation import ActivationCodeIssued, DeviceActivated
from schemas.event import Event
from services.activation.domain.aggregates import SERVICE


class CodeTaken(Refused):
    """Another device has or had this very code."""


class TokenTaken(Refused):
    """Another device has or had this very token."""


class Holder(NamedTuple):
    """Whose a code or token is; a token belongs to no generation."""

    organization: str
    device_id: str
    generation: int = 0

    def __str__(self) -> str:
        return f"{self.organization}/{self.device_id}/{self.generation}".removesuffix("/0")


NOBODY = Holder(INSTALLATION, "00000000-0000-0000-0000-000000000000")


def code_claim(fingerprint: str) -> Claim:
    """Held for ever by the generation of an activation, so that no code comes twice."""
    return Claim(SERVICE, INSTALLATION, "code", fingerprint)


def token_claim(fingerprint: str) -> Claim:
    """Held for ever by an activation: a dead token is still recognised."""
    return Claim(SERVICE, INSTALLATION, "token", fingerprint)


def claims_of(aggregate: Aggregate, event: Event) -> Sequence[Take]:
    """What an event takes."""
    organization, device_id = aggregate.organization, aggregate.id
    match event:
        case ActivationCodeIssued():
            holder = Holder(organization, device_id, event.generation)
            taken: Refused = CodeTaken("Issue the code once more.")
            return [Take(code_claim(event.fingerprint), str(holder), taken)]
        case DeviceActivated():
            taken = TokenTaken("Try once more.")
            holder = Holder(organization, device_id)
            return [Take(token_claim(event.token_fingerprint), str(holder), taken)]
    return []


async def holder_of(store: EventStore, *claims: Claim) -> Holder | None:
    """Who holds the first of these that anybody holds. Raises `StoreUnavailable`."""
    for state in await store.claims(*claims):
        if state.holder is not None:
            organization, device_id, *generation = state.holder.split("/")
            return Holder(organization, device_id, *map(int, generation))
    return None
