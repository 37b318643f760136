"""Making and changing devices: a name, and one to four SIP accounts in order."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.portal.answers import go, page
from services.portal.calls import PROVISIONING
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import administrators
from services.portal.pages.account_picker import found_accounts
from services.portal.resources import Listed
from services.portal.resources.provisioning import Contact, Device, Provider
from services.portal.visits import Visit

MOST_ACCOUNTS = 4
MOST_PROVIDERS = 200
AnyRequest = Request[Any, Any, Any]


class DeviceFormController(Controller):
    """The forms of devices."""

    guards = (administrators,)

    @get("/contacts/{contact_id:str}/devices/new")
    async def ask(self, contact_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[Any]:
        """The form for a new device. The first one has a name already, as most people have one."""
        contact = await visit.get(PROVISIONING, f"contacts/{contact_id}", Contact)
        others = await visit.get(
            PROVISIONING, "devices", Listed[Device], contact_id=contact_id, limit=1
        )
        name = visit.say("%(name)s's mobile") % {"name": contact.first_name}
        return await _form(visit, Form(values={} if others.items else {"name": name}), contact_id)

    @post("/contacts/{contact_id:str}/devices/new")
    async def create(
        self, contact_id: FromPath[str], request: AnyRequest, visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Create a device; then its code is there."""
        form = await Form.of(request)
        if form.chosen("_find"):
            return await _form(visit, form, contact_id)
        path = f"contacts/{contact_id}/devices"
        try:
            made = await visit.do("POST", PROVISIONING, path, Device, _body(form), once=form.once)
        except Declined as declined:
            return await _form(visit, form.wrong(declined), contact_id, status=declined.status)
        return go(visit, f"/devices/{made.id}", visit.say("The device is saved."))

    @get("/devices/{device_id:str}/edit")
    async def ask_change(
        self, device_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """The form with what the device is now."""
        device = await visit.get(PROVISIONING, f"devices/{device_id}", Device)
        form = Form(values={"name": device.name, "sip_account_ids": device.sip_account_ids})
        return await _form(visit, form, device.contact_id, device)

    @post("/devices/{device_id:str}/edit")
    async def change(
        self, device_id: FromPath[str], request: AnyRequest, visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Rename a device or give it other accounts. The phone fetches what is new."""
        form, path = await Form.of(request), f"devices/{device_id}"
        device = await visit.get(PROVISIONING, path, Device)
        if form.chosen("_find"):
            return await _form(visit, form, device.contact_id, device)
        try:
            await visit.tell("PATCH", PROVISIONING, path, _body(form), once=form.once)
        except Declined as declined:
            shown, status = form.wrong(declined), declined.status
            return await _form(visit, shown, device.contact_id, device, status=status)
        return go(visit, f"/{path}", visit.say("The device is saved."))


def _body(form: Form) -> dict[str, Any]:
    return {**form.body("name"), "sip_account_ids": form.many("sip_account_ids")}


async def _form(
    visit: Visit, form: Form, contact_id: str, device: Device | None = None, *, status: int = 200
) -> Response[Any]:
    contact = await visit.get(PROVISIONING, f"contacts/{contact_id}", Contact)
    find = form.text("_name")
    accounts = await found_accounts(visit, find, form.many("sip_account_ids"))
    providers = await visit.get(PROVISIONING, "providers", Listed[Provider], limit=MOST_PROVIDERS)
    return page(
        visit,
        "device_form.html.j2",
        status=status,
        form=form,
        contact=contact,
        device=device,
        accounts=accounts.items,
        providers={one.id: one.name for one in providers.items},
        searchable=bool(find or accounts.next),
        slots=MOST_ACCOUNTS,
    )
