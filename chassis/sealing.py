"""SIP passwords sealed on receipt: whoever seals cannot open, and only one service can."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from chassis.key_files import EVERYBODY_READS, add_key, new_key_id, read_keys, write_keys

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_SUITE_NAME = "X25519-HKDF-SHA256-CHACHA20POLY1305"


class CannotOpen(Exception):
    """Sealed for another key, for another place, or damaged."""


class _Sealed(msgspec.Struct, frozen=True):
    suite: str
    kid: str
    ct: bytes


def secret_context(organization: str, secret_id: str, version: int) -> bytes:
    """What a sealed secret belongs to. It opens for nothing else."""
    return msgspec.json.encode((organization, secret_id, version))


def secret_key(organization: str, secret_id: str, version: int) -> str:
    """Where a sealed secret stands in the vault."""
    return f"{organization}.{secret_id}.{version}"


@dataclass(frozen=True)
class Sealer:
    """Holds public keys only."""

    key_id: str
    _keys: dict[str, X25519PublicKey] = field(repr=False)

    @staticmethod
    def load(path: Path) -> "Sealer":
        """Read a file of public keys. Raises `WrongKeyFile`."""
        current, keys = read_keys(path)
        return Sealer(
            current, {kid: X25519PublicKey.from_public_bytes(k) for kid, k in keys.items()}
        )

    def seal(self, plaintext: str, context: bytes) -> bytes:
        """Seal with the current key, which the result names."""
        key = self._keys[self.key_id]
        ciphertext = _SUITE.encrypt(plaintext.encode(), key, info=context)
        return msgspec.json.encode(_Sealed(_SUITE_NAME, self.key_id, ciphertext))


@dataclass(frozen=True)
class Opener:
    """Holds the private keys: the one service that may see plaintexts."""

    _keys: dict[str, X25519PrivateKey] = field(repr=False)

    @staticmethod
    def load(path: Path) -> "Opener":
        """Read a file of private keys. Raises `WrongKeyFile`."""
        _, keys = read_keys(path)
        return Opener({kid: X25519PrivateKey.from_private_bytes(k) for kid, k in keys.items()})

    def open(self, sealed: bytes, context: bytes) -> str:
        """The plaintext. Raises `CannotOpen`."""
        try:
            parts = msgspec.json.decode(sealed, type=_Sealed)
            return _SUITE.decrypt(parts.ct, self._keys[parts.kid], info=context).decode()
        except KeyError:
            raise CannotOpen(
                f"This secret was sealed to key {parts.kid}, which is not in the file of private "
                "keys. Put that key back, or enter the secret again."
            ) from None
        except (InvalidTag, msgspec.MsgspecError, UnicodeDecodeError):
            raise CannotOpen(
                "This secret was sealed for something else or is damaged. Enter it again."
            ) from None


def create_sealing_keys(private_path: Path, public_path: Path) -> None:
    """Write a fresh key pair: the private half for the opener, the public half for sealers.

    Raises FileExistsError.
    """
    key_id, private = new_key_id(), X25519PrivateKey.generate()
    write_keys(private_path, key_id, {key_id: private.private_bytes_raw()})
    public = private.public_key().public_bytes_raw()
    write_keys(public_path, key_id, {key_id: public}, EVERYBODY_READS)


def add_sealing_key(private_path: Path, public_path: Path) -> str:
    """Make a further key pair the current one; what was sealed before still opens.

    Answers its id. Raises `WrongKeyFile`.
    """
    key_id, private = new_key_id(), X25519PrivateKey.generate()
    # The opener's half first: nothing may be sealed to a key that nobody has.
    add_key(private_path, private.private_bytes_raw(), key_id)
    add_key(public_path, private.public_key().public_bytes_raw(), key_id)
    return key_id
