"""The keys of an installation: made once, kept for as long as what they protect."""

from dataclasses import dataclass
from pathlib import Path

from chassis.jetstream import nkeys
from chassis.jetstream.accounts import users
from chassis.jetstream.topology import Topology
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


def create_installation(folder: Path, topology: Topology) -> Path:
    """Make every key of an installation that is not there yet; gives the NATS server's half.

    `keys/` is for the services, `nats/` has a seed for each NATS user, and `nats-public.env` is all
    that the NATS server learns.
    """
    create_missing(folder / "keys", tuple(topology.logging))
    seeds, public = folder / "nats", folder / "nats-public.env"
    nkeys.create_missing(seeds, users(topology))
    lines = [f"{name}={key}" for name, key in nkeys.environment(seeds, users(topology)).items()]
    public.write_text("\n".join([*lines, ""]))
    return public
