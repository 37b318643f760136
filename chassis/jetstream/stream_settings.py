"""What JetStream is told about streams and durables, as the topology file states it."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: object) -> object:
    if isinstance(value, str) and (match := re.fullmatch(r"(\d+)([smhd])", value)):
        return timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
ServiceName = Annotated[str, Field(pattern=r"^[a-z]+$")]
StreamName = Annotated[str, Field(pattern=r"^[A-Za-z_]+$")]
EventName = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]+$")]
Subject = Annotated[str, Field(pattern=r"^[^\s.]+(\.[^\s.]+)*$")]


class Part(BaseModel):
    """A part of the topology file: whatever it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StreamSettings(Part):
    """What JetStream is told about one stream, besides its name and subjects."""

    storage: Literal["file", "memory"] = "file"
    retention: Literal["limits", "interest", "workqueue"] = "limits"
    discard: Literal["old", "new"] = "new"
    compression: Literal["none", "s2"] = "none"
    replicas: Annotated[int, Field(ge=1, le=5)] = 1
    duplicate_window: Duration = timedelta(minutes=2)
    max_age: Duration = timedelta(0)
    max_msgs_per_subject: int = -1
    max_bytes: int | None = None
    """None leaves it to whoever runs the broker."""
    allow_direct: bool = True
    allow_atomic: bool = False
    allow_msg_ttl: bool = False
    allow_msg_counter: bool = False
    deny_purge: bool = False
    subject_delete_marker_ttl: Duration = timedelta(0)


class LogSettings(StreamSettings):
    """The log of a service: keeps every event for ever."""

    subjects: tuple[Subject, ...]


class SharedStream(StreamSettings):
    """A stream that is nobody's log, and which services may publish to it or get from it."""

    subjects: tuple[Subject, ...]
    publish: dict[str, Subject] = {}
    get: dict[str, Subject] = {}


class DurableSettings(Part):
    """How one kind of durable acknowledges."""

    ack_policy: Literal["all", "explicit"]
    ack_wait: Duration
    max_ack_pending: Annotated[int, Field(ge=1)]
    max_deliver: int = -1
