"""Idempotency keys on a JetStream stream that forgets them after a day."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from nats.aio.client import Client

from chassis.event_store import Conflict
from chassis.idempotency import KeyReused, Reservation
from chassis.jetstream.direct_get import DirectGet, Stored
from chassis.jetstream.jetstream_publish import Message, Publisher, guarded
from chassis.jetstream.nats_inbox import PATIENCE_SECONDS, Inbox, NoAnswer

STREAM = "IDEMPOTENCY"


class JetStreamReservations:
    """`Reservations` of one service. `digest` is a keyed hash of scope and key, in hex.

    The hash keeps what a caller wrote into its key out of the stream's subjects.
    """

    def __init__(
        self,
        nc: Client,
        service: str,
        digest: Callable[[str, str], str],
        *,
        api_prefix: str = "JSP",
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._inbox = Inbox(nc, patience)
        self._service = service
        self._digest = digest
        self._stream = DirectGet(self._inbox, api_prefix, STREAM)
        self._publisher = Publisher(self._inbox)

    async def reserve(
        self, organization: str, scope: str, key: str, fingerprint: str, proposal: Reservation
    ) -> Reservation:
        """What the key stands for: the proposal, unless an earlier one came first.

        Raises `KeyReused`, `StoreUnavailable`.
        """
        subject = f"idem.{self._service}.{organization}.{self._digest(scope, key)}"
        message = Message(subject, _written(fingerprint, proposal), guarded(0))
        try:
            await self._publisher.publish([message])
        except Conflict:
            return _read(await self._earlier(subject), fingerprint)
        return proposal

    async def _earlier(self, subject: str) -> Stored:
        async def attempt() -> Stored:
            # A replica may not have it yet.
            if stored := await self._stream.last(subject):
                return stored
            raise NoAnswer("an Idempotency-Key is just being used elsewhere")

        return await self._inbox.persist(attempt)


def _written(fingerprint: str, reservation: Reservation) -> bytes:
    content = {
        "fingerprint": fingerprint,
        "command_id": reservation.command_id,
        "resource_id": reservation.resource_id,
        "at": reservation.at.isoformat(),
    }
    return json.dumps(content).encode()


def _read(stored: Stored, fingerprint: str) -> Reservation:
    content: dict[str, Any] = json.loads(stored.payload)
    if content["fingerprint"] != fingerprint:
        raise KeyReused
    return Reservation(
        content["command_id"], content["resource_id"], datetime.fromisoformat(content["at"])
    )
