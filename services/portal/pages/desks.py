"""Desks: places with a phone, and whether agents may take them."""

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from services.portal.answers import Page, go, page
from services.portal.calls import PROVISIONING, SESSIONS
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import administrators
from services.portal.resources import Listed, values
from services.portal.resources.provisioning import Device
from services.portal.resources.sessions import ConfiguredDesk, Occupation
from services.portal.visits import Visit

FIELDS = ("name", "device_id", "max_hours")
MOST_CHOICES = 50
"""So many devices are offered at once; others are found by the beginning of their name."""
GUESTS = 25

Text = Annotated[str, QueryParameter(max_length=2000)]
AnyRequest = Request[Any, Any, Any]


class DesksController(Controller):
    """Places with a phone."""

    path = "/desks"
    guards = (administrators,)

    @get()
    async def show_all(self, visit: NamedDependency[Visit], cursor: Text = "") -> Response[Any]:
        """The desks by name."""
        desks = await visit.get(SESSIONS, "desks", Listed[ConfiguredDesk], cursor=cursor)
        return page(visit, "desks.html.j2", desks=desks, cursor=cursor)

    @get("/new")
    async def ask(self, visit: NamedDependency[Visit]) -> Response[Any]:
        """The form for a new desk."""
        return await _form(visit, Form(values={"hot_desk": True}))

    @post("/new")
    async def add(self, request: AnyRequest, visit: NamedDependency[Visit]) -> Response[Any]:
        """Add a desk."""
        form = await Form.of(request)
        if form.chosen("_find"):
            return await _form(visit, form)
        try:
            body = form.body(*FIELDS, ticks=("hot_desk",))
            await visit.do("POST", SESSIONS, "desks", ConfiguredDesk, body, once=form.once)
        except Declined as declined:
            return await _form(visit, form.wrong(declined), status=declined.status)
        return go(visit, "/desks", visit.say("The desk is saved."))

    @get("/{desk_id:str}/edit")
    async def ask_change(
        self, desk_id: FromPath[str], visit: NamedDependency[Visit], cursor: Text = ""
    ) -> Response[Any]:
        """The form with what the desk is now, and who has sat there."""
        desk = await visit.get(SESSIONS, f"desks/{desk_id}", ConfiguredDesk)
        return await _form(visit, Form(values=values(desk)), desk, cursor=cursor)

    @post("/{desk_id:str}/edit")
    async def change(
        self, desk_id: FromPath[str], request: AnyRequest, visit: NamedDependency[Visit]
    ) -> Response[Any]:
        """Change a desk."""
        form, path = await Form.of(request), f"desks/{desk_id}"
        desk = await visit.get(SESSIONS, path, ConfiguredDesk)
        if form.chosen("_find"):
            return await _form(visit, form, desk)
        try:
            body = form.body(*FIELDS, ticks=("hot_desk",), empty=True)
            await visit.tell("PATCH", SESSIONS, path, body, once=form.once)
        except Declined as declined:
            return await _form(visit, form.wrong(declined), desk, status=declined.status)
        return go(visit, "/desks", visit.say("The desk is saved."))

    @post("/{desk_id:str}/remove")
    async def remove(self, desk_id: FromPath[str], visit: NamedDependency[Visit]) -> Response[Any]:
        """Take a desk away."""
        await visit.tell("DELETE", SESSIONS, f"desks/{desk_id}")
        return go(visit, "/desks", visit.say("The desk is removed."))


async def _form(
    visit: Visit,
    form: Form,
    desk: ConfiguredDesk | None = None,
    *,
    status: int = 200,
    cursor: str = "",
) -> Page:
    find = form.text("_name")
    devices = await visit.get(PROVISIONING, "devices", Listed[Device], limit=MOST_CHOICES, q=find)
    offered = {one.id: one.name for one in devices.items}
    mine = form.text("device_id")
    if mine and mine not in offered:
        offered[mine] = (await visit.get(PROVISIONING, f"devices/{mine}", Device)).name
    return page(
        visit,
        "desk_form.html.j2",
        status=status,
        form=form,
        desk=desk,
        devices=offered,
        searchable=bool(find or devices.next),
        guests=await _guests(visit, desk, cursor),
        cursor=cursor,
    )


async def _guests(visit: Visit, desk: ConfiguredDesk | None, cursor: str) -> Listed[Occupation]:
    if desk is None:
        return Listed()
    path = f"desks/{desk.id}/guests"
    return await visit.get(SESSIONS, path, Listed[Occupation], limit=GUESTS, cursor=cursor)
