"""Devices: the list, and what can be done to one."""

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from services.portal.answers import go, page
from services.portal.calls import ACTIVATION, PROVISIONING
from services.portal.forms import Form
from services.portal.guards import administrators
from services.portal.resources import Listed
from services.portal.resources.provisioning import Contact, Device
from services.portal.visits import Visit

PAGE = 25
FILTERS = ("", "waiting", "activated", "deactivated", "drift")

Text = Annotated[str, QueryParameter(max_length=2000)]
AnyRequest = Request[Any, Any, Any]


class DevicesController(Controller):
    """Softphones of all contacts."""

    path = "/devices"
    guards = (administrators,)

    @get()
    async def show_all(
        self, visit: NamedDependency[Visit], only: Text = "", cursor: Text = ""
    ) -> Response[Any]:
        """The devices by name: all, those in one state, those that lack the newest settings."""
        chosen = only if only in FILTERS else ""
        query = {"drift": "true"} if chosen == "drift" else {"state": chosen}
        devices = await visit.get(
            PROVISIONING, "devices", Listed[Device], limit=PAGE, cursor=cursor, **query
        )
        people = await _people(visit, devices)
        return page(
            visit, "devices.html.j2", devices=devices, people=people, only=chosen, cursor=cursor
        )

    @post("/{device_id:str}/deactivate")
    async def deactivate(
        self, device_id: FromPath[str], request: AnyRequest, visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Stop a device, because it is lost or for another reason."""
        form = await Form.of(request)
        reason = {"reason": "lost" if form.text("reason") == "lost" else "admin"}
        path = f"devices/{device_id}"
        await visit.tell("POST", PROVISIONING, f"{path}/deactivate", reason)
        said = visit.say("The device is deactivated: its code and its access are dead.")
        return go(visit, f"/{path}", said)

    @post("/{device_id:str}/reactivate")
    async def reactivate(
        self, device_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Let a device be activated again."""
        path = f"devices/{device_id}"
        await visit.tell("POST", PROVISIONING, f"{path}/reactivate")
        return go(visit, f"/{path}", visit.say("The device waits for its new code to be used."))

    @post("/{device_id:str}/remove")
    async def remove(
        self, device_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Remove a device for good."""
        path = f"devices/{device_id}"
        device = await visit.get(PROVISIONING, path, Device)
        await visit.tell("DELETE", PROVISIONING, path)
        way = f"/contacts/{device.contact_id}"
        return go(visit, way, visit.say("The device is removed."))

    @post("/{device_id:str}/reissue")
    async def reissue(
        self, device_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Replace the code."""
        await visit.tell("POST", ACTIVATION, f"activations/{device_id}/reissue")
        said = visit.say("There is a new code. The earlier one is dead.")
        return go(visit, f"/devices/{device_id}", said)


async def _people(visit: Visit, devices: Listed[Device]) -> dict[str, Contact]:
    ids = sorted({one.contact_id for one in devices.items})
    if not ids:
        return {}
    contacts = await visit.get(PROVISIONING, "contacts", Listed[Contact], id=ids)
    return {one.id: one for one in contacts.items}
