"""Composition root of provisioning: the only file that knows everything."""

from chassis.command_handler import CommandHandler
from chassis.sealing import Sealer
from chassis.service import Runtime, Service
from services.provisioning.api import controllers
from services.provisioning.domain.aggregates import SERVICE
from services.provisioning.projections import projections
from services.provisioning.reactions import reactions
from services.provisioning.safe import Safe
from services.provisioning.settings import Settings


def build(runtime: Runtime, settings: Settings) -> Service:
    """Put the service together on the given ports."""
    commands = CommandHandler(runtime.store)
    return Service(
        name=SERVICE,
        controllers=controllers,
        dependencies={
            "commands": commands,
            "store": runtime.store,
            "read_models": runtime.read_models,
            "safe": Safe(runtime.vault, Sealer.load(settings.sealing_keys)),
        },
        projections=projections,
        reactions=reactions(commands, settings, runtime.clock),
    )
