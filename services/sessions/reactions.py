"""Reactions: a desk goes with its device, and hashes with what they were for."""

from chassis.cause import Clock
from chassis.event_store import EventStore, Recorded
from chassis.reactions import Reactions, caused_by
from schemas.provisioning import DeviceDeactivated, DeviceRemoved
from schemas.sessions import AgentSignedOut, UserPasswordChanged
from services.sessions.domain.aggregates import SERVICE, desk_of
from services.sessions.forgetting import Forgetting
from services.sessions.seating import Seating


def reactions(
    seating: Seating, forgetting: Forgetting, store: EventStore, clock: Clock
) -> Reactions:
    """What sessions does about events, its own and those of provisioning."""

    async def withdraw(recorded: Recorded, *, unless_set_up_since: bool) -> None:
        organization, device_id = recorded.envelope.organization, recorded.event.aggregate_id
        desk_id = await seating.desk_at(organization, device_id)
        if desk_id is None:
            return
        (history,) = await store.load(desk_of(organization, desk_id))
        set_up_since = history.recorded[-1].envelope.time > recorded.envelope.time
        if not (unless_set_up_since and set_up_since):
            cause = caused_by(recorded, SERVICE, clock)
            await seating.withdraw(cause, organization, desk_id, None)

    async def on_device_deactivated(recorded: Recorded) -> None:
        # Delivered late, it says nothing about a desk that somebody has set up anew meanwhile.
        await withdraw(recorded, unless_set_up_since=True)

    async def on_device_removed(recorded: Recorded) -> None:
        await withdraw(recorded, unless_set_up_since=False)

    return {
        DeviceDeactivated: on_device_deactivated,
        DeviceRemoved: on_device_removed,
        UserPasswordChanged: forgetting.on_user_password_changed,
        AgentSignedOut: forgetting.on_agent_signed_out,
    }
