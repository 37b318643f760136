"""What happened to a device's codes, and what it was set up as at any moment."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from services.portal.answers import page
from services.portal.calls import ACTIVATION, PROVISIONING
from services.portal.declined import Declined
from services.portal.forms import Form
from services.portal.guards import administrators
from services.portal.resources.activation import Difference, Trail
from services.portal.resources.provisioning import Device
from services.portal.visits import Visit

PAGE = 50

Place = Annotated[int, QueryParameter(ge=0, le=10_000_000)]
Moment = Annotated[str, QueryParameter(max_length=40, description="A moment, in UTC.")]


class DeviceHistoryController(Controller):
    """The past of a device."""

    path = "/devices/{device_id:str}"
    guards = (administrators,)

    @get("/trail")
    async def trail(
        self, device_id: FromPath[str], visit: NamedDependency[Visit], before: Place = 0
    ) -> Response[Any]:
        """The trail of the codes: issued, viewed by, mailed to, tried from, used. Newest first."""
        device = await visit.get(PROVISIONING, f"devices/{device_id}", Device)
        trail = await visit.get(ACTIVATION, f"activations/{device_id}/trail", Trail)
        steps = list(reversed(trail.steps))[before : before + PAGE]
        older = before + PAGE if len(trail.steps) > before + PAGE else 0
        newer = max(before - PAGE, 0) if before else None
        return page(
            visit, "device_trail.html.j2", device=device, steps=steps, older=older, newer=newer
        )

    @get("/past")
    async def past(
        self,
        device_id: FromPath[str],
        visit: NamedDependency[Visit],
        at: Moment = "",
        since: Moment = "",
    ) -> Response[Any]:
        """What the device was set up as at a moment, and what changed since another one."""
        device = await visit.get(PROVISIONING, f"devices/{device_id}", Device)
        now = datetime.now(UTC)
        form = Form(
            values={
                "at": at or _typed(now),
                "since": since or _typed(device.created_at or now - timedelta(days=1)),
            }
        )
        path = f"devices/{device_id}/configuration"
        try:
            document = await visit.get(ACTIVATION, path, dict[str, Any], at=_zoned(at))
            difference = await visit.get(
                ACTIVATION,
                f"{path}/difference",
                Difference,
                since=_zoned(form.text("since")),
                until=_zoned(at),
            )
        except Declined as declined:
            said: dict[str, Any] = {"document": None, "difference": None}
            status, form = declined.status, form.wrong(declined)
        else:
            said, status = {"document": document, "difference": difference}, 200
        return page(visit, "device_past.html.j2", status=status, device=device, form=form, **said)


def _typed(moment: datetime) -> str:
    """As a field for date and time holds it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}"


def _zoned(typed: str) -> str:
    """A moment as a service wants it; what is none is left to the service to refuse."""
    try:
        moment = msgspec.convert(f"{typed}:00Z" if len(typed) == 16 else typed, datetime)
    except msgspec.ValidationError:
        return typed
    # The page knows minutes: what was done in this one belongs to it.
    return (moment + timedelta(seconds=59)).isoformat()
