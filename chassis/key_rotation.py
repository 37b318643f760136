"""Another key for access tokens, without anybody being signed out."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from chassis.jwks import MAX_AGE_SECONDS
from chassis.key_files import EVERYBODY_READS, replace_file
from chassis.signing_key import (
    SigningKey,
    new_signing_key,
    published,
    read_signing_keys,
)

PUBLISHED_AHEAD = timedelta(seconds=2 * MAX_AGE_SECONDS)
"""Whoever checks tokens has read the new key by then, one failed try included."""

LONGEST_TOKEN_LIFE = timedelta(hours=1)


class RotationUnderWay(Exception):
    """The key before this one is not in use yet. The text says when it will be."""


def rotate_signing_key(private_path: Path, jwks_path: Path, now: datetime) -> str:
    """Publish a new key, to be signed with from `PUBLISHED_AHEAD` on; answers its id.

    The sessions service changes over by itself. Keys that no good token can be signed with any more
    are dropped. Raises `WrongKeyFile`, `RotationUnderWay`.
    """
    keys = read_signing_keys(private_path)
    if keys[-1].use_from > now.timestamp():
        at = datetime.fromtimestamp(keys[-1].use_from, now.tzinfo)
        raise RotationUnderWay(f"Key {keys[-1].key.kid} comes into use at {at:%H:%M}. Wait for it.")
    following = SigningKey(new_signing_key(), int((now + PUBLISHED_AHEAD).timestamp()))
    kept = [*_still_good(keys, now), following]
    # The public half first: no token is ever signed with a key that nobody can know.
    replace_file(jwks_path, published(*(one.key for one in kept)), EVERYBODY_READS)
    replace_file(private_path, msgspec.json.encode({"keys": [one.private for one in kept]}))
    return str(following.key.kid)


def _still_good(keys: list[SigningKey], now: datetime) -> list[SigningKey]:
    """The keys whose successor came into use less than the life of a token ago."""
    oldest = (now - LONGEST_TOKEN_LIFE).timestamp()
    successors = [*keys[1:], None]
    return [
        one
        for one, successor in zip(keys, successors, strict=True)
        if successor is None or successor.use_from > oldest
    ]
