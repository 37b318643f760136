"""Streams and durables as resources of NACK, the JetStream controller, in place of `setup`."""

from collections.abc import Iterator
from typing import Any

from chassis.jetstream.setup import VERSION_KEY
from chassis.jetstream.topology import Topology
from chassis.jetstream.topology_file import Durable, Stream
from switchboard.deployment.manifests import Manifest, go_duration

API_VERSION = "jetstream.nats.io/v1beta2"
ACCOUNT = "setup"
"""The `Account` resource by which the controller signs in as user `setup`."""

_NAMES = {"allow_atomic": "allowAtomicPublish"}
_NEVER_REMOVED = {"account": ACCOUNT, "preventDelete": True}


def nack_resources(topology: Topology) -> Iterator[Manifest]:
    """Every stream, then every durable."""
    version = {VERSION_KEY: str(topology.version)}
    for stream in topology.streams.values():
        yield _resource("Stream", stream.name, _stream(stream) | {"metadata": version})
    for durable in topology.durables:
        yield _resource("Consumer", durable.name, _durable(durable) | {"metadata": version})


def _resource(kind: str, name: str, spec: dict[str, Any]) -> Manifest:
    # Names of Kubernetes know no capitals and no underscore.
    metadata = {"name": name.lower().replace("_", "-")}
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": metadata,
        "spec": spec | _NEVER_REMOVED,
    }


def _stream(stream: Stream) -> dict[str, Any]:
    settings = {
        _NAMES.get(name, _camel(name)): _value(value)
        for name, value in stream.settings
        if value  # what is off or zero is NACK's default
    }
    live = dict(zip(("source", "destination"), stream.live, strict=True)) if stream.live else None
    again = {"republish": live} if live else {}
    return {"name": stream.name, **again, "subjects": list(stream.subjects), **settings}


def _durable(durable: Durable) -> dict[str, Any]:
    return {
        "streamName": durable.stream,
        "durableName": durable.name,
        "deliverPolicy": "all",
        "filterSubjects": list(durable.filter_subjects),
        **{_camel(name): _value(value) for name, value in durable.settings},
    }


def _value(value: Any) -> Any:
    return go_duration(value) if hasattr(value, "total_seconds") else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
