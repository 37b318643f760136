"""Signed-in users for tests: a signing key of their own, and tokens made with it."""

from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from chassis.auth import ALGORITHM, AUDIENCE, ISSUER, Principal, TokenVerifier
from chassis.cause import Clock, system_clock
from chassis.signing_key import new_signing_key

ADMINISTRATOR = Principal("ada", "acme", "administrator", "session-of-ada")
SUPERVISOR = Principal("sue", "acme", "supervisor", "session-of-sue")
AGENT = Principal("alf", "acme", "agent", "session-of-alf")


class Tokens:
    """Plays the sessions service: `Keys` whose private half can be used."""

    def __init__(self, clock: Clock = system_clock) -> None:
        self.clock = clock
        self.key: OKPKey = new_signing_key()
        self.verifier = TokenVerifier(self, clock)

    async def current(self, *, missed: bool = False) -> KeySet:
        """The one key."""
        return KeySet([self.key])

    def token(self, principal: Principal, *, expires: datetime | None = None, **claims: Any) -> str:
        """An access token, good for five minutes unless said otherwise.

        `claims` replace what would stand in it; None leaves one out.
        """
        now = self.clock()
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": principal.user_id,
            "org": principal.organization,
            "role": principal.role,
            "sid": principal.session_id,
            "iat": int(now.timestamp()),
            "exp": int((expires or now + timedelta(minutes=5)).timestamp()),
            "jti": "1",
            **claims,
        }
        header = {"alg": ALGORITHM, "kid": self.key.kid}
        stated = {name: value for name, value in payload.items() if value is not None}
        return jwt.encode(header, stated, self.key, algorithms=[ALGORITHM])

    def headers(self, principal: Principal) -> dict[str, str]:
        """Request headers of a signed-in user."""
        return {"Authorization": f"Bearer {self.token(principal)}"}
