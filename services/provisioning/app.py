"""Composition root of provisioning: the only file that knows everything."""

from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.sealing import Sealer
from chassis.service import Runtime, Service
from services.provisioning.api import controllers
from services.provisioning.domain.aggregates import SERVICE
from services.provisioning.erasing import Erasing
from services.provisioning.following import Following
from services.provisioning.importing.staging import Staging
from services.provisioning.importing.starting import Starting
from services.provisioning.importing.undoing import Undoing
from services.provisioning.importing.working import Working
from services.provisioning.keeping import Keeping
from services.provisioning.projections import projections
from services.provisioning.reachability import ReachabilityTest
from services.provisioning.reactions import DefaultProviders, reactions
from services.provisioning.removing import Removing
from services.provisioning.safe import Safe
from services.provisioning.settings import Settings
from services.provisioning.uses import uses_of

IMPORTS_BUCKET = "imports"


def build(runtime: Runtime, settings: Settings) -> Service:
    """Put the service together on the given ports."""
    commands = CommandHandler(runtime.store, uses_of=uses_of)
    safe = Safe(runtime.vault, Sealer.load(settings.sealing_keys))
    following = Following(commands, runtime.store, runtime.read_models, safe, runtime.clock)
    keyring = Keyring.load(settings.keyring)
    staging = Staging(runtime.bucket(IMPORTS_BUCKET), keyring)
    return Service(
        name=SERVICE,
        controllers=controllers,
        dependencies={
            "commands": commands,
            "store": runtime.store,
            "read_models": runtime.read_models,
            "keeping": Keeping(commands, safe),
            "removing": Removing(commands, runtime.read_models),
            "staging": staging,
            "reachability": ReachabilityTest(
                settings.reachability_test,
                runtime.clock,
                runtime.counters,
                keyring,
                allowed=settings.reachability_networks,
            ),
            "starting": Starting(commands, runtime.read_models, staging, safe),
        },
        projections=projections,
        reactions=reactions(
            DefaultProviders(commands, settings, runtime.clock),
            following,
            Erasing(runtime.store, runtime.erase),
            Working(commands, staging, safe, Undoing(commands), runtime.clock),
        ),
    )
