"""What can only be had once: a domain, a user id, a machine, a session of one's own, a desk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chassis.claiming import Release, Take
from chassis.event_store import INSTALLATION, Aggregate, Claim, History
from chassis.keyring import Keyring
from chassis.uses import Close, Free, Use
from schemas.event import Event
from schemas.sessions import (
    AgentSignedIn,
    AgentSignedOut,
    DeskAssociated,
    DeskConfigured,
    DeskReleased,
    DeskWithdrawn,
    OrganizationChanged,
    OrganizationRegistered,
    UserRegistered,
    UserRemoved,
)
from services.sessions.domain.aggregates import SERVICE
from services.sessions.domain.desk import DeskInUse, DeviceHasDesk
from services.sessions.domain.organization import DomainTaken
from services.sessions.domain.session import DeskTaken, MachineInUse, SignedInElsewhere
from services.sessions.domain.user import LastAdministrator, User, UserIdTaken, administers, user

Wishes = Sequence[Take | Release]

CLOSED = "closed"
"""Holds a desk where no guest may sit: it is not marked for that, or not there any more."""


@dataclass(frozen=True)
class Claims:
    """Names of claims, by keyed hash: no domain, user id or machine stands in a subject.

    Made with the first key, whichever is the current one: a name is found again for ever.
    """

    keyring: Keyring

    def domain(self, domain: str) -> Claim:
        """Held by an organization."""
        return self._claim("domain", domain)

    def sign_in_name(self, name: str) -> Claim:
        """Held by an organization."""
        return self._claim("sign-in-name", name)

    def login(self, login_id: str) -> Claim:
        """Held by `<organization>/<user>`."""
        return self._claim("login", login_id)

    def machine(self, fingerprint: str) -> Claim:
        """Held by `<organization>/<user>/<session>`."""
        return Claim(SERVICE, INSTALLATION, "machine", fingerprint)

    def user(self, organization: str, user_id: str) -> Claim:
        """Held by `<organization>/<user>/<session>`: who works in the call centre has one session.

        Administrators take no such claim: a browser and a script are signed in side by side.
        """
        return self._claim("user", user_id, organization)

    def desk(self, organization: str, desk_id: str) -> Claim:
        """Held by `<organization>/<user>/<session>`, or `CLOSED`."""
        return self._claim("desk", desk_id, organization)

    def device(self, organization: str, device_id: str) -> Claim:
        """Held by `<organization>/<desk>`."""
        return self._claim("device", device_id, organization)

    def administrators(self, organization: str) -> Claim:
        """Counts the administrators of an organization."""
        return Claim(SERVICE, organization, "administrators", "all")

    def machine_fingerprint(self, machine_id: str) -> str:
        """What stands for a machine in the log."""
        return self._hash("machine", machine_id)

    def of(self, aggregate: Aggregate, event: Event) -> Wishes:
        """What an event takes or gives back."""
        organization = aggregate.organization
        match event:
            case OrganizationRegistered() | OrganizationChanged():
                return self._of_organization(organization, event)
            case UserRegistered(login_id=login_id, user_id=user_id):
                taken = UserIdTaken("This user id is in use. Choose another.")
                return [Take(self.login(login_id), f"{organization}/{user_id}", taken)]
            case UserRemoved(login_id=login_id, user_id=user_id):
                return [Release(self.login(login_id), f"{organization}/{user_id}")]
            case DeskConfigured() | DeskWithdrawn():
                return self._of_desk(organization, event)
            case AgentSignedIn() | AgentSignedOut() | DeskAssociated() | DeskReleased():
                return self._of_session(organization, event)
        return []

    def uses_of(self, history: History, facts: Sequence[Event]) -> list[Use | Free | Close]:
        """Counts administrators, so that one is left whoever removes whom at the same time."""
        if history.aggregate.kind != "user":
            return []
        fold: Callable[..., User | None] = user.fold
        before = fold(history.events)
        was, is_now = administers(before), administers(fold(facts, before))
        claim = self.administrators(history.aggregate.organization)
        nobody = LastAdministrator("Make somebody else an administrator first.")
        if was and not is_now:
            return [Free(claim, nobody)]
        return [Use(claim, nobody)] if is_now and not was else []

    def _of_organization(
        self, organization: str, event: OrganizationRegistered | OrganizationChanged
    ) -> Wishes:
        taken = DomainTaken(
            "This domain belongs to another organization. Sign in there, or use another."
        )
        wishes: list[Take | Release] = [
            Take(self.domain(domain), organization, taken) for domain in event.domains
        ]
        if isinstance(event, OrganizationRegistered):
            return [*wishes, Take(self.sign_in_name(event.sign_in_name), organization, taken)]
        return wishes + [Release(self.domain(one), organization) for one in event.removed_domains]

    def _of_desk(self, organization: str, event: DeskConfigured | DeskWithdrawn) -> Wishes:
        holder = f"{organization}/{event.desk_id}"
        device = self.device(organization, event.device_id)
        place = self.desk(organization, event.desk_id)
        in_use = DeskInUse("Somebody sits there. Sign them out first.")
        if isinstance(event, DeskWithdrawn):
            return [Release(device, holder), Take(place, CLOSED, in_use)]
        wishes: list[Take | Release] = [
            Take(device, holder, DeviceHasDesk("This device stands at another desk.")),
            Release(place, CLOSED) if event.hot_desk else Take(place, CLOSED, in_use),
        ]
        if event.earlier_device_id:
            wishes.append(Release(self.device(organization, event.earlier_device_id), holder))
        return wishes

    def _of_session(
        self,
        organization: str,
        event: AgentSignedIn | AgentSignedOut | DeskAssociated | DeskReleased,
    ) -> Wishes:
        holder = f"{organization}/{event.user_id}/{event.session_id}"
        own = self.user(organization, event.user_id)
        match event:
            case AgentSignedIn():
                machine = Take(self.machine(event.machine_id), holder, machine_in_use())
                if event.role == "administrator":
                    return [machine]
                return [machine, Take(own, holder, signed_in_elsewhere())]
            case AgentSignedOut():
                return [Release(self.machine(event.machine_id), holder), Release(own, holder)]
            case DeskAssociated():
                taken = DeskTaken("This desk is not free. Choose another.")
                return [Take(self.desk(organization, event.desk_id), holder, taken)]
            case DeskReleased():
                return [Release(self.desk(organization, event.desk_id), holder)]

    def _claim(self, kind: str, *values: str) -> Claim:
        return Claim(SERVICE, INSTALLATION, kind, self._hash(kind, *values))

    def _hash(self, *values: str) -> str:
        return self.keyring.lasting(*values)


def machine_in_use() -> MachineInUse:
    """What somebody else is told who tries the same machine."""
    return MachineInUse("Another user is signed in on this machine. Sign them out first.")


def signed_in_elsewhere() -> SignedInElsewhere:
    """What a user is told who is signed in already."""
    return SignedInElsewhere(
        "You are signed in on another machine. Sign out there, or ask a supervisor to do it."
    )
