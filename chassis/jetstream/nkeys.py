"""Keys of the NATS users: one seed file each, of which the server learns only the public half."""

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import nkeys  # type: ignore[import-untyped]  # it ships no types

from chassis.jetstream.accounts import key_variable


class SeedMissing(Exception):
    """A user's seed is not where it was said to be. The text says what to do."""


def existing_seed(directory: Path, user: str) -> Path:
    """The seed file of a user. Raises `SeedMissing`."""
    path = seed_file(directory, user)
    if not path.is_file():
        raise SeedMissing(
            f"{path} is not there: {user} cannot sign in to NATS. Set SWITCHBOARD_NATS_SEEDS to "
            "the folder that holds the seeds, one file `<user>.nk` each."
        )
    return path


def seed_file(directory: Path, user: str) -> Path:
    """Where a user's seed is kept."""
    return directory / f"{user}.nk"


def create_missing(directory: Path, users: Iterable[str]) -> list[str]:
    """Make a key for everyone who has none yet, and say for whom."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    missing = [user for user in users if not seed_file(directory, user).exists()]
    for user in missing:
        _write_once(seed_file(directory, user), _new_seed())
    return missing


def environment(directory: Path, users: Iterable[str]) -> dict[str, str]:
    """The variables that accounts.conf refers to."""
    return {key_variable(user): public_key(seed_file(directory, user)) for user in users}


def public_key(path: Path) -> str:
    """The public half of the key in a seed file."""
    try:
        pair = nkeys.from_seed(bytearray(path.read_bytes().strip()))
    except (OSError, nkeys.NkeysError) as error:
        msg = f"{path} holds no nkey seed ({error}). Delete it: `switchboard up` makes a new one."
        raise ValueError(msg) from error
    key: str = pair.public_key.decode()
    return key


def _new_seed() -> bytes:
    seed: bytes = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    return seed


def _write_once(path: Path, content: bytes) -> None:
    # Linked into place when complete: a crash leaves no half key, the first of two writers wins.
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
