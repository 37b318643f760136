"""HTTP for passwords: administrators set anybody's, everybody the own one."""

from typing import Annotated

from litestar import Controller, Response, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import Field, SecretStr

from chassis.answers import RequestBody, gone
from chassis.auth import Principal, RoleNotAllowed, signed_in
from chassis.command_handler import CommandHandler, Intent, check_version
from chassis.decider import Invalid, Unknown
from chassis.edge import Edge
from chassis.web.problems import problems
from services.sessions.directory import Directory, Found
from services.sessions.domain.aggregates import user_of
from services.sessions.domain.password import check_password
from services.sessions.domain.user import ChangePassword, user
from services.sessions.passwords import COMMON, Passwords
from services.sessions.throttle import Throttle, TooManyTries


class PasswordBody(RequestBody):
    """A new password; whoever changes the own one gives the present one too."""

    password: SecretStr
    current_password: SecretStr | None = None


class PasswordController(Controller):
    """Passwords of users."""

    path = "/api/v1/users"
    tags = ("users",)

    @put(
        "/{user_id:str}/password",
        status_code=204,
        guards=[signed_in],
        responses=problems(TooManyTries),
    )
    async def set_password(
        self,
        user_id: FromPath[Annotated[str, Field(min_length=1, max_length=320)]],
        data: JSONBody[PasswordBody],
        principal: NamedDependency[Principal],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        directory: NamedDependency[Directory],
        passwords: NamedDependency[Passwords],
        throttle: NamedDependency[Throttle],
    ) -> Response[None]:
        """Set a password: administrators anybody's, others their own. Other sessions end."""
        organization = principal.organization
        known = await _target(principal, user_id, directory)
        if known.user_id == principal.user_id:
            async with throttle.tried(known.user.login_id, None, principal.session_id):
                await _check_current(organization, known, data, passwords)
        password, version = data.password.get_secret_value(), known.user.credential_version + 1
        here, profile = await directory.organization(organization), known.user.profile
        names = (known.user.login_id, profile.first_name, profile.last_name)
        check_password(password, COMMON, here.setup.name, *names)
        check_version(edge.if_version, known.version)
        await passwords.keep(organization, known.user_id, version, password)
        ending = await directory.ending(
            organization, known.user_id, principal.user_id, but=principal.session_id
        )
        intent = Intent(
            user_of(organization, known.user_id),
            user,
            ChangePassword(known.user_id, version),
            edge.if_version,
        )
        outcome, *_ = await commands.handle_all(edge.cause, intent, *ending)
        return gone(outcome)


async def _target(principal: Principal, typed: str, directory: Directory) -> Found:
    try:
        known = await directory.user(principal.organization, typed)
    except Unknown:
        if principal.role == "administrator":
            raise
    else:
        if principal.role == "administrator" or known.user_id == principal.user_id:
            return known
    raise RoleNotAllowed("You can set your own password only. Ask an administrator.")


async def _check_current(
    organization: str, known: Found, data: PasswordBody, passwords: Passwords
) -> None:
    current = data.current_password.get_secret_value() if data.current_password else ""
    credential = organization, known.user_id, known.user.credential_version
    if not await passwords.check(credential, current):
        raise Invalid("current_password", "Type the password that you sign in with now.")
