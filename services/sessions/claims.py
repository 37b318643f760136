"""What can only be had once: a domain, a user id, a machine."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.command_handler import Release, Take
from chassis.event_store import INSTALLATION, Aggregate, Claim
from chassis.keyring import Keyring
from schemas.event import Event
from schemas.sessions import AgentSignedIn, AgentSignedOut, OrganizationRegistered, UserRegistered
from services.sessions.domain.aggregates import SERVICE
from services.sessions.domain.organization import DomainTaken
from services.sessions.domain.session import MachineInUse
from services.sessions.domain.user import UserIdTaken


@dataclass(frozen=True)
class Claims:
    """Names of claims, by keyed hash: no domain, user id or machine stands in a subject."""

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

    def machine_fingerprint(self, machine_id: str) -> str:
        """What stands for a machine in the log."""
        return self.keyring.fingerprint("machine", machine_id)

    def of(self, aggregate: Aggregate, event: Event) -> Sequence[Take | Release]:
        """What an event takes or gives back."""
        organization = aggregate.organization
        match event:
            case OrganizationRegistered():
                taken = DomainTaken(
                    "This domain belongs to another organization. Sign in there, or use another."
                )
                return [
                    *(Take(self.domain(domain), organization, taken) for domain in event.domains),
                    Take(self.sign_in_name(event.sign_in_name), organization, taken),
                ]
            case UserRegistered():
                taken_id = UserIdTaken("This user id is in use. Choose another.")
                holder = f"{organization}/{event.user_id}"
                return [Take(self.login(event.login_id), holder, taken_id)]
            case AgentSignedIn():
                in_use = MachineInUse(
                    "Another user is signed in on this machine. Sign them out first."
                )
                holder = f"{organization}/{event.user_id}/{event.session_id}"
                return [Take(self.machine(event.machine_id), holder, in_use)]
            case AgentSignedOut():
                holder = f"{organization}/{event.user_id}/{event.session_id}"
                return [Release(self.machine(event.machine_id), holder)]
        return []

    def _claim(self, kind: str, value: str) -> Claim:
        return Claim(SERVICE, INSTALLATION, kind, self.keyring.fingerprint(kind, value))
