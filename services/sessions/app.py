"""Composition root of sessions: the only file that knows everything."""

from datetime import timedelta

from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.service import Runtime, Service
from chassis.signing_key import load_signing_key
from services.sessions.api import controllers
from services.sessions.claims import Claims
from services.sessions.domain.aggregates import SERVICE
from services.sessions.passwords import Passwords
from services.sessions.projections import projections
from services.sessions.settings import Settings
from services.sessions.sign_in import SignInDesk
from services.sessions.tokens import AccessTokens, RefreshTokens


def build(runtime: Runtime, settings: Settings) -> Service:
    """Put the service together on the given ports."""
    keyring = Keyring.load(settings.keyring)
    claims = Claims(keyring)
    commands = CommandHandler(runtime.store, claims.of)
    passwords = Passwords(runtime.vault)
    signing_key = load_signing_key(settings.signing_key)
    return Service(
        name=SERVICE,
        controllers=controllers,
        dependencies={
            "settings": settings,
            "commands": commands,
            "claims": claims,
            "read_models": runtime.read_models,
            "passwords": passwords,
            "sign_in_desk": SignInDesk(
                commands, runtime.store, claims, passwords, settings.default_domain
            ),
            "access_tokens": AccessTokens(
                signing_key, runtime.new_id, timedelta(seconds=settings.access_token_seconds)
            ),
            "refresh_tokens": RefreshTokens(runtime.vault, keyring),
        },
        projections=projections,
    )
