"""A visit: one request of a browser, who it is of, and what the answer must remember."""

import hmac
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

import httpx
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from chassis.answers import POSITION_HEADER
from chassis.vault import VaultConflict
from chassis.wording import LANGUAGES, SOURCE, known
from services.portal import cookies
from services.portal.browsers import Browsers, SignIn, new_secret
from services.portal.calls import FORWARDED_FOR, Call, Services, decoded, position
from services.portal.declined import Declined
from services.portal.freshness import Freshness, SignedOut
from services.portal.paging import MOST_PASSED, PASSED
from services.portal.resources.sessions import Tokens
from services.portal.wording import texts

T = TypeVar("T")

Connection = ASGIConnection[Any, Any, Any, Any]

_VISIT = "visit"
_COOKIES = "set_cookies"


@dataclass(frozen=True)
class Door:
    """What every visit needs of the process."""

    services: Services
    browsers: Browsers
    freshness: Freshness


@dataclass
class Visit:
    """One request. `person` is who is signed in, None on pages for everybody.

    `passed` are the cursors of the pages by which one came to this one of a list.
    """

    door: Door
    machine: str
    language: str
    address: str
    path: str
    secret: str | None = None
    person: SignIn | None = None
    notice: str = ""
    position: str | None = None
    passed: tuple[str, ...] = ()
    recognised: bool = False
    set_cookies: list[Cookie] = field(default_factory=list)

    async def get(self, service: str, path: str, kind: type[T], **query: Any) -> T:
        """Ask a service. Raises `Declined`, `SignedOut`."""
        return decoded(await self.send(Call("GET", service, path, query)), kind)

    async def do(
        self,
        method: str,
        service: str,
        path: str,
        kind: type[T],
        body: Any = None,
        *,
        once: str | None = None,
    ) -> T:
        """Have a service do something. Raises `Declined`, `SignedOut`."""
        return decoded(await self.send(Call(method, service, path, body=body, once=once)), kind)

    async def tell(
        self, method: str, service: str, path: str, body: Any = None, *, once: str | None = None
    ) -> None:
        """The same where the answer does not matter. Raises `Declined`, `SignedOut`."""
        await self.send(Call(method, service, path, body=body, once=once))

    async def send(self, call: Call) -> httpx.Response:
        """Raises `Declined`, `SignedOut`."""
        if self.person and self.secret:
            # A live page goes on for longer than its first access token.
            await self._recognise(self.secret)
        headers = {FORWARDED_FOR: self.address}
        if self.person:
            headers["Authorization"] = f"Bearer {self.person.access_token}"
        if self.position:
            headers[POSITION_HEADER] = self.position
        try:
            answer = await self.door.services.send(call, headers)
        except Declined as refusal:
            declined = refusal.told_in(self.language)
            if declined.status == 401 and self.person:
                await self.leave()
                raise SignedOut(declined.detail, declined.reason) from None
            raise declined from None
        if call.method != "GET" and (reached := position(answer)):
            self.position = reached
            self.remember(cookies.POSITION, reached, cookies.MOMENT)
        return answer

    async def enter(self, tokens: Tokens, *, stay_signed_in: bool) -> None:
        """Somebody has signed in: under a new secret, so that no earlier cookie becomes theirs."""
        if self.secret:
            await self.door.browsers.forget(self.secret)
        self.secret = new_secret()
        now = self.door.freshness.now()
        self.person = SignIn.of(tokens, now, stay_signed_in=stay_signed_in)
        await self.door.browsers.keep(self.secret, self.person)
        seconds = cookies.MONTH if stay_signed_in else None
        self.remember(cookies.SIGNED_IN, self.secret, seconds)

    async def speak(self, language: str) -> None:
        """Go on in another language, and remember it in this browser. Raises `StoreUnavailable`."""
        if self.secret:
            # Another tab that has just renewed the tokens got the new language with them.
            with suppress(VaultConflict):
                await self.door.browsers.change_language(self.secret, language)
        self.language = language
        self.remember(cookies.LANGUAGE, language, cookies.YEAR)

    async def leave(self) -> None:
        """Nobody is signed in with this browser any more."""
        if self.secret:
            await self.door.browsers.forget(self.secret)
        self.secret, self.person = None, None
        self.set_cookies.append(cookies.ended(cookies.SIGNED_IN))

    async def recognise(self) -> None:
        """See who is signed in. Raises `SignedOut`, `Declined`, `StoreUnavailable`."""
        if self.secret is None:
            return
        await self._recognise(self.secret)
        if self.person is None:
            await self.leave()
        else:
            self.language = self.person.language

    async def _recognise(self, secret: str) -> None:
        fresh = self.door.freshness
        if self.person and fresh.is_fresh(self.person):
            return
        try:
            self.person = await fresh.of(secret, self.machine_id, self.address)
        except SignedOut:
            await self.leave()
            raise

    def remember(self, name: str, value: str, seconds: int | None) -> None:
        """Give the browser a cookie."""
        self.set_cookies.append(cookies.cookie(name, value, seconds))

    def say(self, text: str) -> str:
        """A text of ours in the language of the visit."""
        return texts(self.language).gettext(text)

    @property
    def machine_id(self) -> str:
        """What sessions knows this browser by; forms cannot be made with it."""
        return sha256(f"machine {self.machine}".encode()).hexdigest()[:32]

    @property
    def form_token(self) -> str:
        """What a form must hold that comes from a page of ours, shown to this browser."""
        said = f"form {self.secret or ''}".encode()
        return hmac.new(self.machine.encode(), said, sha256).hexdigest()


async def visit_of(connection: Connection) -> Visit:
    """The visit of a request. Raises `SignedOut`, `Declined`, `StoreUnavailable`."""
    visit = visit_at(connection)
    if not visit.recognised:
        visit.recognised = True
        await visit.recognise()
    return visit


def visit_at(connection: Connection) -> Visit:
    """The same for pages that are shown to whomever it may be."""
    state = connection.scope["state"]
    if _VISIT not in state:
        state[_VISIT] = _arrived(connection)
        state[_COOKIES] = state[_VISIT].set_cookies
    visit: Visit = state[_VISIT]
    return visit


def cookies_of(state: Mapping[str, Any]) -> list[Cookie]:
    """What the answer must give the browser."""
    found: list[Cookie] = state.get(_COOKIES, [])
    return found


def _arrived(connection: Connection) -> Visit:
    door: Door = connection.app.state["door"]
    sent = connection.cookies
    visit = Visit(
        door=door,
        machine=sent.get(cookies.MACHINE, ""),
        language=_language(connection),
        address=connection.client.host if connection.client else "",
        path=connection.scope["path"],
        secret=sent.get(cookies.SIGNED_IN) or None,
        notice=sent.get(cookies.NOTICE, ""),
        position=sent.get(cookies.POSITION),
        passed=tuple(connection.query_params.getall(PASSED, ()))[-MOST_PASSED:],
    )
    if not visit.machine:
        visit.machine = new_secret()
        visit.remember(cookies.MACHINE, visit.machine, cookies.YEAR)
    return visit


def _language(connection: Connection) -> str:
    chosen = connection.query_params.get("language") or connection.cookies.get(cookies.LANGUAGE)
    if chosen in LANGUAGES:
        return str(chosen)
    for part in connection.headers.get("accept-language", "").split(","):
        wanted = part.partition(";")[0].strip()
        if wanted and wanted.partition("-")[0].lower() in LANGUAGES:
            return known(wanted)
    return SOURCE
