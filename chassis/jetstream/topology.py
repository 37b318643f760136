"""The NATS topology as one checked value: streams, durables and who may reach what."""

import os
from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import Field, model_validator

from chassis.jetstream.subject_patterns import covers, overlap
from chassis.jetstream.topology_file import (
    Durable,
    DurableSettings,
    LogSettings,
    Part,
    Rpc,
    Service,
    ServiceName,
    SharedStream,
    Stream,
    StreamName,
    StreamSettings,
    Subject,
    Subscriber,
    SubscriberName,
)
from schemas.catalog import published
from schemas.event import Event

DEFAULT_PATH = Path(__file__).parents[2] / "deploy" / "topology.yaml"
PATH_VARIABLE = "SWITCHBOARD_TOPOLOGY"
EACH = "each"
_RESERVED = {EACH, "setup", "ops", "platform", "sys"}


class Topology(Part):
    """Everything NATS has to know about this installation."""

    version: Annotated[int, Field(ge=1)]
    defaults: StreamSettings
    log: LogSettings
    shared: dict[StreamName, SharedStream]
    projector: DurableSettings
    reactions: DurableSettings
    expiries: DurableSettings
    subscriber: DurableSettings
    sign_outs: Subject
    services: dict[ServiceName, Service]
    rpc: dict[Subject, Rpc] = Field(default_factory=dict)
    subscribers: dict[SubscriberName, Subscriber] = Field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read the file: the one named here, else by SWITCHBOARD_TOPOLOGY, else the one shipped."""
        chosen = path or Path(os.environ.get(PATH_VARIABLE) or DEFAULT_PATH)
        try:
            return cls.model_validate(yaml.safe_load(chosen.read_text()))
        except FileNotFoundError as error:
            msg = f"There is no topology file {chosen}: set {PATH_VARIABLE} to its path."
            raise FileNotFoundError(msg) from error

    def with_replicas(self, replicas: int) -> Self:
        """The same topology for a cluster: three replicas survive the loss of a node."""
        defaults = self.defaults.model_copy(update={"replicas": replicas})
        return self.model_validate(self.model_dump(exclude_unset=True) | {"defaults": defaults})

    def stream_of(self, service: str) -> str:
        """Name of the service's own log."""
        return service.upper()

    @cached_property
    def streams(self) -> dict[str, Stream]:
        """Every stream by name, logs first."""
        logs = [
            Stream(
                self.stream_of(s),
                _named(self.log.subjects, s),
                self._settings(self.log),
                (f"evt.{s}.>", f"{self.log.live}.evt.{s}.>"),
            )
            for s in self.logging
        ]
        shared = [Stream(n, s.subjects, self._settings(s)) for n, s in self.shared.items()]
        return {stream.name: stream for stream in logs + shared}

    @property
    def logging(self) -> tuple[str, ...]:
        """The services that own a log."""
        return tuple(name for name, service in self.services.items() if service.log)

    @cached_property
    def durables(self) -> tuple[Durable, ...]:
        """Every durable of every service and subscriber."""
        own = [durable for service in self.services for durable in self._durables(service)]
        return (*own, *self._subscribed())

    def durables_of(self, service: str) -> tuple[Durable, ...]:
        """The durables one service or subscriber pulls from."""
        return tuple(durable for durable in self.durables if durable.service == service)

    def readable_by(self, service: str) -> tuple[str, ...]:
        """Logs the service knows: its own, if it has one, and each it consumes."""
        own = [self.stream_of(service)] if service in self.logging else []
        return tuple(dict.fromkeys([*own, *(d.stream for d in self.durables_of(service))]))

    def publishable_by(self, service: str) -> tuple[str, ...]:
        """Subjects the service may publish to."""
        shared = [
            s for stream in self.shared.values() for s in self._granted(stream.publish, service)
        ]
        own = _named(self.log.subjects, service) if service in self.logging else ()
        return (*own, *shared)

    @property
    def erasers(self) -> dict[str, str]:
        """By service, the user that erases from its log."""
        return {name: f"{name}_eraser" for name, one in self.services.items() if one.erases}

    def gettable_by(self, service: str) -> tuple[tuple[str, str], ...]:
        """Shared streams, each with the subjects the service may get from it."""
        return tuple(
            (name, subject)
            for name, stream in self.shared.items()
            for subject in self._granted(stream.get, service)
        )

    @cached_property
    def sign_out_stream(self) -> str:
        """The log in which every service reads whose session is over."""
        return next(
            name
            for name, stream in self.streams.items()
            if any(covers(whole, self.sign_outs) for whole in stream.subjects)
        )

    def _granted(self, grants: dict[str, str], service: str) -> tuple[str, ...]:
        # `each` is whoever takes commands and reacts to events.
        keys = (EACH, service) if service in self.logging else (service,)
        return _named(tuple(grants[key] for key in keys if key in grants), service)

    def _settings(self, own: StreamSettings) -> StreamSettings:
        fields = set(StreamSettings.model_fields)
        chosen = own.model_dump(exclude_unset=True, include=fields)
        return StreamSettings(**self.defaults.model_dump(exclude_unset=True) | chosen)

    def _durables(self, name: str) -> Iterator[Durable]:
        service = self.services[name]
        for stream in service.projects:
            everything = (f"evt.{stream.lower()}.>",)
            yield Durable(name, "projector", stream, everything, self.projector)
        for stream, events in service.reacts.items():
            chosen = tuple(f"evt.{stream.lower()}.*.*.*.*.{event}" for event in events)
            yield Durable(name, "reactions", stream, chosen, self.reactions)
        for stream in service.expires:
            subjects = self.shared[stream].subjects
            yield Durable(name, "expiries", stream, subjects, self.expiries)

    def _subscribed(self) -> Iterator[Durable]:
        for name, subscriber in self.subscribers.items():
            for stream in subscriber.reads:
                subjects = subscriber.subjects(stream)
                yield Durable(name, "subscriber", stream, subjects, self.subscriber)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        if reserved := _RESERVED & set(self.services):
            raise ValueError(f"a service may not be called {', '.join(sorted(reserved))}")
        if taken := {*self.services, *self.erasers.values(), *_RESERVED} & set(self.subscribers):
            raise ValueError(f"subscriber {min(taken)}: this name is taken, choose another")
        logs = {self.stream_of(service) for service in self.logging}
        for durable in self.durables:
            if durable.stream not in logs and durable.kind != "expiries":
                known = ", ".join(sorted(logs))
                msg = f"durable {durable.name}: {durable.stream} is no log; there are {known}"
                raise ValueError(msg)
        asked = [s for rpc in self.rpc.values() for s in (rpc.served_by, *rpc.requested_by)]
        granted = [s for x in self.shared.values() for s in (*x.publish, *x.get) if s != EACH]
        if unknown := {*asked, *granted} - set(self.services):
            raise ValueError(f"unknown service {', '.join(sorted(unknown))}: add it to `services`")
        return self

    @model_validator(mode="after")
    def _subscribed_events_exist(self) -> Self:
        for name, subscriber in self.subscribers.items():
            for stream, chosen in subscriber.reads.items():
                for events in chosen:
                    if not any(_chosen(events, kind, stream.lower()) for kind in published()):
                        msg = f"subscriber {name}: {stream} has no {events}; see docs/events.md"
                        raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _logs_keep_every_event(self) -> Self:
        log = self._settings(self.log)
        if log.max_age or log.max_msgs_per_subject != -1 or log.retention != "limits":
            msg = "log: a limit by age or count deletes events; archive instead"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _subjects_do_not_overlap(self) -> Self:
        for one, other in combinations(self.streams.values(), 2):
            if any(overlap(a, b) for a in one.subjects for b in other.subjects):
                raise ValueError(f"streams {one.name} and {other.name} capture the same subject")
        for name, stream in self.shared.items():
            for subject in (*stream.publish.values(), *stream.get.values()):
                if not any(covers(whole, subject) for whole in stream.subjects):
                    raise ValueError(f"stream {name} does not capture {subject}")
        return self


def _named(subjects: tuple[str, ...], service: str) -> tuple[str, ...]:
    return tuple(subject.replace("{service}", service) for subject in subjects)


def _chosen(events: str, kind: type[Event], service: str) -> bool:
    aggregate, name = events.split(".")
    return (
        kind.service == service
        and aggregate in ("*", kind.aggregate)
        and name in ("*", kind.short_name)
    )
