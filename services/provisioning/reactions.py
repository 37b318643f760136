"""Reactions: whenever an organization was registered elsewhere, it gets a default provider here."""

from chassis.cause import Clock, derived_id7
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import Recorded
from chassis.reactions import Reactions, caused_by
from schemas.sessions import OrganizationRegistered
from services.provisioning.domain.aggregates import SERVICE, provider_of
from services.provisioning.domain.provider import AddProvider, provider
from services.provisioning.settings import Settings


def reactions(commands: CommandHandler, settings: Settings, clock: Clock) -> Reactions:
    """What provisioning does about events of other services."""

    async def on_organization_registered(recorded: Recorded) -> None:
        organization = recorded.envelope.organization
        provider_id = derived_id7(recorded.envelope.time, organization, "default provider")
        command = AddProvider(
            provider_id=provider_id,
            name=settings.default_provider_name,
            sip_server=settings.default_provider_sip_server,
            sip_port=settings.default_provider_sip_port,
            is_default=True,
        )
        intent = Intent(provider_of(organization, provider_id), provider, command)
        await commands.handle(caused_by(recorded, SERVICE, clock), intent)

    return {OrganizationRegistered: on_organization_registered}
