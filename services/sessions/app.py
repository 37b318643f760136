"""Composition root of sessions: the only file that knows everything."""

from datetime import timedelta
from typing import Any

from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.leases import Expiry
from chassis.rounds import Round
from chassis.service import Runtime, Service
from chassis.signing_key import SigningKeys
from services.sessions.api import controllers
from services.sessions.api.own_session import OwnSession
from services.sessions.authentication import Authentication
from services.sessions.claims import Claims
from services.sessions.directory import Directory
from services.sessions.domain.aggregates import SERVICE
from services.sessions.forgetting import Forgetting
from services.sessions.history import History
from services.sessions.known_machines import KnownMachines
from services.sessions.names import Names
from services.sessions.orphaned_hashes import SECONDS, OrphanedHashes
from services.sessions.passwords import Passwords
from services.sessions.presence import Presence
from services.sessions.projections import projections
from services.sessions.reactions import reactions
from services.sessions.references import References
from services.sessions.seating import Seating
from services.sessions.settings import Settings
from services.sessions.sign_in import SignInDesk
from services.sessions.throttle import Throttle
from services.sessions.tokens import AccessTokens, RefreshTokens


def build(runtime: Runtime, settings: Settings) -> Service:
    """Put the service together on the given ports. Raises TypeError without leases."""
    if runtime.leases is None:
        raise TypeError("Sessions are kept alive by leases: give the runtime some.")
    keyring = Keyring.load(settings.keyring)
    claims = Claims(keyring)
    commands = CommandHandler(runtime.store, claims.of, claims.uses_of)
    directory = Directory(commands, claims, runtime.read_models)
    presence = Presence(commands, runtime.leases, runtime.clock, settings.lease_seconds)
    seating = Seating(commands, claims)
    passwords = Passwords(runtime.vault, settings.password_memory_kib)
    known_machines = KnownMachines(runtime.vault, keyring)
    refresh_tokens = RefreshTokens(runtime.vault, keyring)
    throttle = _throttle(runtime, settings, keyring)
    authentication = Authentication(
        commands,
        claims,
        directory,
        passwords,
        throttle,
        known_machines,
        settings.default_domain,
        settings.refusal_milliseconds / 1000,
    )
    sign_in_desk = SignInDesk(commands, claims, directory, authentication, presence, seating)
    forgetting = Forgetting(commands, known_machines, passwords, refresh_tokens)
    orphaned = OrphanedHashes(runtime.vault, commands)
    return Service(
        name=SERVICE,
        controllers=controllers,
        dependencies={
            "settings": settings,
            "commands": commands,
            "claims": claims,
            "directory": directory,
            "passwords": passwords,
            "throttle": throttle,
            "presence": presence,
            "seating": seating,
            "own_session": OwnSession(commands, presence, seating, settings),
            "sign_in_desk": sign_in_desk,
            "refresh_tokens": refresh_tokens,
            **_signing(runtime, settings),
            **_reading(runtime),
        },
        projections=projections,
        reactions=reactions(seating, forgetting, runtime.store, runtime.clock),
        expiry=Expiry(presence.ended, settings.lease_seconds, presence.beaten),
        rounds=(Round("orphaned-hashes", SECONDS, orphaned.sweep),),
    )


def _throttle(runtime: Runtime, settings: Settings, keyring: Keyring) -> Throttle:
    return Throttle(
        runtime.counters,
        settings.failed_sign_ins_per_user,
        settings.failed_sign_ins_per_address,
        keyring.fingerprint,
        runtime.clock,
    )


def _signing(runtime: Runtime, settings: Settings) -> dict[str, Any]:
    keys = SigningKeys(settings.signing_key)
    lifetime = timedelta(seconds=settings.access_token_seconds)
    return {
        "signing_keys": keys,
        "access_tokens": AccessTokens(keys.at, runtime.new_id, lifetime),
    }


def _reading(runtime: Runtime) -> dict[str, Any]:
    read_models = runtime.read_models
    return {
        "read_models": read_models,
        "references": References(read_models),
        "names": Names(read_models),
        "history": History(read_models, runtime.clock),
    }
