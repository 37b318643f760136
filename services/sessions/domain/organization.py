"""Organization: everything belongs to one. Its domain is its own over the whole installation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chassis.decider import Decider, Invalid, Refused, present
from schemas.said import said
from schemas.sessions import OrganizationChanged, OrganizationRegistered, SignInPolicySet
from services.sessions.domain.policy import LANGUAGES, SignInPolicy

OrganizationEvent = OrganizationRegistered | OrganizationChanged | SignInPolicySet

CODE_LIFETIME_MINUTES = 10080


class DomainTaken(Refused):
    """Another organization has this domain."""


@dataclass(frozen=True, slots=True)
class RegisterOrganization:
    """Open an organization under a domain."""

    organization_id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class Setup:
    """What an administrator can change of an organization."""

    name: str
    domains: tuple[str, ...]
    help_contact: str | None = None
    mail_from: str | None = None
    download_links: Mapping[str, str] = field(default_factory=dict)
    code_lifetime_minutes: int = CODE_LIFETIME_MINUTES
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeOrganization:
    """Set an organization up anew."""

    organization_id: str
    setup: Setup


@dataclass(frozen=True, slots=True)
class SetSignInPolicy:
    """Say how people sign in."""

    organization_id: str
    policy: SignInPolicy


OrganizationCommand = RegisterOrganization | ChangeOrganization | SetSignInPolicy


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization as it is set up now."""

    setup: Setup
    sign_in_name: str
    chosen_policy: SignInPolicy | None = None

    @property
    def policy(self) -> SignInPolicy:
        """How people sign in: as was chosen, or as it is everywhere."""
        return self.chosen_policy or SignInPolicy(self.setup.domains[0])


def sign_in_name(domain: str) -> str:
    """A name for the address of the sign-in page: another one for every domain."""
    return domain.replace("-", "--").replace(".", "-")


def decide(
    command: OrganizationCommand, organization: Organization | None
) -> Sequence[OrganizationEvent]:
    """What follows from a command."""
    match command:
        case RegisterOrganization():
            return [_registered(command)] if organization is None else []
        case ChangeOrganization(organization_id, setup):
            known = present(organization)
            _check_domains(known, setup.domains)
            return [] if setup == known.setup else [_changed(organization_id, known.setup, setup)]
        case SetSignInPolicy(organization_id, policy):
            known = present(organization)
            _check_policy(known, policy)
            return [] if policy == known.chosen_policy else [_set(organization_id, policy)]


def _registered(command: RegisterOrganization) -> OrganizationRegistered:
    return OrganizationRegistered(
        organization_id=command.organization_id,
        name=command.name,
        domains=(command.domain,),
        sign_in_name=sign_in_name(command.domain),
    )


def _check_domains(known: Organization, domains: tuple[str, ...]) -> None:
    if not domains:
        raise Invalid("domains", "An organization has at least one domain.")
    if len(set(domains)) < len(domains):
        raise Invalid("domains", "A domain is named twice.")
    if known.policy.default_domain not in domains:
        raise Invalid(
            "domains",
            said(
                "%(domain)s is appended by default. Change that first.",
                domain=known.policy.default_domain,
            ),
        )


def _changed(organization_id: str, old: Setup, new: Setup) -> OrganizationChanged:
    return OrganizationChanged(
        organization_id=organization_id,
        name=new.name,
        domains=new.domains,
        removed_domains=tuple(one for one in old.domains if one not in new.domains),
        help_contact=new.help_contact,
        mail_from=new.mail_from,
        download_links=dict(new.download_links),
        code_lifetime_minutes=new.code_lifetime_minutes,
        language=new.language,
    )


def _check_policy(known: Organization, policy: SignInPolicy) -> None:
    if policy.default_domain not in known.setup.domains:
        raise Invalid(
            "default_domain",
            said(
                "Choose one of your domains: %(domains)s.", domains=", ".join(known.setup.domains)
            ),
        )
    if not policy.languages or len(set(policy.languages)) < len(policy.languages):
        raise Invalid(
            "languages",
            said("Choose some of %(languages)s, each once.", languages=", ".join(LANGUAGES)),
        )


def _set(organization_id: str, policy: SignInPolicy) -> SignInPolicySet:
    return SignInPolicySet(
        organization_id=organization_id,
        default_domain=policy.default_domain,
        users_may_set_domain=policy.users_may_set_domain,
        languages=policy.languages,
        grace_seconds=policy.grace_seconds,
        second_sign_in=policy.second_sign_in,
        max_session_hours=policy.max_session_hours,
    )


def evolve(organization: Organization | None, event: OrganizationEvent) -> Organization | None:
    """What a fact changes."""
    match event:
        case OrganizationRegistered():
            return Organization(Setup(event.name, event.domains), event.sign_in_name)
        case OrganizationChanged():
            return organization and replace(organization, setup=_setup(event))
        case SignInPolicySet():
            return organization and replace(organization, chosen_policy=_policy(event))


def _setup(event: OrganizationChanged) -> Setup:
    return Setup(
        event.name,
        event.domains,
        event.help_contact,
        event.mail_from,
        event.download_links,
        event.code_lifetime_minutes,
        event.language,
    )


def _policy(event: SignInPolicySet) -> SignInPolicy:
    return SignInPolicy(
        default_domain=event.default_domain,
        users_may_set_domain=event.users_may_set_domain,
        languages=event.languages,
        grace_seconds=event.grace_seconds,
        second_sign_in=event.second_sign_in,
        max_session_hours=event.max_session_hours,
    )


organization: Decider[OrganizationCommand, Organization | None, OrganizationEvent] = Decider(
    None, decide, evolve
)
