"""Keeps access tokens fresh, over all tabs, requests and replicas."""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from weakref import WeakValueDictionary

from chassis.vault import VaultConflict
from services.portal.browsers import Browsers, SignIn
from services.portal.calls import FORWARDED_FOR, SESSIONS, Call, Services, decoded
from services.portal.declined import Declined
from services.portal.resources.sessions import Tokens

MARGIN_SECONDS = 30.0
"""A token is not used up to its last moment: the call that carries it takes time as well."""

Now = Callable[[], float]


@dataclass(eq=False)
class SignedOut(Exception):
    """The session is over: why, in the words of the sessions service, and its word for it."""

    why: str = ""
    reason: str = "unknown"


@dataclass(frozen=True)
class Freshness:
    """Answers with sign-ins whose access token is good."""

    browsers: Browsers
    services: Services
    now: Now
    _turns: "WeakValueDictionary[str, asyncio.Lock]" = field(default_factory=WeakValueDictionary)

    async def of(self, secret: str, machine: str, address: str) -> SignIn | None:
        """The sign-in of a cookie, None for a cookie that means nothing.

        Raises `SignedOut`, `Declined` when sessions is away, `StoreUnavailable`.
        """
        found, _ = await self.browsers.find(secret)
        if found is None or self.is_fresh(found):
            return found
        # A browser that goes away must not stop it halfway.
        return await asyncio.shield(self._in_turn(secret, machine, address))

    def is_fresh(self, sign_in: SignIn) -> bool:
        """Whether its access token is still good."""
        return sign_in.fresh_until - self.now() > MARGIN_SECONDS

    async def _in_turn(self, secret: str, machine: str, address: str) -> SignIn | None:
        async with self._turns.setdefault(secret, asyncio.Lock()):
            found, revision = await self.browsers.find(secret)
            if found is None or self.is_fresh(found):
                return found
            fresh = await self._refreshed(secret, found, machine, address)
            try:
                await self.browsers.keep(secret, fresh, revision=revision)
            except VaultConflict:
                # Another replica was quicker, and got the same refresh token by the same attempt.
                found, _ = await self.browsers.find(secret)
                return found
            return fresh

    async def _refreshed(self, secret: str, old: SignIn, machine: str, address: str) -> SignIn:
        body = {
            "refresh_token": old.refresh_token,
            "machine_id": machine,
            # Whoever has this cookie and token makes the same attempt: a lost answer comes again.
            "attempt": hmac.new(secret.encode(), old.refresh_token.encode(), sha256).hexdigest(),
        }
        call = Call("POST", SESSIONS, "sign-in/refresh", body=body)
        try:
            answer = await self.services.send(call, {FORWARDED_FOR: address})
        except Declined as declined:
            if declined.status != 401:
                raise
            await self.browsers.forget(secret)
            raise SignedOut(declined.detail, declined.reason) from None
        tokens = decoded(answer, Tokens)
        return SignIn.of(tokens, self.now(), stay_signed_in=old.stay_signed_in)
