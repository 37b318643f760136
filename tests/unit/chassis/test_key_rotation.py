"""A new signing key comes into use, and nobody is signed out."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.auth import Principal, TokenVerifier, Unauthenticated
from chassis.jwks import MAX_AGE_SECONDS, JwksFile
from chassis.key_rotation import (
    LONGEST_TOKEN_LIFE,
    PUBLISHED_AHEAD,
    RotationUnderWay,
    rotate_signing_key,
)
from chassis.signing_key import SigningKeys, create_signing_key
from services.sessions.tokens import AccessTokens

ALF = Principal("alf", "acme", "agent", "s1")
MINUTE = timedelta(minutes=1)


class Installation:
    """Sessions, which signs, and a service that checks and reads the keys now and then."""

    def __init__(self, folder: Path) -> None:
        self.private, self.public = folder / "signing.json", folder / "jwks.json"
        create_signing_key(self.private, self.public)
        self.now = datetime(2026, 5, 3, 12, tzinfo=UTC)
        self.keys = SigningKeys(self.private)
        self.tokens = AccessTokens(self.keys.at, lambda: "t1", timedelta(hours=1))
        self.verifier = TokenVerifier(JwksFile(self.public, self._seconds), lambda: self.now)

    def _seconds(self) -> float:
        return self.now.timestamp()

    def rotate(self) -> str:
        return rotate_signing_key(self.private, self.public, self.now)

    @property
    def signs_with(self) -> str | None:
        return self.keys.at(self.now).kid

    @property
    def published(self) -> set[str]:
        return {one["kid"] for one in json.loads(self.public.read_text())["keys"]}


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_a_new_key_is_published_before_it_is_used(here: Installation) -> None:
    old, new = here.signs_with, here.rotate()
    assert here.published == {old, new}
    here.now += PUBLISHED_AHEAD - MINUTE
    assert here.signs_with == old
    here.now += MINUTE
    assert here.signs_with == new
    assert PUBLISHED_AHEAD.total_seconds() > MAX_AGE_SECONDS


async def test_no_token_is_refused_while_keys_change(here: Installation) -> None:
    held = [here.tokens.issue(ALF, here.now)]
    here.rotate()
    for _ in range(90):
        here.now += MINUTE
        held = [*held[-59:], here.tokens.issue(ALF, here.now)]
        for token in (held[0], held[-1]):
            assert await here.verifier.verify(token) == ALF


async def test_the_old_key_is_dropped_when_no_token_of_it_can_be_good(here: Installation) -> None:
    old, new = here.signs_with, here.rotate()
    here.now += PUBLISHED_AHEAD + MINUTE
    third = here.rotate()
    assert here.published == {old, new, third}
    here.now += PUBLISHED_AHEAD + LONGEST_TOKEN_LIFE
    token = here.tokens.issue(ALF, here.now)
    fourth = here.rotate()
    assert here.published == {third, fourth}
    assert await here.verifier.verify(token) == ALF


async def test_a_dropped_key_is_trusted_no_more(here: Installation) -> None:
    long_ago = here.keys.at(here.now)
    for _ in range(3):
        here.rotate()
        here.now += PUBLISHED_AHEAD + LONGEST_TOKEN_LIFE
    forged = AccessTokens(lambda _: long_ago, lambda: "t2", timedelta(hours=1))
    with pytest.raises(Unauthenticated):
        await here.verifier.verify(forged.issue(ALF, here.now))


def test_two_rotations_at_once_are_one(here: Installation) -> None:
    here.rotate()
    with pytest.raises(RotationUnderWay, match="12:10"):
        here.rotate()


def test_the_private_half_stays_with_its_owner(here: Installation) -> None:
    here.rotate()
    assert here.private.stat().st_mode & 0o777 == 0o600
    assert '"d"' not in here.public.read_text()


def test_a_file_that_was_replaced_by_a_wrong_one_stops_nobody(here: Installation) -> None:
    old = here.signs_with
    here.private.write_text("{}")
    assert here.signs_with == old
    here.private.unlink()
    assert here.signs_with == old
