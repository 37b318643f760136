"""Brings the streams and durables of a NATS server to what the topology says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError

from chassis.jetstream.jetstream_config import Config, consumer_config, stream_config
from chassis.jetstream.topology import Topology
from chassis.jetstream.topology_file import Durable, Stream

VERSION_KEY = "switchboard-topology"
_API = "$JS.API"
_TIMEOUT = 10.0
_NOT_FOUND = 404


class SetupRefused(Exception):
    """NATS does not allow the change: the message says what a person can do."""


class JetStreamSilent(Exception):
    """JetStream gave no answer: it is away, or this user may not ask."""


class ApiError(Exception):
    """JetStream answered with an error."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code


@dataclass(frozen=True)
class _Thing:
    """A stream or durable: where the API answers for it, and how it shall be."""

    label: str
    path: str
    wanted: Config
    remedy: str


async def apply(
    nc: Client, topology: Topology, report: Callable[[str], None] = lambda _: None
) -> list[str]:
    """Create and change what differs, as user `setup`. Says what changed."""
    api = _Api(nc, _API)
    changes: list[str] = []
    for stream in topology.streams.values():
        changes += await _apply_stream(api, _stream(stream, topology), report)
    for durable in topology.durables:
        changes += await _apply_durable(api, durable, _durable(durable, topology), report)
    return changes


async def problems(
    nc: Client, topology: Topology, service: str | None = None, prefix: str = _API
) -> list[str]:
    """What keeps a service from working: its streams and durables missing or of another version.

    A service asks with its own name and API prefix, since it may not see the rest.
    """
    api = _Api(nc, prefix)
    durables = topology.durables_of(service) if service else topology.durables
    names = topology.readable_by(service) if service else tuple(topology.streams)
    things = [_stream(topology.streams[name], topology) for name in names]
    things += [_durable(durable, topology) for durable in durables]
    found = [await _problem(api, thing) for thing in things]
    return [problem for problem in found if problem]


async def _problem(api: "_Api", thing: _Thing) -> str | None:
    try:
        current = await api.config(thing.path)
    except (ApiError, JetStreamSilent) as error:
        return f"{thing.label}: {error}"
    if current is None:
        return f"{thing.label} is missing: run `switchboard setup`"
    here, wanted = (c.get("metadata", {}).get(VERSION_KEY) for c in (current, thing.wanted))
    if here != wanted:
        return f"{thing.label} is of topology {here}, not {wanted}: run `switchboard setup`"
    return None


async def _apply_stream(api: "_Api", thing: _Thing, report: Callable[[str], None]) -> list[str]:
    current = await api.config(thing.path)
    name = thing.wanted["name"]
    if current is None:
        await _change(api, f"STREAM.CREATE.{name}", thing.wanted, thing)
        return _reported([f"{thing.label}: created"], report)
    differing = _differences(current, thing)
    if differing:
        # What the topology does not speak of (a byte limit set by hand, say) stays as it is.
        merged = {**current, **thing.wanted, "metadata": _metadata(current, thing.wanted)}
        await _change(api, f"STREAM.UPDATE.{name}", merged, thing, differing)
    return _reported(differing, report)


async def _apply_durable(
    api: "_Api", durable: Durable, thing: _Thing, report: Callable[[str], None]
) -> list[str]:
    current = await api.config(thing.path)
    differing = [f"{thing.label}: created"] if current is None else _differences(current, thing)
    if differing:
        body = {
            "stream_name": durable.stream,
            "config": thing.wanted,
            "action": "create" if current is None else "update",
        }
        await _change(
            api, f"CONSUMER.CREATE.{durable.stream}.{durable.name}", body, thing, differing
        )
    return _reported(differing, report)


async def _change(
    api: "_Api", path: str, body: Config, thing: _Thing, differing: list[str] | None = None
) -> None:
    try:
        await api.request(path, body)
    except ApiError as error:
        wanted = "; ".join(differing or [thing.label])
        raise SetupRefused(f"NATS refused: {error} ({wanted}). {thing.remedy}") from error


def _differences(current: Config, thing: _Thing) -> list[str]:
    wanted = {**thing.wanted, "metadata": _metadata(current, thing.wanted)}
    return [
        f"{thing.label}: {key} {current.get(key)!r} -> {value!r}"
        for key, value in wanted.items()
        # JetStream leaves out what is zero or off.
        if (current.get(key) or None) != (value or None)
    ]


def _metadata(current: Config, wanted: Config) -> dict[str, str]:
    return {**current.get("metadata", {}), **wanted["metadata"]}


def _reported(lines: list[str], report: Callable[[str], None]) -> list[str]:
    for line in lines:
        report(line)
    return lines


def _stream(stream: Stream, topology: Topology) -> _Thing:
    return _Thing(
        f"stream {stream.name}",
        f"STREAM.INFO.{stream.name}",
        stream_config(stream) | _version(topology),
        "Put the old value back into deploy/topology.yaml, or back the stream up, delete it and "
        "restore it into a new one: docs/operations.md says how.",
    )


def _durable(durable: Durable, topology: Topology) -> _Thing:
    return _Thing(
        f"durable {durable.name}",
        f"CONSUMER.INFO.{durable.stream}.{durable.name}",
        consumer_config(durable) | _version(topology),
        "Put the old value back into deploy/topology.yaml, or delete the durable and run "
        "`switchboard setup` again: it then starts from the first event.",
    )


def _version(topology: Topology) -> Config:
    return {"metadata": {VERSION_KEY: str(topology.version)}}


@dataclass(frozen=True)
class _Api:
    """JetStream's JSON API: nats-py's own classes do not know every field we set."""

    nc: Client
    prefix: str

    async def config(self, path: str) -> Config | None:
        """How the stream or durable is configured now; None when there is none."""
        try:
            answer = await self.request(path)
        except ApiError as error:
            if error.code == _NOT_FOUND:
                return None
            raise
        config: Config = answer["config"]
        return config

    async def request(self, path: str, body: Mapping[str, Any] | None = None) -> Config:
        subject = f"{self.prefix}.{path}"
        payload = json.dumps(body).encode() if body else b""
        try:
            message = await self.nc.request(subject, payload, timeout=_TIMEOUT)
        except (NatsError, TimeoutError) as error:
            msg = f"no answer on {subject} ({error}): is NATS up, and may this user ask?"
            raise JetStreamSilent(msg) from error
        answer: Config = json.loads(message.data)
        if refusal := answer.get("error"):
            raise ApiError(refusal["code"], refusal["description"])
        return answer
