"""Organization: everything belongs to one. Its domain is its own over the whole installation."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.decider import Decider, Refused
from schemas.sessions import OrganizationRegistered

OrganizationEvent = OrganizationRegistered


class DomainTaken(Refused):
    """Another organization has this domain."""


@dataclass(frozen=True, slots=True)
class RegisterOrganization:
    """Open an organization under a domain."""

    organization_id: str
    name: str
    domain: str


OrganizationCommand = RegisterOrganization


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization as it is set up now."""

    name: str
    domains: tuple[str, ...]
    sign_in_name: str

    @property
    def default_domain(self) -> str:
        """What is appended to a user id that was typed without a domain."""
        return self.domains[0]


def sign_in_name(domain: str) -> str:
    """A name for the address of the sign-in page: another one for every domain."""
    return domain.replace("-", "--").replace(".", "-")


def decide(
    command: OrganizationCommand, organization: Organization | None
) -> Sequence[OrganizationEvent]:
    """What follows from a command."""
    if organization is not None:
        return []
    return [
        OrganizationRegistered(
            organization_id=command.organization_id,
            name=command.name,
            domains=(command.domain,),
            sign_in_name=sign_in_name(command.domain),
        )
    ]


def evolve(_: Organization | None, event: OrganizationEvent) -> Organization:
    """What a fact changes."""
    return Organization(event.name, event.domains, event.sign_in_name)


organization: Decider[OrganizationCommand, Organization | None, OrganizationEvent] = Decider(
    None, decide, evolve
)
