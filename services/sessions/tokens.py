"""Tokens of a session: short-lived signed access tokens, and refresh tokens that rotate."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import OKPKey

from chassis.auth import ALGORITHM, AUDIENCE, ISSUER, Principal
from chassis.cause import Ids
from chassis.keyring import Keyring
from chassis.vault import Vault, VaultConflict


class RefreshTokenReused(Exception):
    """A refresh token was used a second time: somebody else may have it."""

    def __init__(self, organization: str, session_id: str) -> None:
        super().__init__("refresh token used twice")
        self.organization = organization
        self.session_id = session_id


class RefreshTokenUnknown(Exception):
    """This is no refresh token of a session, or not any more of the one it names, if any."""

    def __init__(self, named: tuple[str, str] | None = None) -> None:
        super().__init__("no refresh token of a session")
        self.named = named


LONGEST_TOKEN = 300
REMEMBERED = 50
"""How many used refresh tokens of a session are recognised as such."""


@dataclass(frozen=True, slots=True)
class _Kept:
    current: str | None = None
    used: tuple[str, ...] = ()


@dataclass(frozen=True)
class AccessTokens:
    """Signs who somebody is, for a few minutes. `key_at` gives the key to sign with at a moment."""

    key_at: Callable[[datetime], OKPKey]
    new_id: Ids
    lifetime: timedelta

    def issue(self, principal: Principal, now: datetime) -> str:
        """An access token for one session."""
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": principal.user_id,
            "org": principal.organization,
            "role": principal.role,
            "sid": principal.session_id,
            "iat": int(now.timestamp()),
            "exp": int((now + self.lifetime).timestamp()),
            "jti": self.new_id(),
        }
        key = self.key_at(now)
        header = {"alg": ALGORITHM, "kid": key.kid}
        return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


@dataclass(frozen=True)
class RefreshTokens:
    """One refresh token per session, replaced at each use. Only its keyed hash is kept."""

    vault: Vault
    keyring: Keyring

    async def issue(self, organization: str, session_id: str) -> str:
        """A new token for a session; the earlier one is worth nothing from now on."""
        kept, revision = await self._read(organization, session_id)
        following = _token(organization, session_id, secrets.token_urlsafe(32))
        try:
            await self._replace(kept, revision, following)
        except VaultConflict:
            return await self.issue(organization, session_id)
        return following

    async def holder(self, token: str, attempt: str | None = None) -> tuple[str, str]:
        """Organization and session of a token that may be exchanged.

        Raises `RefreshTokenReused`, `RefreshTokenUnknown`, `StoreUnavailable`.
        """
        organization, session_id = _parts(token)
        kept, _ = await self._read(organization, session_id)
        self._check(token, attempt, kept)
        return organization, session_id

    async def rotate(self, token: str, attempt: str | None = None) -> str:
        """The token that replaces this one. Of two who try at once, one has reused it.

        Who says the same `attempt` again gets the same answer again, until it has been used: the
        first may have been lost on the way. Raises as `holder`.
        """
        organization, session_id = _parts(token)
        kept, revision = await self._read(organization, session_id)
        following = self._check(token, attempt, kept)
        try:
            if self._fingerprint(following) != kept.current:
                await self._replace(kept, revision, following)
        except VaultConflict:
            # Whoever was quicker has used the token: what that was is seen at the second look.
            return await self.rotate(token, attempt)
        return following

    async def forget(self, organization: str, session_id: str) -> None:
        """Put the token of a session that is over out of reach. Raises `StoreUnavailable`."""
        await self.vault.erase(_key(organization, session_id))

    def _check(self, token: str, attempt: str | None, kept: _Kept) -> str:
        """The token that replaces one that may be exchanged."""
        following = self._following(token, attempt)
        if self._fingerprint(following) == kept.current:
            return following
        shown = self._fingerprint(token)
        if shown in kept.used:
            raise RefreshTokenReused(*_parts(token))
        if not hmac.compare_digest(kept.current or "", shown):
            raise RefreshTokenUnknown(_parts(token))
        return following

    def _following(self, token: str, attempt: str | None) -> str:
        # Only who holds the token and made the attempt can be given this one.
        secret = secrets.token_bytes(32) if attempt is None else self._derived(token, attempt)
        return _token(*_parts(token), urlsafe_b64encode(secret).decode().rstrip("="))

    def _derived(self, token: str, attempt: str) -> bytes:
        key_id = self.keyring.first
        return self.keyring.mac("refresh-successor", token, attempt, key_id=key_id)

    async def _read(self, organization: str, session_id: str) -> tuple[_Kept, int]:
        entry = await self.vault.get(_key(organization, session_id))
        kept = msgspec.json.decode(entry.value, type=_Kept) if entry.value else _Kept()
        return kept, entry.revision

    async def _replace(self, kept: _Kept, revision: int, following: str) -> None:
        used = (*kept.used, kept.current)[-REMEMBERED:] if kept.current else kept.used
        renewed = _Kept(self._fingerprint(following), used)
        value = msgspec.json.encode(asdict(renewed))
        try:
            await self.vault.put(_key(*_parts(following)), value, revision=revision)
        except VaultConflict:
            # It may have been this very token, and only the answer of the broker that got lost.
            now, _ = await self._read(*_parts(following))
            if now.current != renewed.current:
                raise

    def _fingerprint(self, token: str) -> str:
        return self.keyring.lasting("refresh-token", token)


def _token(organization: str, session_id: str, secret: str) -> str:
    return f"{organization}.{session_id}.{secret}"


def _parts(token: str) -> tuple[str, str]:
    organization, _, rest = token.partition(".")
    session_id, _, secret = rest.partition(".")
    wellformed = all(part.replace("-", "").isalnum() for part in (organization, session_id))
    if not wellformed or not secret or len(token) > LONGEST_TOKEN:
        raise RefreshTokenUnknown
    return organization, session_id


def _key(organization: str, session_id: str) -> str:
    return f"{organization}.session.{session_id}"
