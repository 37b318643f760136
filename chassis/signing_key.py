"""The key pairs behind access tokens: one service signs, all others verify."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog
from joserfc.jwk import KeyParameters, KeySet, OKPKey

from chassis.auth import ALGORITHM
from chassis.key_files import EVERYBODY_READS, WrongKeyFile, new_key_id, write_once

_log = structlog.get_logger(__name__)

USE_FROM = "use_from"
"""Member of a private JWK: the second from which tokens are signed with it. Absent: from ever."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, and from when on it is used, in seconds since 1970."""

    key: OKPKey
    use_from: int = 0

    @property
    def private(self) -> dict[str, Any]:
        """As the private file holds it."""
        return {**self.key.as_dict(private=True), USE_FROM: self.use_from}


class SigningKeys:
    """The keys in a file, which may be replaced while we run: see `rotate_signing_key`."""

    def __init__(self, path: Path) -> None:
        """Raises `WrongKeyFile`."""
        self._path = path
        self._keys, self._written = read_signing_keys(path), _written(path)

    def at(self, now: datetime) -> OKPKey:
        """The key to sign with."""
        return key_at(self._present(), now)

    def published(self) -> bytes:
        """The JWKS that verifies what was and will be signed."""
        return published(*(one.key for one in self._present()))

    def _present(self) -> list[SigningKey]:
        # A file that cannot be used is left alone: the last one counts.
        if (written := _written(self._path)) not in (None, self._written):
            self._written = written
            try:
                self._keys = read_signing_keys(self._path)
            except WrongKeyFile as wrong:
                _log.warning("signing_key_not_read", reason=str(wrong))
        return self._keys


def key_at(keys: list[SigningKey], now: datetime) -> OKPKey:
    """The newest key whose time has come; the first, before any."""
    begun = [one for one in keys if one.use_from <= now.timestamp()]
    return (begun or keys[:1])[-1].key


def create_signing_key(private_jwk_path: Path, jwks_path: Path) -> None:
    """Write a fresh private JWK and the JWKS that verifies its signatures.

    Raises FileExistsError.
    """
    key = new_signing_key()
    write_once(private_jwk_path, msgspec.json.encode(key.as_dict(private=True)))
    write_once(jwks_path, published(key), EVERYBODY_READS)


def new_signing_key() -> OKPKey:
    """A fresh key that is kept nowhere."""
    parameters: KeyParameters = {"kid": new_key_id(), "use": "sig", "alg": ALGORITHM}
    return OKPKey.generate_key("Ed25519", parameters, private=True)


def load_signing_key(path: Path) -> OKPKey:
    """Read a private JWK; of several, the first. Raises `WrongKeyFile`."""
    return read_signing_keys(path)[0].key


def read_signing_keys(path: Path) -> list[SigningKey]:
    """Read a private JWK or a set of them, the earliest used first. Raises `WrongKeyFile`."""
    try:
        content = msgspec.json.decode(path.read_bytes())
        keys = [_signing_key(one) for one in content.get("keys", [content])]
    except OSError as error:
        raise WrongKeyFile(
            f"The signing key {path} cannot be read ({error.strerror}). "
            "Create it or mount it there."
        ) from None
    except Exception:
        # The cause may quote the file, which is secret.
        raise WrongKeyFile(
            f"The signing key {path} is no Ed25519 JWK. Restore it from its backup."
        ) from None
    if not keys or not all(one.key.is_private and one.key.kid for one in keys):
        raise WrongKeyFile(f"The signing key {path} must be a private JWK with a `kid`.")
    return sorted(keys, key=lambda one: one.use_from)


def published(*keys: OKPKey) -> bytes:
    """The JWKS that verifies signatures of these keys."""
    return msgspec.json.encode({**KeySet([*keys]).as_dict(private=False)})


def _signing_key(jwk: dict[str, Any]) -> SigningKey:
    use_from = int(jwk.pop(USE_FROM, 0))
    return SigningKey(OKPKey.import_key(jwk), use_from)


def _written(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
