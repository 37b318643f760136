"""The CloudEvents 1.0 envelope in which every event is stored and delivered (structured JSON)."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from schemas import catalog
from schemas.event import Event
from schemas.upcasts import upcast

CONTENT_TYPE = "application/cloudevents+json"
ENVELOPE_URI = "urn:switchboard:schema:envelope"

Text = Annotated[str, Field(min_length=1)]
Uri = Annotated[str, Field(min_length=1, json_schema_extra={"format": "uri"})]


def _is_absent(value: object) -> bool:
    return value is None


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
    id: Text
    source: Annotated[str, Field(pattern=r"^/switchboard/[a-z]+$")]
    type: Annotated[str, Field(pattern=r"^[a-z]+\.v[1-9][0-9]*\.[A-Z][A-Za-z]*$")]
    subject: Annotated[str, Field(pattern=r"^[a-z_]+/[0-9a-z-]+$")]
    time: AwareDatetime
    dataschema: Uri
    datacontenttype: Literal["application/json"] = "application/json"
    organization: Text
    version: Annotated[int, Field(ge=1)]
    correlationid: Text
    causationid: Text
    traceparent: Annotated[str | None, Field(exclude_if=_is_absent)] = None
    actor: Text
    data: dict[str, Any]

    def event(self) -> Event:
        """The fact inside, in its newest shape. Raises `UnknownEvent`."""
        wire_name, data = upcast(self.type, self.data)
        kind = catalog.find(wire_name)
        if kind is None:
            raise UnknownEvent(
                f"Event type {wire_name} is not known here. Deploy the release that wrote it, "
                "or a newer one, before reading this part of the log."
            )
        return kind.model_validate(data)


def schema_uri(wire_name: str) -> str:
    """The name of the JSON Schema of an event: its `$id`. Where it stands says the index."""
    return "urn:switchboard:schema:" + wire_name.replace(".", ":")
