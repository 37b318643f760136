"""Composition root of activation: the only file that knows everything."""

from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.rounds import Round
from chassis.sealing import Opener
from chassis.service import Runtime, Service
from schemas.questions import CODE_SUBJECT
from services.activation.allowance import Allowance
from services.activation.answers import code_answer
from services.activation.api import controllers
from services.activation.budget import Budget
from services.activation.claims import claims_of
from services.activation.codes import Codes, Tokens
from services.activation.configurations import Configurations
from services.activation.domain.aggregates import SERVICE
from services.activation.exchange import Exchange
from services.activation.expiring import SECONDS, Expiring
from services.activation.fetching import Fetching
from services.activation.instructing import Instructing
from services.activation.instructions import InstructionPages
from services.activation.issuing import Issuing
from services.activation.links import Links
from services.activation.organizations import Lifetimes
from services.activation.past import Past
from services.activation.past_guests import PastGuests
from services.activation.projections import projections
from services.activation.reactions import reactions
from services.activation.safe import Safe
from services.activation.settings import Settings
from services.activation.trail import Trails
from services.activation.viewing import Viewing


def build(runtime: Runtime, settings: Settings) -> Service:
    """Put the service together on the given ports."""
    keyring = Keyring.load(settings.keyring)
    codes, tokens = Codes(keyring), Tokens(keyring)
    links = Links(settings.public_url.rstrip("/"), codes)
    commands = CommandHandler(runtime.store, claims_of)
    issuing = Issuing(commands, codes, Lifetimes(runtime.read_models, settings.code_lifetime))
    safe = Safe(runtime.vault, Opener.load(settings.opening_keys))
    configurations = Configurations(runtime.read_models, safe)
    budget, handed_out, noted = _limits(runtime, settings, tokens)
    expiring = Expiring(commands, runtime.read_models, runtime.clock)
    return Service(
        name=SERVICE,
        controllers=controllers,
        dependencies={
            "links": links,
            "tokens": tokens,
            "allowance": handed_out,
            "viewing": Viewing(commands, handed_out),
            "issuing": issuing,
            "instructing": Instructing(commands, runtime.read_models, configurations, handed_out),
            "configurations": configurations,
            "exchange": Exchange(commands, codes, tokens, configurations, budget, noted),
            "fetching": Fetching(commands, tokens, configurations),
            "instruction_pages": InstructionPages(runtime.read_models, settings.download_links),
            "past": Past(runtime.log_of, PastGuests(runtime.read_models)),
            "trails": Trails(commands, runtime.read_models),
        },
        projections=projections,
        reactions=reactions(commands, issuing, runtime.clock),
        answers={CODE_SUBJECT: code_answer(commands, links, runtime.clock)},
        rounds=(Round("expired-codes", SECONDS, expiring.expire),),
    )


def _limits(
    runtime: Runtime, settings: Settings, tokens: Tokens
) -> tuple[Budget, Allowance, Allowance]:
    """How many codes may be tried, handed out, and noted as tried."""
    counters, digest, clock = runtime.counters, tokens.source, runtime.clock
    per_address, in_all = settings.failed_tries_per_address, settings.failed_tries_in_all
    return (
        Budget(counters, per_address, in_all, digest, clock),
        Allowance("codes", counters, settings.codes_per_organization, digest, clock),
        Allowance("noted", counters, settings.noted_tries_per_organization, digest, clock),
    )
