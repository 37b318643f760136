"""Who is signed in with which browser: kept on the server, readable only with the cookie."""

import secrets
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from chassis.vault import Vault
from services.portal.resources.sessions import Role, Tokens

NONCE_BYTES = 12
SECRET_BYTES = 32


class SignIn(msgspec.Struct, frozen=True):
    """A session and its tokens. `fresh_until` is in seconds since 1970."""

    access_token: str
    refresh_token: str
    fresh_until: float
    session_id: str
    user_id: str
    role: Role
    language: str
    heartbeat_seconds: int
    stay_signed_in: bool = True

    @property
    def subject(self) -> str:
        """The opaque id that the log knows this person by; sessions itself has vouched for it."""
        claims = self.access_token.split(".")[1:2]
        try:
            return str(msgspec.json.decode(urlsafe_b64decode(claims[0] + "=="))["sub"])
        except (IndexError, KeyError, ValueError):
            return ""

    @staticmethod
    def of(tokens: Tokens, now: float, *, stay_signed_in: bool = True) -> "SignIn":
        """What sessions has just answered."""
        return SignIn(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            fresh_until=now + tokens.expires_in,
            session_id=tokens.session_id,
            user_id=tokens.user.user_id,
            role=tokens.user.role,
            language=tokens.user.language,
            heartbeat_seconds=tokens.heartbeat_seconds,
            stay_signed_in=stay_signed_in,
        )


def new_secret() -> str:
    """What a cookie holds: it names a sign-in and opens it."""
    return secrets.token_urlsafe(SECRET_BYTES)


@dataclass(frozen=True)
class Browsers:
    """Sign-ins by the secret of their cookie. Whoever reads the vault alone learns nothing."""

    vault: Vault

    async def find(self, secret: str) -> tuple[SignIn | None, int]:
        """The sign-in, if it is still known, and its revision. Raises `StoreUnavailable`."""
        entry = await self.vault.get(_place(secret))
        return (_opened(secret, entry.value) if entry.value else None), entry.revision

    async def keep(self, secret: str, sign_in: SignIn, *, revision: int | None = None) -> int:
        """Keep it and say its revision. Raises `VaultConflict`, `StoreUnavailable`."""
        return await self.vault.put(_place(secret), _sealed(secret, sign_in), revision=revision)

    async def change_language(self, secret: str, language: str) -> SignIn | None:
        """Go on in another language. Raises `VaultConflict`, `StoreUnavailable`."""
        found, revision = await self.find(secret)
        if found is None:
            return None
        changed = msgspec.structs.replace(found, language=language)
        await self.keep(secret, changed, revision=revision)
        return changed

    async def forget(self, secret: str) -> None:
        """Nobody is signed in with this cookie any more. Raises `StoreUnavailable`."""
        await self.vault.erase(_place(secret))


def _place(secret: str) -> str:
    return sha256(f"place {secret}".encode()).hexdigest()


def _cipher(secret: str) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(sha256(f"key {secret}".encode()).digest())


def _sealed(secret: str, sign_in: SignIn) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(secret).encrypt(nonce, msgspec.json.encode(sign_in), None)


def _opened(secret: str, sealed: bytes) -> SignIn | None:
    nonce, content = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return msgspec.json.decode(_cipher(secret).decrypt(nonce, content, None), type=SignIn)
    except (InvalidTag, msgspec.DecodeError, ValueError):
        return None
