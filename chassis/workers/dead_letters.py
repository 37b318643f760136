"""Where events end that no reaction could deal with, for a person to look at."""

import base64
from datetime import datetime
from types import TracebackType

from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.reading import Unreadable
from schemas.envelope import Envelope, UnknownEvent

_OURS = ("chassis", "schemas", "services", "switchboard")


class DeadLetter(BaseModel):
    """An event that was given up, and where it came from.

    `reason` quotes nothing that could be secret. `body` is the message in base64 where it is no
    envelope.
    """

    model_config = ConfigDict(frozen=True)

    service: str
    durable: str
    stream: str
    sequence: int
    subject: str
    tries: int
    buried_at: datetime
    reason: str
    envelope: Envelope | None = None
    body: str | None = None

    @property
    def message_id(self) -> str:
        """The same for every burial of this event: the stream keeps one of them."""
        return f"{self.durable}-{self.sequence}"


def letter(service: str, message: Msg, error: Exception, tries: int, at: datetime) -> DeadLetter:
    """The dead letter for a delivered message."""
    envelope = _envelope(message.data)
    return DeadLetter(
        service=service,
        durable=message.metadata.consumer,
        stream=message.metadata.stream,
        sequence=message.metadata.sequence.stream,
        subject=message.subject,
        tries=tries,
        buried_at=at,
        reason=reason_of(error),
        envelope=envelope,
        body=None if envelope else base64.b64encode(message.data).decode(),
    )


async def bury(nc: Client, dead: DeadLetter, api_prefix: str) -> None:
    """Keep the letter. Raises nats' errors when the broker does not confirm."""
    await nc.jetstream(prefix=api_prefix).publish(
        f"dead.{dead.service}.{dead.durable}",
        dead.model_dump_json(exclude_none=True).encode(),
        headers={"Nats-Msg-Id": dead.message_id, "content-type": "application/json"},
    )


def reason_of(error: BaseException) -> str:
    """What went wrong and where, without the text of errors that may quote anything."""
    if isinstance(error, Unreadable | UnknownEvent):
        return str(error)
    return f"{type(error).__name__}{_place(error.__traceback__)}"


def _place(traceback: TracebackType | None) -> str:
    place = ""
    while traceback:
        module = traceback.tb_frame.f_globals.get("__name__", "")
        if module.split(".")[0] in _OURS:
            place = f" at {module}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def _envelope(body: bytes) -> Envelope | None:
    try:
        return Envelope.model_validate_json(body)
    except ValidationError:
        return None
