"""Keyed hashes: what must be recognised again, but must not be guessed from what is stored."""

import hmac
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from chassis.key_files import KEY_BYTES, new_key_id, read_keys, write_keys


@dataclass(frozen=True)
class Keyring:
    """Secret keys by id. Old ones stay until nothing that was made with them is needed."""

    current: str
    _keys: dict[str, bytes] = field(repr=False)

    @staticmethod
    def load(path: Path) -> "Keyring":
        """Read a key file. Raises `WrongKeyFile`."""
        return Keyring(*read_keys(path))

    @staticmethod
    def create(path: Path) -> "Keyring":
        """Write a key file with one fresh key. Raises FileExistsError."""
        keyring = Keyring.fresh()
        write_keys(path, keyring.current, keyring._keys)
        return keyring

    @staticmethod
    def fresh() -> "Keyring":
        """A keyring with one fresh key that is kept nowhere."""
        key_id = new_key_id()
        return Keyring(key_id, {key_id: secrets.token_bytes(KEY_BYTES)})

    @property
    def key_ids(self) -> tuple[str, ...]:
        """All key ids, the current one first: the order in which to look something up."""
        return (self.current, *(key_id for key_id in self._keys if key_id != self.current))

    @property
    def first(self) -> str:
        """The key that stands first in the file: for hashes that are looked up for ever."""
        return next(iter(self._keys))

    def mac(self, purpose: str, *parts: str | bytes, key_id: str | None = None) -> bytes:
        """HMAC-SHA-256 of the parts; another purpose gives another result.

        Raises KeyError for a key id that is not in the ring.
        """
        key = self._keys[key_id or self.current]
        return hmac.digest(key, b"".join(map(_framed, (purpose, *parts))), sha256)

    def fingerprint(self, purpose: str, *parts: str | bytes, key_id: str | None = None) -> str:
        """`mac` in lower-case hex. Raises KeyError for a key id that is not in the ring."""
        return self.mac(purpose, *parts, key_id=key_id).hex()

    def lasting(self, purpose: str, *parts: str | bytes) -> str:
        """`fingerprint` with the first key: the same before and after another key is added."""
        return self.fingerprint(purpose, *parts, key_id=self.first)


def _framed(part: str | bytes) -> bytes:
    # The length in front keeps ("ab", "c") and ("a", "bc") apart.
    content = part.encode() if isinstance(part, str) else part
    return len(content).to_bytes(8, "big") + content
