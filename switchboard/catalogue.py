"""Which services there are, and how each is put together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chassis.service import Runtime, Service
from chassis.settings import ServiceSettings
from services.activation.app import build as build_activation
from services.activation.settings import Settings as ActivationSettings
from services.notifier.app import build as build_notifier
from services.notifier.settings import Settings as NotifierSettings
from services.portal.settings import Settings as PortalSettings
from services.provisioning.app import build as build_provisioning
from services.provisioning.settings import Settings as ProvisioningSettings
from services.sessions.app import build as build_sessions
from services.sessions.settings import Settings as SessionsSettings


@dataclass(frozen=True)
class Blueprint:
    """How to build one service. `bucket` is its vault; what it may do there, the broker says."""

    name: str
    settings: type[ServiceSettings]
    build: Callable[[Runtime, Any], Service]
    bucket: str = "secrets"


BLUEPRINTS = {
    blueprint.name: blueprint
    for blueprint in (
        Blueprint("sessions", SessionsSettings, build_sessions, "credentials"),
        Blueprint("provisioning", ProvisioningSettings, build_provisioning),
        Blueprint("activation", ActivationSettings, build_activation),
        Blueprint("notifier", NotifierSettings, build_notifier),
    )
}

PORTAL = "portal"
"""Pages only: it has a bucket on the broker, but no log and no read models."""

SETTINGS: dict[str, type[ServiceSettings]] = {
    **{name: blueprint.settings for name, blueprint in BLUEPRINTS.items()},
    PORTAL: PortalSettings,
}
"""What an operator can choose, by service."""
