"""What a service is made of, and what it is given to work with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Controller
from prometheus_client import CollectorRegistry

from chassis.cause import Clock, Ids, new_id, system_clock
from chassis.counters import Counters, LocalCounters
from chassis.event_store import EventStore, ReadOnlyLog
from chassis.jetstream.erasure import Erase, nothing_is_erased
from chassis.keyring import Keyring
from chassis.leases import Expiry, Leases
from chassis.observing.health import Check
from chassis.projection import Projection
from chassis.reactions import Reactions
from chassis.read_models import ReadModelStore
from chassis.rounds import Round
from chassis.vault import Vault

Answer = Callable[[bytes], Awaitable[bytes]]
Ask = Callable[[str, bytes], Awaitable[bytes]]
"""Send a request to a subject of another service and wait for the answer."""


def no_other_log(service: str) -> ReadOnlyLog:
    """For services that look at their own log only. Raises LookupError."""
    raise LookupError(f"The log of {service} cannot be read here.")


def no_other_bucket(name: str) -> Vault:
    """For services that keep things in one bucket. Raises LookupError."""
    raise LookupError(f"There is no bucket {name} here.")


@dataclass(frozen=True)
class Runtime:
    """The ports a service is built on. Tests hand in fakes, `switchboard` the real ones.

    `log_of` gives the log of another service by its name; `registry` takes figures of the
    service's own, with labels from bounded sets only. `bucket` gives further vaults by name;
    `erase` removes single messages from the own log, in workers of services that may. `keyring`
    hides what must not be read where it is counted; all replicas have the same.
    """

    store: EventStore
    read_models: ReadModelStore
    vault: Vault
    ask: Ask
    clock: Clock = system_clock
    new_id: Ids = new_id
    counters: Counters = field(default_factory=LocalCounters)
    log_of: Callable[[str], ReadOnlyLog] = no_other_log
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    bucket: Callable[[str], Vault] = no_other_bucket
    erase: Erase = nothing_is_erased
    leases: Leases | None = None
    keyring: Keyring = field(default_factory=Keyring.fresh)


@dataclass(frozen=True)
class Service:
    """One service: what it answers, folds and reacts to.

    `dependencies` are handed to controllers by parameter name; `answers` are request subjects
    that other services may ask; `expiry` is what happens when one of its leases runs out;
    `rounds` are what its workers look after from time to time.
    So many reactions run `at_once` in one worker, in any order. `warnings` are shown by its worker
    at `/readyz`: somebody has to look, but requests may come here all the same.
    """

    name: str
    controllers: Sequence[type[Controller]]
    dependencies: Mapping[str, Any]
    projections: Sequence[Projection[Any]]
    reactions: Reactions = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    expiry: Expiry | None = None
    rounds: Sequence[Round] = ()
    at_once: int = 1
    warnings: Mapping[str, Check] = field(default_factory=dict)
