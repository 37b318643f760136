"""Makes sure that ours and bare did the same work: otherwise a ratio says nothing."""

import json

from nats.aio.client import Client
from nats.js.api import RawStreamMsg

_TOLERANCE = 0.02


class Unfair(Exception):
    """The bare script does other work than ours: bring it up to date."""


async def same_messages(admin: Client, stream: str, ours: int, bare: int) -> None:
    """Two stored messages have the same headers, members and size. Raises `Unfair`."""
    js = admin.jetstream()
    one, other = await js.get_msg(stream, ours), await js.get_msg(stream, bare)
    if _shape(one) != _shape(other):
        raise Unfair(f"ours writes {_shape(one)}, bare {_shape(other)}")
    sizes = len(one.data or b""), len(other.data or b"")
    if abs(sizes[0] - sizes[1]) > sizes[0] * _TOLERANCE:
        raise Unfair(f"ours writes {sizes[0]} bytes, bare {sizes[1]}")


def same_documents(ours: object, bare: object) -> None:
    """What both wrote into a database is equal. Raises `Unfair`."""
    if not ours or ours != bare:
        raise Unfair("ours and bare did not write the same documents")


def _shape(message: RawStreamMsg) -> tuple[list[str], list[str], list[str]]:
    body = json.loads(message.data or b"{}")
    return sorted(message.headers or {}), sorted(body), sorted(body["data"])
