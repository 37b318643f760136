"""Reactions: a default provider for a new organization, and what follows from our own facts."""

from dataclasses import dataclass

from chassis.cause import Clock, derived_id7
from chassis.command_handler import CommandHandler, Intent
from chassis.event_store import Recorded
from chassis.reactions import Reaction, Reactions, caused_by
from schemas.imports import ImportAdvanced, ImportStarted, ImportUndoRequested
from schemas.provisioning import (
    ContactErased,
    ServiceProviderChanged,
    SipAccountChanged,
    SipAccountDisabled,
    SipAccountEnabled,
    SipAccountRemoved,
    SipAccountSecretSet,
)
from schemas.sessions import OrganizationRegistered
from services.provisioning.domain.aggregates import SERVICE, provider_of
from services.provisioning.domain.provider import AddProvider, provider
from services.provisioning.erasing import Erasing
from services.provisioning.following import Following
from services.provisioning.importing.working import Working
from services.provisioning.settings import Settings


@dataclass(frozen=True)
class DefaultProviders:
    """Every organization has a service provider from the start."""

    commands: CommandHandler
    settings: Settings
    clock: Clock

    async def on_organization_registered(self, recorded: Recorded) -> None:
        """Add it, once."""
        organization = recorded.envelope.organization
        provider_id = derived_id7(recorded.envelope.time, organization, "default provider")
        command = AddProvider(
            provider_id=provider_id,
            name=self.settings.default_provider_name,
            sip_server=self.settings.default_provider_sip_server,
            sip_port=self.settings.default_provider_sip_port,
            is_default=True,
        )
        intent = Intent(provider_of(organization, provider_id), provider, command)
        await self.commands.handle(caused_by(recorded, SERVICE, self.clock), intent)


def reactions(
    defaults: DefaultProviders, following: Following, erasing: Erasing, working: Working
) -> Reactions:
    """What provisioning does about events, its own and those of other services."""

    async def revise_and_forget(recorded: Recorded) -> None:
        await following.revise(recorded)
        await following.forget(recorded)

    revised: dict[type, Reaction] = dict.fromkeys(
        (ServiceProviderChanged, SipAccountEnabled, SipAccountDisabled),
        following.revise,
    )
    worked: dict[type, Reaction] = dict.fromkeys(
        (ImportStarted, ImportAdvanced, ImportUndoRequested), working.on_import_advanced
    )
    return {
        OrganizationRegistered: defaults.on_organization_registered,
        **revised,
        **worked,
        SipAccountChanged: revise_and_forget,
        SipAccountSecretSet: revise_and_forget,
        SipAccountRemoved: following.forget,
        ContactErased: erasing.on_contact_erased,
    }
