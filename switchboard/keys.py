"""The keys of a one-machine installation: made once, kept in the data folder."""

from dataclasses import dataclass
from pathlib import Path

from chassis.keyring import Keyring
from chassis.sealing import create_sealing_keys
from chassis.signing_key import create_signing_key


@dataclass(frozen=True, slots=True)
class Keys:
    """Where each key file is."""

    folder: Path

    @property
    def sealing_public(self) -> Path:
        """For whoever seals SIP passwords."""
        return self.folder / "sealing-public.json"

    @property
    def sealing_private(self) -> Path:
        """For activation, which opens them."""
        return self.folder / "sealing-private.json"

    @property
    def signing(self) -> Path:
        """For sessions, which signs access tokens."""
        return self.folder / "signing.json"

    @property
    def jwks(self) -> Path:
        """For everybody who checks access tokens."""
        return self.folder / "jwks.json"

    def keyring(self, service: str) -> Path:
        """For the keyed hashes of one service."""
        return self.folder / f"{service}-keyring.json"


def create_missing(folder: Path, services: tuple[str, ...]) -> Keys:
    """Make what is not there yet. What is there stays: without it old secrets cannot be read."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = Keys(folder)
    if not keys.sealing_private.exists():
        create_sealing_keys(keys.sealing_private, keys.sealing_public)
    if not keys.signing.exists():
        create_signing_key(keys.signing, keys.jwks)
    for service in services:
        if not keys.keyring(service).exists():
            Keyring.create(keys.keyring(service))
    return keys
