"""Streams and durables of the topology in the words of JetStream's JSON API."""

from datetime import timedelta
from typing import Any

from chassis.jetstream.topology_file import Durable, Stream

Config = dict[str, Any]


def stream_config(stream: Stream) -> Config:
    """What STREAM.CREATE takes."""
    settings = stream.settings.model_dump(exclude={"replicas"}, exclude_none=True)
    return {
        "name": stream.name,
        "republish": dict(zip(("src", "dest"), stream.live, strict=True)) if stream.live else None,
        "subjects": list(stream.subjects),
        "num_replicas": stream.settings.replicas,
        **{key: _nanoseconds(value) for key, value in settings.items()},
    }


def consumer_config(durable: Durable) -> Config:
    """What CONSUMER.CREATE takes."""
    settings = durable.settings.model_dump()
    return {
        "durable_name": durable.name,
        "deliver_policy": "all",
        "filter_subjects": list(durable.filter_subjects),
        **{key: _nanoseconds(value) for key, value in settings.items()},
    }


def _nanoseconds(value: object) -> object:
    if isinstance(value, timedelta):
        return value // timedelta(microseconds=1) * 1000
    return value
