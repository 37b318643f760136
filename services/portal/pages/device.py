"""Device Activation Instructions: the code, how to use it, and how far the device has got."""

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Controller, Response, get, post
from litestar.connection import Request
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import ServerSentEvent

from chassis.observing.health import Health
from services.portal.answers import go, page
from services.portal.calls import ACTIVATION, NOTIFIER, PROVISIONING, Call
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import administrators
from services.portal.live import pushed
from services.portal.pages.welcome import Link
from services.portal.rendering import Templates
from services.portal.resources import Listed
from services.portal.resources.activation import Instructions, Requested
from services.portal.resources.notifier import Notification
from services.portal.resources.provisioning import Contact, Device, SipAccount
from services.portal.visits import Visit

MOST_MAILS_SHOWN = 5
CODE_TRIES = 20
CODE_PAUSE_SECONDS = 0.1


class DeviceController(Controller):
    """One device."""

    path = "/devices/{device_id:str}"
    guards = (administrators,)

    @get()
    async def show(
        self,
        device_id: FromPath[str],
        visit: NamedDependency[Visit],
        nearby: NamedDependency[tuple[Link, ...]],
    ) -> Response[Any]:
        """The code, the QR code, steps per platform, and the state, which follows by itself."""
        return await _shown(visit, device_id, Form(), nearby)

    @get("/live")
    async def live(
        self,
        device_id: FromPath[str],
        visit: NamedDependency[Visit],
        health: NamedDependency[Health],
    ) -> ServerSentEvent:
        """The state, and again whenever it has changed."""

        async def fragment() -> str:
            device, mails = await _progress(visit, device_id)
            said = {"visit": visit, "device": device, "mails": mails}
            return Templates.render("device_state.html.j2", visit.language, **said)

        return pushed(health, fragment)

    @get("/qr.svg")
    async def qr_code(
        self, device_id: FromPath[str], visit: NamedDependency[Visit]
    ) -> Response[bytes]:
        """The code as a drawing for a softphone to scan."""
        call = Call("GET", ACTIVATION, f"activations/{device_id}/qr.svg")
        drawing = await visit.send(call)
        return Response(drawing.content, media_type="image/svg+xml")

    @post("/mail")
    async def mail(
        self,
        device_id: FromPath[str],
        request: Request[Any, Any, Any],
        visit: NamedDependency[Visit],
        nearby: NamedDependency[tuple[Link, ...]],
    ) -> Response[Any]:
        """Have the instructions mailed to the chosen addresses."""
        form = await Form.of(request)
        body = {"addresses": form.many("addresses")}
        path = f"activations/{device_id}/instructions"
        try:
            await visit.do("POST", ACTIVATION, path, Requested, body, once=form.once)
        except Declined as declined:
            return await _shown(visit, device_id, form.wrong(declined), nearby, declined.status)
        return go(visit, f"/devices/{device_id}", visit.say("The instructions are on their way."))


async def _progress(visit: Visit, device_id: str) -> tuple[Device, Listed[Notification]]:
    return await asyncio.gather(
        visit.get(PROVISIONING, f"devices/{device_id}", Device),
        visit.get(
            NOTIFIER,
            "notifications",
            Listed[Notification],
            device_id=device_id,
            limit=MOST_MAILS_SHOWN,
        ),
    )


async def _shown(
    visit: Visit, device_id: str, form: Form, nearby: Sequence[Link], status: int = 200
) -> Response[Any]:
    device, mails = await _progress(visit, device_id)
    contact, *accounts = await asyncio.gather(
        visit.get(PROVISIONING, f"contacts/{device.contact_id}", Contact),
        *(
            visit.get(PROVISIONING, f"sip-accounts/{one}", SipAccount)
            for one in device.sip_account_ids
        ),
    )
    wanted = device.state != "deactivated"
    return page(
        visit,
        "device.html.j2",
        status=status,
        form=form,
        device=device,
        mails=mails,
        contact=contact,
        accounts=accounts,
        instructions=await _instructions(visit, device_id) if wanted else None,
        caught=[one for one in nearby if one.catches_mails],
    )


async def _instructions(visit: Visit, device_id: str) -> Instructions | None:
    """They are there a moment after the device is: activation has to hear of it first."""
    path = f"activations/{device_id}/instructions"
    for _ in range(CODE_TRIES):
        try:
            return await visit.get(ACTIVATION, path, Instructions, language=visit.language)
        except Declined as declined:
            if declined.status != 404:
                raise
            await asyncio.sleep(CODE_PAUSE_SECONDS)
    return None
