"""What stands in deploy/topology.yaml, part by part."""

import re
from dataclasses import dataclass
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
Token = Annotated[str, Field(pattern=r"^[^\s.*>]+$")]
SubscriberName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Organization = Annotated[str, Field(pattern=r"^(\*|[0-9a-f-]{36})$")]
Events = Annotated[str, Field(pattern=r"^(\*|[a-z_]+)\.(\*|[A-Z][A-Za-z]+)$")]
"""`<aggregate>.<Event>`, either of them `*` for all."""


class Part(BaseModel):
    """A mapping of the file: what it does not know is a mistake."""

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
    live: Token
    """First token of the subject on which each event is said once more as it is stored."""


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


class Service(Part):
    """What one service consumes."""

    projects: tuple[StreamName, ...] = ()
    reacts: dict[StreamName, Annotated[tuple[EventName, ...], Field(min_length=1)]] = {}
    expires: tuple[StreamName, ...] = ()
    log: bool = True
    """Whether it publishes events. Without a log it may still have a bucket."""
    erases: bool = False
    """Whether its worker may erase single messages of its own log, with a user for just that."""


class Rpc(Part):
    """A question one service answers to others."""

    served_by: ServiceName
    requested_by: tuple[ServiceName, ...]


class Subscriber(Part):
    """A team outside: which events of which logs it may read."""

    reads: Annotated[
        dict[StreamName, Annotated[tuple[Events, ...], Field(min_length=1)]], Field(min_length=1)
    ]
    organization: Organization = "*"

    def subjects(self, stream: str) -> tuple[str, ...]:
        """What it may read of one log."""
        pairs = (events.split(".") for events in self.reads[stream])
        return tuple(
            f"evt.{stream.lower()}.{self.organization}.{aggregate}.*.*.{event}"
            for aggregate, event in pairs
        )


@dataclass(frozen=True)
class Stream:
    """One stream as it shall be. What comes on `live[0]` is said once more on `live[1]`."""

    name: str
    subjects: tuple[str, ...]
    settings: StreamSettings
    live: tuple[str, str] | None = None


@dataclass(frozen=True)
class Durable:
    """One durable pull consumer as it shall be, of a service or of a subscriber."""

    service: str
    kind: Literal["projector", "reactions", "expiries", "subscriber"]
    stream: str
    filter_subjects: tuple[str, ...]
    settings: DurableSettings

    @property
    def name(self) -> str:
        """Unique over all streams, so that metrics and logs need no second label."""
        return f"{self.service}-{self.kind}-{self.stream.lower()}"
