"""The CloudEvents 1.0 envelope in which every event is stored and delivered (structured JSON)."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from schemas.event import Event
from schemas.upcasts import upcast

CONTENT_TYPE = "application/cloudevents+json"


class UnknownEvent(Exception):
    """The log holds an event type this release does not know: it was written by a newer one."""


class Envelope(BaseModel):
    """One event as it stands in the log.

    `version` counts the events of its aggregate from 1 without gaps. `causationid` is the id of
    the command or event that made this one happen; `correlationid` is shared by everything that
    follows from one outside request. `actor` is a user id's aggregate id, `service:<name>` or
    `device:<id>`: never a name or an address.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: AwareDatetime
    dataschema: str
    datacontenttype: Literal["application/json"] = "application/json"
    organization: str
    version: int
    correlationid: str
    causationid: str
    traceparent: str | None = None
    actor: str
    data: dict[str, Any]

    def event(self) -> Event:
        """The fact inside, in its newest shape. Raises `UnknownEvent`."""
        wire_name, data = upcast(self.type, self.data)
        kind = Event.catalog.get(wire_name)
        if kind is None:
            raise UnknownEvent(
                f"Event type {wire_name} is not known here. Deploy the release that wrote it, "
                "or a newer one, before reading this part of the log."
            )
        return kind.model_validate(data)


def schema_uri(wire_name: str) -> str:
    """Where the JSON Schema of an event stands, relative to the schema root."""
    service, version, name = wire_name.split(".")
    return f"/schemas/json/{service}/{version}/{name}.json"
