"""Who is asking: access tokens, and the guards that routes name."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args, runtime_checkable

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler

from chassis.cause import Clock, system_clock
from chassis.decider import Refused
from chassis.jwks import Keys
from schemas.said import said

ISSUER = AUDIENCE = "switchboard"
ALGORITHM = "Ed25519"
MAX_TOKEN_LENGTH = 4096
REMEMBERED_TOKENS = 10_000

Role = Literal["administrator", "supervisor", "agent"]
Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]

_VERIFIER = "verifier"
_PRINCIPAL = "principal"


class Unauthenticated(Refused):
    """Nobody is signed in, or not any more."""

    status = 401


class RoleNotAllowed(Refused):
    """Somebody is signed in, but not in a role that may do this."""

    status = 403


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in user. `user_id` is opaque: it holds no name and no address."""

    user_id: str
    organization: str
    role: Role
    session_id: str


@runtime_checkable
class Verifier(Protocol):
    """Checks access tokens."""

    async def verify(self, token: str) -> Principal:
        """Who the token was given to. Raises `Unauthenticated`, `KeysUnavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class _Checked:
    principal: Principal
    expires: int
    keys: KeySet


@dataclass(frozen=True)
class TokenVerifier:
    """Accepts tokens that the sessions service signed and that have not expired.

    A token that was checked with the present keys is not checked again until it expires.
    """

    keys: Keys
    clock: Clock = system_clock
    _checked: OrderedDict[str, _Checked] = field(default_factory=OrderedDict, repr=False)

    async def verify(self, token: str) -> Principal:
        """Who the token was given to. Raises `Unauthenticated`, `KeysUnavailable`."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise _invalid()
        keys, known = await self.keys.current(), self._checked.get(token)
        if known and known.keys is keys and self.clock().timestamp() < known.expires:
            return known.principal
        try:
            return await self._check(token, keys)
        except ExpiredTokenError:
            raise Unauthenticated(
                "The access token has expired. Refresh it, or sign in again."
            ) from None
        except (JoseError, ValueError):
            raise _invalid() from None

    async def _check(self, token: str, keys: KeySet) -> Principal:
        try:
            claims = jwt.decode(token, keys, algorithms=[ALGORITHM]).claims
        except InvalidKeyIdError:
            keys = await self.keys.current(missed=True)
            claims = jwt.decode(token, keys, algorithms=[ALGORITHM]).claims
        principal = self._principal(claims)
        self._checked[token] = _Checked(principal, claims["exp"], keys)
        if len(self._checked) > REMEMBERED_TOKENS:
            self._checked.popitem(last=False)
        return principal

    def _principal(self, claims: dict[str, Any]) -> Principal:
        jwt.JWTClaimsRegistry(
            now=int(self.clock().timestamp()),
            iss={"essential": True, "value": ISSUER},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            sub={"essential": True},
            org={"essential": True},
            sid={"essential": True},
            role={"essential": True, "values": list(get_args(Role))},
        ).validate({name: claims[name] for name in claims if name != "iat"})
        return Principal(claims["sub"], claims["org"], claims["role"], claims["sid"])


def _invalid() -> Unauthenticated:
    return Unauthenticated("The access token is not valid. Sign in again.")


async def authenticated(connection: Connection) -> Principal:
    """The signed-in user of a request. Raises `Unauthenticated`, `KeysUnavailable`."""
    known = signed_in_already(connection)
    if known is None:
        verifier: Verifier = connection.app.state[_VERIFIER]
        known = await verifier.verify(_bearer(connection))
        connection.state[_PRINCIPAL] = known
    return known


def signed_in_already(connection: Connection) -> Principal | None:
    """The user whom a guard of this route has let in, None on public routes."""
    known: Principal | None = connection.state.get(_PRINCIPAL)
    return known


def verified_by(verifier: Verifier) -> dict[str, Any]:
    """What an app's state must hold for the guards to work."""
    return {_VERIFIER: verifier}


def _bearer(connection: Connection) -> str:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated(
            "Sign in, and send the access token as `Authorization: Bearer <token>`."
        )
    return token.strip()


def _allowing(*roles: Role) -> Guard:
    async def guard(connection: Connection, _handler: BaseRouteHandler) -> None:
        principal = await authenticated(connection)
        if principal.role not in roles:
            raise RoleNotAllowed(
                said(
                    "This takes the role %(roles)s. Ask somebody who has it.",
                    roles=" / ".join(roles),
                )
            )

    return guard


administrators = _allowing("administrator")
supervisors = _allowing("supervisor", "administrator")
agents = _allowing("agent")
signed_in = _allowing(*get_args(Role))


async def principal(request: Request[Any, Any, Any]) -> Principal:
    """The dependency of the same name: the signed-in user. Raises `Unauthenticated`."""
    return await authenticated(request)
