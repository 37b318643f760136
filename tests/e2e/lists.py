"""The lists of an organization, read when everything has come to rest."""

from switchboard.demo.client import Client, Json
from tests.e2e.broker import settled
from tests.e2e.product import Product

LISTS = ("providers", "sip-accounts", "contacts", "devices", "notifications")


async def lists(client: Client) -> dict[str, Json]:
    """The first page of each."""
    return {name: await client.read(f"/api/v1/{name}") for name in LISTS}


async def lists_at_rest(product: Product, client: Client) -> dict[str, Json]:
    """The same once nothing goes on any more.

    Softphones and the mail server write the last facts: no reader knows the position of those.
    """
    await settled(product)
    return await lists(client)
