"""HTTP for signing in, staying signed in, and the keys that others check tokens with."""

import json
from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import BaseModel, Field, SecretStr

from chassis.answers import RequestBody
from chassis.auth import Principal, Unauthenticated
from chassis.command_handler import CommandHandler, Intent
from chassis.edge import IGNORES_IDEMPOTENCY_KEY, Edge
from schemas.fields import Id, Language
from schemas.sessions import Role
from services.sessions.claims import Claims
from services.sessions.domain.aggregates import session_of, user_of
from services.sessions.domain.session import Session, SignOut, session
from services.sessions.domain.user import User, user
from services.sessions.settings import Settings
from services.sessions.sign_in import Attempt, SignInDesk
from services.sessions.tokens import (
    AccessTokens,
    RefreshTokenReused,
    RefreshTokens,
    RefreshTokenUnknown,
)

MachineId = Annotated[str, Field(min_length=1, max_length=200)]
LEASE_BEATS = 3


class SignInBody(RequestBody):
    """What the sign-in page asks for. `machine_id` is one per browser or computer, and stable."""

    user_id: Annotated[str, Field(min_length=1, max_length=320)]
    password: SecretStr
    machine_id: MachineId
    sign_in_name: Annotated[str, Field(max_length=253)] | None = None
    append_domain: Annotated[str, Field(max_length=253)] | None = None
    stay_signed_in: bool = True
    language: Language | None = None


class RefreshBody(RequestBody):
    """A refresh token, which is replaced, and the machine it was given to."""

    refresh_token: SecretStr
    machine_id: MachineId


class SignedInUser(BaseModel):
    """Who is signed in."""

    user_id: str
    role: Role
    language: str


class SessionResource(BaseModel):
    """A session, as the one who has it sees it."""

    session_id: Id
    heartbeat_seconds: int
    lease_seconds: int
    user: SignedInUser


class SignedInResource(SessionResource):
    """A session with fresh tokens."""

    access_token: str
    expires_in: int
    refresh_token: str


def render(session_id: str, known: User, state: Session, settings: Settings) -> SessionResource:
    """Show a session."""
    return SessionResource(
        session_id=session_id,
        heartbeat_seconds=settings.heartbeat_seconds,
        lease_seconds=settings.heartbeat_seconds * LEASE_BEATS,
        user=SignedInUser(user_id=known.login_id, role=known.role, language=state.language),
    )


class SignInController(Controller):
    """Signing in."""

    path = ""
    tags = ("sign-in",)

    @post("/api/v1/sign-in", opt=IGNORES_IDEMPOTENCY_KEY)
    async def sign_in(
        self,
        data: JSONBody[SignInBody],
        edge: NamedDependency[Edge],
        sign_in_desk: NamedDependency[SignInDesk],
        access_tokens: NamedDependency[AccessTokens],
        refresh_tokens: NamedDependency[RefreshTokens],
        settings: NamedDependency[Settings],
    ) -> Response[SignedInResource]:
        """Sign in. The same user on the same machine gets the existing session back."""
        attempt = Attempt(
            **data.model_dump(exclude={"password"}), password=data.password.get_secret_value()
        )
        signed_in = await sign_in_desk.sign_in(edge.cause, edge.resource_id, attempt)
        principal = signed_in.principal
        resource = _with_tokens(
            render(principal.session_id, signed_in.user, signed_in.session, settings),
            access_tokens.issue(principal, edge.cause.at),
            await refresh_tokens.issue(principal.organization, principal.session_id),
            settings,
        )
        return Response(
            resource,
            status_code=200 if signed_in.again else 201,
            headers={"Switchboard-Position": str(signed_in.position)},
        )

    @post("/api/v1/sign-in/refresh", status_code=200, opt=IGNORES_IDEMPOTENCY_KEY)
    async def refresh(
        self,
        data: JSONBody[RefreshBody],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        claims: NamedDependency[Claims],
        access_tokens: NamedDependency[AccessTokens],
        refresh_tokens: NamedDependency[RefreshTokens],
        settings: NamedDependency[Settings],
    ) -> SignedInResource:
        """Exchange a refresh token for fresh tokens. Using an old one again ends the session."""
        token = data.refresh_token.get_secret_value()
        organization_id, session_id = await _holder(token, refresh_tokens, commands, edge)
        found = await commands.look(session_of(organization_id, session_id), session)
        state = found.state
        same = state and state.machine == claims.machine_fingerprint(data.machine_id)
        if state is None or not state.live or not same:
            raise Unauthenticated("The session is over. Sign in again.")
        known = await commands.look(user_of(organization_id, state.user_id), user)
        if known.state is None:
            raise Unauthenticated("The session is over. Sign in again.")
        principal = Principal(state.user_id, organization_id, known.state.role, session_id)
        return _with_tokens(
            render(session_id, known.state, state, settings),
            access_tokens.issue(principal, edge.cause.at),
            await refresh_tokens.rotate(token),
            settings,
        )

    @get("/.well-known/jwks.json")
    async def jwks(self, settings: NamedDependency[Settings]) -> dict[str, Any]:
        """The public keys that access tokens are checked with."""
        keys: dict[str, Any] = json.loads(settings.jwks.read_text())
        return keys


async def _holder(
    token: str, refresh_tokens: RefreshTokens, commands: CommandHandler, edge: Edge
) -> tuple[str, str]:
    try:
        return await refresh_tokens.holder(token)
    except RefreshTokenUnknown:
        raise Unauthenticated("The session is over. Sign in again.") from None
    except RefreshTokenReused as reused:
        intent = Intent(
            session_of(reused.organization, reused.session_id),
            session,
            SignOut(reused.session_id, "forced"),
        )
        await commands.handle(edge.cause, intent)
        raise Unauthenticated("The session was ended for safety. Sign in again.") from None


def _with_tokens(
    resource: SessionResource, access_token: str, refresh_token: str, settings: Settings
) -> SignedInResource:
    return SignedInResource(
        **resource.model_dump(),
        access_token=access_token,
        expires_in=settings.access_token_seconds,
        refresh_token=refresh_token,
    )
