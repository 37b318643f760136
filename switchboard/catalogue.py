"""Which services there are, and how each is put together."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.claiming import Claiming
from chassis.keyring import Keyring
from chassis.service import Runtime, Service
from chassis.settings import ServiceSettings
from services.activation.app import build as build_activation
from services.activation.claims import claims_of
from services.activation.settings import Settings as ActivationSettings
from services.notifier.app import build as build_notifier
from services.notifier.settings import Settings as NotifierSettings
from services.portal.settings import Settings as PortalSettings
from services.provisioning.app import build as build_provisioning
from services.provisioning.settings import Settings as ProvisioningSettings
from services.provisioning.uses import uses_of
from services.sessions.app import build as build_sessions
from services.sessions.claims import Claims as SessionsClaims
from services.sessions.settings import Settings as SessionsSettings


@dataclass(frozen=True)
class Blueprint:
    """How to build one service. `bucket` is its vault; what it may do there, the broker says.

    `claiming` says what its events claim, given where its keyring is: `verify` holds the log
    against it. It may raise `WrongKeyFile`.
    """

    name: str
    settings: type[ServiceSettings]
    build: Callable[[Runtime, Any], Service]
    claiming: Callable[[Path], Claiming]
    bucket: str = "secrets"


def _of_sessions(keyring: Path) -> Claiming:
    claims = SessionsClaims(Keyring.load(keyring))
    return Claiming(claims.of, claims.uses_of)


BLUEPRINTS = {
    blueprint.name: blueprint
    for blueprint in (
        Blueprint("sessions", SessionsSettings, build_sessions, _of_sessions, "credentials"),
        Blueprint(
            "provisioning",
            ProvisioningSettings,
            build_provisioning,
            lambda _: Claiming(uses_of=uses_of),
        ),
        Blueprint(
            "activation", ActivationSettings, build_activation, lambda _: Claiming(claims_of)
        ),
        Blueprint("notifier", NotifierSettings, build_notifier, lambda _: Claiming()),
    )
}

PORTAL = "portal"
"""Pages only: it has a bucket on the broker, but no log and no read models."""

SETTINGS: dict[str, type[ServiceSettings]] = {
    **{name: blueprint.settings for name, blueprint in BLUEPRINTS.items()},
    PORTAL: PortalSettings,
}
"""What an operator can choose, by service."""
