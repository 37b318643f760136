"""HTTP for signing in, staying signed in, and the keys that others check tokens with."""

import json
from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import JSONBody
from pydantic import Field, SecretStr

from chassis.answers import RequestBody
from chassis.auth import Principal, Unauthenticated
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import Refused
from chassis.edge import IGNORES_IDEMPOTENCY_KEY, Edge
from chassis.signing_key import SigningKeys
from chassis.web.problems import problems
from schemas.fields import Id, Language
from services.sessions.api.own_session import OwnSession
from services.sessions.api.resources import SessionResource, SignedInResource
from services.sessions.authentication import Attempt
from services.sessions.claims import Claims
from services.sessions.domain.aggregates import session_of, user_of
from services.sessions.domain.session import session, session_over
from services.sessions.domain.session_commands import SignOut
from services.sessions.domain.user import user
from services.sessions.presence import Presence
from services.sessions.settings import Settings
from services.sessions.sign_in import SignInDesk
from services.sessions.throttle import TooManyTries
from services.sessions.tokens import (
    AccessTokens,
    RefreshTokenReused,
    RefreshTokens,
    RefreshTokenUnknown,
)

MachineId = Annotated[str, Field(min_length=1, max_length=200)]


class SignInBody(RequestBody):
    """What the sign-in page asks for. `machine_id` is one per browser or computer, and stable."""

    user_id: Annotated[str, Field(min_length=1, max_length=320)]
    password: SecretStr
    machine_id: MachineId
    sign_in_name: Annotated[str, Field(max_length=253)] | None = None
    append_domain: Annotated[str, Field(max_length=253)] | None = None
    stay_signed_in: bool = True
    language: Language | None = None
    desk_id: Id | None = None


class RefreshBody(RequestBody):
    """A refresh token, which is replaced, and the machine it was given to.

    Who makes an `attempt` up, and sends it again after no answer, gets what got lost.
    """

    refresh_token: SecretStr
    machine_id: MachineId
    attempt: Annotated[str, Field(min_length=16, max_length=64)] | None = None


class SignInController(Controller):
    """Signing in."""

    path = ""
    tags = ("sign-in",)

    @post(
        "/api/v1/sign-in",
        opt=IGNORES_IDEMPOTENCY_KEY,
        responses=problems(Unauthenticated, TooManyTries),
    )
    async def sign_in(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[SignInBody],
        edge: NamedDependency[Edge],
        sign_in_desk: NamedDependency[SignInDesk],
        own_session: NamedDependency[OwnSession],
        access_tokens: NamedDependency[AccessTokens],
        refresh_tokens: NamedDependency[RefreshTokens],
    ) -> Response[SignedInResource]:
        """Sign in. The same user on the same machine gets the existing session back."""
        attempt = Attempt(
            **data.model_dump(exclude={"password"}),
            password=data.password.get_secret_value(),
            address=request.client.host if request.client else "",
        )
        signed_in = await sign_in_desk.sign_in(edge.cause, edge.resource_id, attempt)
        principal = signed_in.principal
        resource = _with_tokens(
            await own_session.render(principal, signed_in.session),
            access_tokens.issue(principal, edge.cause.at),
            await refresh_tokens.issue(principal.organization, principal.session_id),
            own_session.settings,
        )
        return Response(
            resource,
            status_code=200 if signed_in.again else 201,
            headers={"Switchboard-Position": str(signed_in.position)},
        )

    @post(
        "/api/v1/sign-in/refresh",
        status_code=200,
        opt=IGNORES_IDEMPOTENCY_KEY,
        responses=problems(Unauthenticated),
    )
    async def refresh(
        self,
        data: JSONBody[RefreshBody],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        claims: NamedDependency[Claims],
        presence: NamedDependency[Presence],
        own_session: NamedDependency[OwnSession],
        access_tokens: NamedDependency[AccessTokens],
        refresh_tokens: NamedDependency[RefreshTokens],
    ) -> SignedInResource:
        """Exchange a refresh token for fresh tokens. Using an old one again ends the session."""
        token = data.refresh_token.get_secret_value()
        machine = claims.machine_fingerprint(data.machine_id)
        organization_id, session_id = await _holder(
            token, data.attempt, machine, refresh_tokens, commands, edge
        )
        found = await commands.look(session_of(organization_id, session_id), session)
        if found.state is None or found.state.machine != machine:
            raise Unauthenticated("The session is over. Sign in again.")
        state = await presence.beat(edge.cause, organization_id, session_id)
        known = await commands.look(user_of(organization_id, state.user_id), user)
        if known.state is None or known.state.removed:
            raise Unauthenticated("The session is over. Sign in again.")
        principal = Principal(state.user_id, organization_id, known.state.role, session_id)
        return _with_tokens(
            await own_session.render(principal, state),
            access_tokens.issue(principal, edge.cause.at),
            await _rotated(token, data.attempt, refresh_tokens, commands, edge),
            own_session.settings,
        )

    @get("/.well-known/jwks.json")
    async def jwks(self, signing_keys: NamedDependency[SigningKeys]) -> dict[str, Any]:
        """The public keys that access tokens are checked with."""
        keys: dict[str, Any] = json.loads(signing_keys.published())
        return keys


async def _holder(
    token: str,
    attempt: str | None,
    machine: str,
    refresh_tokens: RefreshTokens,
    commands: CommandHandler,
    edge: Edge,
) -> tuple[str, str]:
    try:
        return await refresh_tokens.holder(token, attempt)
    except RefreshTokenUnknown as unknown:
        raise await _over(unknown, machine, commands) from None
    except RefreshTokenReused as reused:
        raise await _ended(reused, commands, edge) from None


async def _rotated(
    token: str,
    attempt: str | None,
    refresh_tokens: RefreshTokens,
    commands: CommandHandler,
    edge: Edge,
) -> str:
    try:
        return await refresh_tokens.rotate(token, attempt)
    except RefreshTokenUnknown:
        raise Unauthenticated("The session is over. Sign in again.") from None
    except RefreshTokenReused as reused:
        raise await _ended(reused, commands, edge) from None


async def _over(unknown: RefreshTokenUnknown, machine: str, commands: CommandHandler) -> Refused:
    """Why a session is over whose token has been forgotten: its machine may know."""
    if unknown.named:
        found = await commands.look(session_of(*unknown.named), session)
        if found.state and found.state.ended and found.state.machine == machine:
            return session_over(found.state.ended)
    return Unauthenticated("The session is over. Sign in again.")


async def _ended(
    reused: RefreshTokenReused, commands: CommandHandler, edge: Edge
) -> Unauthenticated:
    """End a session whose refresh token two have used: one of them is not the user."""
    intent = Intent(
        session_of(reused.organization, reused.session_id),
        session,
        SignOut(reused.session_id, "forced"),
    )
    await commands.handle(edge.cause, intent)
    return Unauthenticated("The session was ended for safety. Sign in again.", reason="forced")


def _with_tokens(
    resource: SessionResource, access_token: str, refresh_token: str, settings: Settings
) -> SignedInResource:
    return SignedInResource(
        **resource.model_dump(),
        access_token=access_token,
        expires_in=settings.access_token_seconds,
        refresh_token=refresh_token,
    )
