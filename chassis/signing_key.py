"""The key pair behind access tokens: one service signs, all others verify."""

from pathlib import Path

import msgspec
from joserfc.jwk import KeyParameters, KeySet, OKPKey

from chassis.auth import ALGORITHM
from chassis.key_files import EVERYBODY_READS, WrongKeyFile, new_key_id, write_once


def create_signing_key(private_jwk_path: Path, jwks_path: Path) -> None:
    """Write a fresh private JWK and the JWKS that verifies its signatures.

    Raises FileExistsError.
    """
    key = new_signing_key()
    write_once(private_jwk_path, msgspec.json.encode(key.as_dict(private=True)))
    write_once(jwks_path, msgspec.json.encode(_published(key)), EVERYBODY_READS)


def new_signing_key() -> OKPKey:
    """A fresh key that is kept nowhere."""
    parameters: KeyParameters = {"kid": new_key_id(), "use": "sig", "alg": ALGORITHM}
    return OKPKey.generate_key("Ed25519", parameters, private=True)


def load_signing_key(path: Path) -> OKPKey:
    """Read a private JWK. Raises `WrongKeyFile`."""
    try:
        key = OKPKey.import_key(msgspec.json.decode(path.read_bytes()))
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
    if not key.is_private or not key.kid:
        raise WrongKeyFile(f"The signing key {path} must be a private JWK with a `kid`.")
    return key


def _published(key: OKPKey) -> dict[str, object]:
    return {**KeySet([key]).as_dict(private=False)}
