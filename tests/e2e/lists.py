"""The lists of an organization, read when what was told has come to rest."""

from chassis.testing.eventually import eventually
from switchboard.demo.client import Client, Json

LISTS = ("providers", "sip-accounts", "contacts", "devices", "notifications")


async def lists(client: Client) -> dict[str, Json]:
    """The first page of each."""
    return {name: await client.read(f"/api/v1/{name}") for name in LISTS}


async def at_rest(client: Client) -> dict[str, Json]:
    """The lists once every device is activated and every mail known to be sent.

    A softphone and a mail server write these last facts: nobody who reads knows their position.
    """
    found: dict[str, Json] = {}

    async def all_done() -> bool:
        found.update(await lists(client))
        items = {name: page["items"] for name, page in found.items()}
        activated = all(one["state"] == "activated" for one in items["devices"])
        return activated and all(one["status"] == "sent" for one in items["notifications"])

    await eventually(all_done)
    return found
