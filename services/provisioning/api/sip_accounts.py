"""HTTP for SIP accounts. A password comes in, is sealed at once and never goes out."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import BaseModel, SecretStr

from chassis.answers import Listed, changed, created, gone, listed, shown
from chassis.auth import Principal, administrators
from chassis.command_handler import CommandHandler, Intent
from chassis.decider import present
from chassis.edge import Edge
from chassis.paging import Beginning, Cursor, Limit
from chassis.read_models import Bounds, ReadModelStore, prefix_range
from chassis.web.problems import problems
from schemas.fields import Id
from schemas.provisioning import DialingRule, Transport
from services.provisioning.bodies import DialBody, SipAccountBody, SipAccountChange, given
from services.provisioning.domain.aggregates import provider_of, sip_account_of
from services.provisioning.domain.dialing import dial, rule_warnings
from services.provisioning.domain.provider import NoSuchProvider, provider
from services.provisioning.domain.sip_account import (
    AddSipAccount,
    ChangeSipAccount,
    NoSuchSipAccount,
    RemoveSipAccount,
    SipAccount,
    sip_account,
)
from services.provisioning.domain.warnings import account_warnings, password_warnings
from services.provisioning.keeping import Keeping
from services.provisioning.listing import Order, Sort
from services.provisioning.projections import SIP_ACCOUNTS, SipAccountView
from services.provisioning.removing import InUse, Removing


class DialedResource(BaseModel):
    """What is called instead, and the place of the rule that made it, from 1."""

    number: str
    rule: int | None


class SipAccountResource(BaseModel):
    """A SIP account as it is set up now. Its password is never shown."""

    id: Id
    provider_id: Id
    friendly_name: str
    username: str
    protocol: Transport
    password_entered_on_device: bool
    has_password: bool
    use_push_proxy: bool
    authorization_username: str | None
    display_name: str | None
    dialing_rules: tuple[DialingRule, ...]
    enabled: bool
    warnings: tuple[str, ...] = ()


def render(
    account_id: str, state: SipAccount, password: SecretStr | None = None
) -> SipAccountResource:
    """Show an account."""
    return SipAccountResource(
        id=account_id,
        provider_id=state.provider_id,
        friendly_name=state.friendly_name,
        username=state.username,
        protocol=state.protocol,
        password_entered_on_device=state.password_entered_on_device,
        has_password=state.has_password,
        use_push_proxy=state.use_push_proxy,
        authorization_username=state.authorization_username,
        display_name=state.display_name,
        dialing_rules=state.dialing_rules,
        enabled=state.enabled,
        warnings=(
            *account_warnings(
                password_entered_on_device=state.password_entered_on_device,
                authorization_username=state.authorization_username,
            ),
            *rule_warnings(state.dialing_rules),
            *password_warnings(password.get_secret_value() if password else None),
        ),
    )


def render_view(view: SipAccountView) -> SipAccountResource:
    """Show an account of a list."""
    return render(view.id, view.account)


class SipAccountController(Controller):
    """SIP accounts of the organization's providers."""

    path = "/api/v1"
    guards = (administrators,)
    tags = ("sip accounts",)

    @post("/providers/{provider_id:str}/sip-accounts")
    async def add(
        self,
        provider_id: FromPath[Id],
        data: JSONBody[SipAccountBody],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        keeping: NamedDependency[Keeping],
    ) -> Response[SipAccountResource]:
        """Add a SIP account to a provider."""
        at_provider = await commands.look(provider_of(edge.organization, provider_id), provider)
        if at_provider.state is None or at_provider.state.removed:
            raise NoSuchProvider
        place = keeping.safe.place(edge.resource_id, 1)
        intent = Intent(
            sip_account_of(edge.organization, edge.resource_id),
            sip_account,
            AddSipAccount(
                sip_account_id=edge.resource_id,
                provider_id=provider_id,
                provider_exists=True,
                secret=place if data.password else None,
                **data.model_dump(exclude={"password", "dialing_rules"}),
                dialing_rules=data.dialing_rules,
            ),
        )
        outcome = await keeping.handle(edge.cause, intent, place, data.password)
        made = render(edge.resource_id, present(outcome.state), data.password)
        return created(made, outcome, f"{self.path}/sip-accounts", edge.resource_id)

    @get("/sip-accounts")
    async def list_all(
        self,
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
        provider_id: FromQuery[Id | None] = None,
        q: Beginning = None,
        sort: Sort = "name",
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listed[SipAccountResource]:
        """List the SIP accounts, of all providers or of one, or those whose name begins so."""
        if q and q.strip():
            low, high = prefix_range(q.strip().casefold())
            page = await read_models.find(
                SIP_ACCOUNTS,
                principal.organization,
                "by_name",
                Bounds(low=low, high=high),
                cursor=cursor,
                limit=limit,
            )
            return listed(page, render_view)
        order = Order.of(sort)
        page = await read_models.find(
            SIP_ACCOUNTS,
            principal.organization,
            order.index("by_provider" if provider_id else ""),
            Bounds(equals=(provider_id,) if provider_id else (), descending=order.descending),
            cursor=cursor,
            limit=limit,
        )
        return listed(page, render_view)

    @get("/sip-accounts/{sip_account_id:str}")
    async def show(
        self,
        sip_account_id: FromPath[Id],
        principal: NamedDependency[Principal],
        read_models: NamedDependency[ReadModelStore],
    ) -> Response[SipAccountResource]:
        """Show one SIP account."""
        view = await read_models.get(SIP_ACCOUNTS, principal.organization, sip_account_id)
        return shown(view, render_view)

    @patch("/sip-accounts/{sip_account_id:str}")
    async def change(
        self,
        sip_account_id: FromPath[Id],
        data: JSONBody[SipAccountChange],
        edge: NamedDependency[Edge],
        commands: NamedDependency[CommandHandler],
        keeping: NamedDependency[Keeping],
    ) -> Response[SipAccountResource]:
        """Change an account, or its password. Every device that has it gets a new revision."""
        aggregate = sip_account_of(edge.organization, sip_account_id)
        before = present((await commands.look(aggregate, sip_account)).state)
        password = data.password if "password" in data.model_fields_set else None
        # An id of its own: two new passwords at a time must not overwrite each other.
        place = keeping.safe.place(edge.derived("secret"), before.secret_version + 1)
        command = ChangeSipAccount(
            sip_account_id, given(data, "password"), place if password else None
        )
        intent = Intent(aggregate, sip_account, command, edge.if_version)
        outcome = await keeping.handle(edge.cause, intent, place, password)
        return changed(render(sip_account_id, present(outcome.state), password), outcome)

    @delete("/sip-accounts/{sip_account_id:str}", responses=problems(InUse))
    async def remove(
        self,
        sip_account_id: FromPath[Id],
        edge: NamedDependency[Edge],
        removing: NamedDependency[Removing],
    ) -> Response[None]:
        """Remove an account that no device has any more."""
        aggregate = sip_account_of(edge.organization, sip_account_id)
        command = RemoveSipAccount(sip_account_id)
        intent = Intent(aggregate, sip_account, command, edge.if_version)
        return gone(await removing.account(edge.cause, intent))

    @post("/sip-accounts/{sip_account_id:str}/dial", status_code=200)
    async def preview(
        self,
        sip_account_id: FromPath[Id],
        data: JSONBody[DialBody],
        principal: NamedDependency[Principal],
        commands: NamedDependency[CommandHandler],
    ) -> DialedResource:
        """Say what a dialled number becomes by the account's rules, or by others to be tried."""
        aggregate = sip_account_of(principal.organization, sip_account_id)
        state = (await commands.look(aggregate, sip_account)).state
        if state is None or state.removed:
            raise NoSuchSipAccount
        rules = state.dialing_rules if data.dialing_rules is None else data.dialing_rules
        dialed = dial(rules, data.number)
        return DialedResource(
            number=dialed.number, rule=None if dialed.rule is None else dialed.rule + 1
        )
