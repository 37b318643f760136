"""Keeps access tokens fresh: one refresh at a time, over all tabs, requests and replicas."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import msgspec

from chassis.vault import VaultConflict
from services.portal.browsers import Browsers, SignIn
from services.portal.calls import FORWARDED_FOR, SESSIONS, Call, Services, decoded
from services.portal.declined import UNREACHABLE, Declined
from services.portal.resources.sessions import Tokens

MARGIN_SECONDS = 30.0
"""A token is not used up to its last moment: the call that carries it takes time as well."""
LONGEST_REFRESH_SECONDS = 10.0
LOOK_AGAIN_SECONDS = 0.1

Now = Callable[[], float]


@dataclass(frozen=True)
class SignedOut(Exception):
    """The session is over; `why` are the words of the sessions service."""

    why: str = ""


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
        # A browser that goes away must not stop halfway: the old token is used up by then.
        return await asyncio.shield(self._in_turn(secret, machine, address))

    async def _in_turn(self, secret: str, machine: str, address: str) -> SignIn | None:
        async with self._turns.setdefault(secret, asyncio.Lock()):
            while True:
                found, revision = await self.browsers.find(secret)
                if found is None or self.is_fresh(found):
                    return found
                if found.refreshing_until > self.now():
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
                    continue
                mark = self.now() + LONGEST_REFRESH_SECONDS
                marked = msgspec.structs.replace(found, refreshing_until=mark)
                try:
                    revision = await self.browsers.keep(secret, marked, revision=revision)
                except VaultConflict:
                    continue
                return await self._refreshed(secret, found, machine, address)

    async def _refreshed(self, secret: str, old: SignIn, machine: str, address: str) -> SignIn:
        body = {"refresh_token": old.refresh_token, "machine_id": machine}
        call = Call("POST", SESSIONS, "sign-in/refresh", body=body)
        try:
            async with asyncio.timeout(LONGEST_REFRESH_SECONDS / 2):
                answer = await self.services.send(call, {FORWARDED_FOR: address})
        except Declined as declined:
            if declined.status != 401:
                await self.browsers.keep(secret, old)
                raise
            await self.browsers.forget(secret)
            raise SignedOut(declined.detail) from None
        except TimeoutError:
            raise UNREACHABLE from None
        tokens = decoded(answer, Tokens)
        fresh = SignIn.of(tokens, self.now(), stay_signed_in=old.stay_signed_in)
        await self.browsers.keep(secret, fresh)
        return fresh

    def is_fresh(self, sign_in: SignIn) -> bool:
        """Whether its access token is still good."""
        return sign_in.fresh_until - self.now() > MARGIN_SECONDS
