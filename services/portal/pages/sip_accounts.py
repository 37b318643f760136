"""SIP accounts: user names at providers. A password goes in, and is never shown again."""

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from services.portal.answers import go, page
from services.portal.calls import PROVISIONING
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import administrators
from services.portal.resources import Listed, values
from services.portal.resources.provisioning import Provider, SipAccount
from services.portal.visits import Visit

FIELDS = ("friendly_name", "username", "protocol", "authorization_username", "display_name")
TICKS = ("password_entered_on_device", "use_push_proxy", "enabled")
MOST_RULES = 50

Text = Annotated[str, QueryParameter(max_length=2000)]
AnyRequest = Request[Any, Any, Any]


class SipAccountsController(Controller):
    """SIP accounts of all providers."""

    guards = (administrators,)

    @get("/sip-accounts")
    async def show_all(
        self, visit: NamedDependency[Visit], q: Text = "", cursor: Text = ""
    ) -> Response[Any]:
        """The accounts by name, or those whose name begins so."""
        accounts = await visit.get(
            PROVISIONING, "sip-accounts", Listed[SipAccount], q=q, cursor=cursor
        )
        return page(visit, "sip_accounts.html.j2", accounts=accounts, q=q, cursor=cursor)

    @get("/providers/{provider_id:str}/sip-accounts/new")
    async def ask(self, provider_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[Any]:
        """The form for a new account of a provider."""
        form = Form(values={"protocol": "udp", "enabled": True})
        return await _form(visit, form, provider_id)

    @post("/providers/{provider_id:str}/sip-accounts/new")
    async def add(
        self, provider_id: FromPath[str], request: AnyRequest, visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Add an account."""
        form = await Form.of(request)
        if form.chosen("_more"):
            return await _form(visit, form, provider_id, more=1)
        path = f"providers/{provider_id}/sip-accounts"
        try:
            body = _body(form, empty=False)
            added = await visit.do("POST", PROVISIONING, path, SipAccount, body, once=form.once)
        except Declined as declined:
            return await _form(visit, form.wrong(declined), provider_id, status=declined.status)
        return go(visit, f"/sip-accounts/{added.id}", visit.say("The SIP account is saved."))

    @get("/sip-accounts/{account_id:str}")
    async def show(self, account_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[Any]:
        """One account; of its password only that there is one."""
        account = await visit.get(PROVISIONING, f"sip-accounts/{account_id}", SipAccount)
        provider = await visit.get(PROVISIONING, f"providers/{account.provider_id}", Provider)
        return page(visit, "sip_account.html.j2", account=account, provider=provider)

    @get("/sip-accounts/{account_id:str}/edit")
    async def ask_change(
        self, account_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """The form with what the account is now."""
        account = await visit.get(PROVISIONING, f"sip-accounts/{account_id}", SipAccount)
        return await _form(visit, Form(values=values(account)), account.provider_id, account)

    @post("/sip-accounts/{account_id:str}/edit")
    async def change(
        self, account_id: FromPath[str], request: AnyRequest, visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Change an account. Every phone that has it fetches a new configuration."""
        form, path = await Form.of(request), f"sip-accounts/{account_id}"
        account = await visit.get(PROVISIONING, path, SipAccount)
        if form.chosen("_more"):
            return await _form(visit, form, account.provider_id, account, more=1)
        try:
            await visit.tell("PATCH", PROVISIONING, path, _body(form, empty=True), once=form.once)
        except Declined as declined:
            shown = form.wrong(declined)
            return await _form(visit, shown, account.provider_id, account, status=declined.status)
        return go(visit, f"/{path}", visit.say("The SIP account is saved."))

    @post("/sip-accounts/{account_id:str}/remove")
    async def remove(
        self, account_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Remove an account that no device has."""
        path = f"sip-accounts/{account_id}"
        account = await visit.get(PROVISIONING, path, SipAccount)
        await visit.tell("DELETE", PROVISIONING, path)
        way = f"/providers/{account.provider_id}"
        return go(visit, way, visit.say("The SIP account is removed."))


def _body(form: Form, *, empty: bool) -> dict[str, Any]:
    body = form.body(*FIELDS, ticks=TICKS, empty=empty)
    if password := form.body("password").get("password"):
        # Where it is typed on the device, nobody keeps one: what was typed before is dropped.
        body |= {} if body["password_entered_on_device"] else {"password": password}
    rules = form.group("dialing_rules")
    body["dialing_rules"] = [{"match": "", **rule} for rule in rules]
    return body


async def _form(
    visit: Visit,
    form: Form,
    provider_id: str,
    account: SipAccount | None = None,
    *,
    status: int = 200,
    more: int = 0,
) -> Response[Any]:
    provider = await visit.get(PROVISIONING, f"providers/{provider_id}", Provider)
    return page(
        visit,
        "sip_account_form.html.j2",
        status=status,
        form=form,
        provider=provider,
        account=account,
        rules=min(form.rows("dialing_rules") + more, MOST_RULES),
    )
