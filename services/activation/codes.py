"""Codes and tokens: derived or drawn here, recognised by keyed hash, kept nowhere."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from chassis.keyring import Keyring
from services.activation.domain.code import from_digest
from services.activation.domain.commands import MintedCode

_TOKEN_BYTES = 32
_LONGEST_TOKEN = 100


@dataclass(frozen=True)
class Codes:
    """Activation codes. The same device and generation have the same code as long as its key."""

    keyring: Keyring

    def minting(self, device_id: str) -> Callable[[int], MintedCode]:
        """What makes the codes of a device from the number of the generation."""
        key_id = self.keyring.current

        def mint(generation: int) -> MintedCode:
            code = self.derived(device_id, generation, key_id)
            return MintedCode(key_id, self._fingerprint(code, key_id))

        return mint

    def derived(self, device_id: str, generation: int, key_id: str) -> str:
        """The code of a generation. Raises KeyError for a key that is gone."""
        digest = self.keyring.mac("activation-code", device_id, str(generation), key_id=key_id)
        return from_digest(digest)

    def fingerprints(self, code: str) -> tuple[str, ...]:
        """What the log may know a code by: one keyed hash for every key that may have made it."""
        return tuple(self._fingerprint(code, key_id) for key_id in self.keyring.key_ids)

    def _fingerprint(self, code: str, key_id: str) -> str:
        return self.keyring.fingerprint("activation-code-lookup", code, key_id=key_id)


@dataclass(frozen=True)
class Tokens:
    """Device tokens, and what stands for a softphone's installation."""

    keyring: Keyring

    def new(self) -> str:
        """A token nobody can guess."""
        return secrets.token_urlsafe(_TOKEN_BYTES)

    def fingerprint(self, token: str) -> str:
        """What the log will know a new token by."""
        return self.keyring.fingerprint("device-token", token)

    def fingerprints(self, token: str) -> tuple[str, ...]:
        """What the log may know a token by."""
        known = token[:_LONGEST_TOKEN]
        ids = self.keyring.key_ids
        return tuple(self.keyring.fingerprint("device-token", known, key_id=one) for one in ids)

    def source(self, network: str) -> str:
        """What the log knows an address by that tried a dead code."""
        return self.keyring.fingerprint("source", network)

    def installations(self, *parts: str) -> tuple[str, ...]:
        """What the log may know an installation by: first what it will know a new one by."""
        ids = self.keyring.key_ids
        return tuple(self.keyring.fingerprint("installation", *parts, key_id=one) for one in ids)
