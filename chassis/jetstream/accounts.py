"""Renders the NATS accounts: each service and subscriber reaches nothing but what it imports."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chassis.jetstream.topology import Topology
from chassis.jetstream.topology_file import Durable

API_PREFIX = "JSP"
"""What services pass to `nc.jetstream(prefix=…)`: under its own name their account answers."""

PLATFORM_USERS = ("setup", "ops")
_API = "$JS.API"
_NOTICE = "# generated from deploy/topology.yaml by make schemas"
_OPS_MAY_LOOK = (
    "STREAM.INFO.*",
    "STREAM.LIST",
    "STREAM.NAMES",
    "STREAM.MSG.GET.*",
    "DIRECT.GET.>",
    "CONSUMER.INFO.>",
    "CONSUMER.LIST.*",
    "CONSUMER.NAMES.*",
    # Without a name: consumers that pass. With one it could change the services' durables.
    "CONSUMER.CREATE.*",
    "CONSUMER.MSG.NEXT.>",
)
_OPS_MAY_DISCARD = "STREAM.MSG.DELETE.DEAD_LETTERS"
REPLAY = "replay"
"""In front of subjects that history is repeated under: no stream takes them, no service hears."""

_SERVER = f"""{_NOTICE}
# Run it with the variables set, a path in quotes of its own: NATS_STORE_DIR='"/data/jetstream"'
host: $NATS_HOST
port: $NATS_PORT
jetstream {{
  store_dir: $NATS_STORE_DIR
  # By default JetStream acknowledges before it syncs: a power cut then loses acknowledged events.
  sync_interval: always
}}
lame_duck_duration: "30s"
lame_duck_grace_period: "10s"
include accounts.conf
"""


@dataclass(frozen=True)
class Right:
    """A subject of another account that a service may send requests to."""

    subject: str
    answers: str = "one"
    account: str = "PLATFORM"

    @property
    def import_line(self) -> str:
        """As the importing account writes it."""
        source = f'service: {{account: {self.account}, subject: "{self.subject}"}}'
        if self.subject.startswith(_API):
            return f'{{{source}, to: "{API_PREFIX}{self.subject.removeprefix(_API)}"}}'
        return f"{{{source}}}"

    def export_line(self, importers: list[str]) -> str:
        """As the owning account writes it."""
        kind = {
            "one": "",
            "many": ", response_type: stream",
            # The server keeps the reply's mapping for the threshold: 2 minutes add up at this rate.
            "many soon": ', response_type: stream, response_threshold: "10s"',
        }[self.answers]
        return f'{{service: "{self.subject}"{kind}, accounts: [{", ".join(importers)}]}}'


def rights(topology: Topology, service: str) -> tuple[Right, ...]:
    """Everything one service can reach."""
    if service in topology.subscribers:
        return tuple(_subscriber_rights(topology, service))
    return tuple(dict.fromkeys(_rights(topology, service)))


def live_feeds(topology: Topology, subscriber: str) -> tuple[str, ...]:
    """Subjects on which a subscriber hears events as they are stored."""
    reads = topology.subscribers[subscriber]
    return tuple(
        f"{topology.log.live}.{subject}" for log in reads.reads for subject in reads.subjects(log)
    )


def _subscriber_rights(topology: Topology, subscriber: str) -> Iterator[Right]:
    for durable in topology.durables_of(subscriber):
        yield from _pulling(durable)
        # Its own place only: to read everything once more.
        yield Right(f"{_API}.CONSUMER.RESET.{durable.stream}.{durable.name}")


def _pulling(durable: Durable) -> Iterator[Right]:
    consumer = f"{durable.stream}.{durable.name}"
    yield Right(f"{_API}.CONSUMER.MSG.NEXT.{consumer}", "many")
    yield Right(f"{_API}.CONSUMER.INFO.{consumer}")
    yield Right(f"$JS.ACK.{consumer}.>")


def _rights(topology: Topology, service: str) -> Iterator[Right]:
    yield from map(Right, topology.publishable_by(service))
    for stream in topology.readable_by(service):
        yield Right(f"{_API}.STREAM.INFO.{stream}")
    if service in topology.logging:
        own = topology.stream_of(service)
        yield Right(f"{_API}.DIRECT.GET.{own}", "many soon")
        yield Right(f"{_API}.DIRECT.GET.{own}.>")
        yield Right(f"{_API}.DIRECT.GET.{topology.sign_out_stream}", "many soon")
    if service in topology.erasers:
        yield Right(f"{_API}.{_erasure(topology, service)}")
    for stream, subject in topology.gettable_by(service):
        yield Right(f"{_API}.DIRECT.GET.{stream}.{subject}")
        if subject in topology.streams[stream].subjects:
            yield Right(f"{_API}.DIRECT.GET.{stream}", "many soon")
    for durable in topology.durables_of(service):
        yield from _pulling(durable)
        if durable.kind == "projector":
            yield Right(f"{_API}.CONSUMER.RESET.{durable.stream}.{durable.name}")
            yield Right(f"{_API}.DIRECT.GET.{durable.stream}", "many soon")
    for subject, rpc in topology.rpc.items():
        if service in rpc.requested_by:
            yield Right(subject, account=account_of(rpc.served_by))


def _erasure(topology: Topology, service: str) -> str:
    return f"STREAM.MSG.DELETE.{topology.stream_of(service)}"


def retry_subject(service: str) -> str:
    """Where a worker of the service is asked to try a dead letter again."""
    return f"retry.{service}"


def account_of(service: str) -> str:
    """Name of the account of a service or subscriber."""
    return service.upper()


def users(topology: Topology) -> tuple[str, ...]:
    """Who has a key: the platform's users, one per service and subscriber, and the erasers."""
    own = (*PLATFORM_USERS, *topology.services, *topology.erasers.values())
    return (*own, *topology.subscribers)


def key_variable(user: str) -> str:
    """Environment variable in which the server finds the user's public key."""
    return f"NATS_NKEY_{user.upper()}"


def generated_files(topology: Topology) -> dict[Path, str]:
    """The committed files, by path from the root of the repository."""
    nats = Path("deploy/nats")
    return {nats / "accounts.conf": accounts(topology), nats / "server.conf": _SERVER}


def accounts(topology: Topology) -> str:
    """The server's `accounts` block."""
    members = (*topology.services, *topology.subscribers)
    imports = {account_of(member): rights(topology, member) for member in members}
    exports: dict[Right, list[str]] = {}
    for importer, imported in imports.items():
        for right in imported:
            exports.setdefault(right, []).append(importer)
    exports |= {right: ["PLATFORM"] for right in _retries(topology)}
    blocks = [_platform(topology, exports)]
    blocks += [_member(topology, name, imports[account_of(name)], exports) for name in members]
    return "\n".join([_NOTICE, "system_account: SYS", "accounts {", "  SYS {}", *blocks, "}", ""])


def _retries(topology: Topology) -> list[Right]:
    return [Right(retry_subject(name), account=account_of(name)) for name in topology.logging]


def _ops_may_publish(topology: Topology) -> list[str]:
    asked = [f"{_API}.{subject}" for subject in (*_OPS_MAY_LOOK, _OPS_MAY_DISCARD)]
    return [*asked, *(right.subject for right in _retries(topology)), f"{REPLAY}.>"]


def _platform(topology: Topology, exports: dict[Right, list[str]]) -> str:
    allowed = ", ".join(f'"{subject}"' for subject in _ops_may_publish(topology))
    setup, ops = (f"nkey: ${key_variable(user)}" for user in PLATFORM_USERS)
    permissions = f'publish: [{allowed}], subscribe: ["_INBOX_ops.>", "$JS.EVENT.>"]'
    return "\n".join(
        [
            "  PLATFORM {",
            "    jetstream: enabled",
            f"    users: [{{{setup}}}, {{{ops}, permissions: {{{permissions}}}}}]",
            *_lines("exports", [*_exports("PLATFORM", exports), *_live_exports(topology)]),
            *_lines("imports", [right.import_line for right in _retries(topology)]),
            "  }",
        ]
    )


def _users(topology: Topology, service: str) -> str:
    own = f"nkey: ${key_variable(service)}"
    if service not in topology.erasers:
        return f"[{{{own}}}]"
    eraser = topology.erasers[service]
    erasure = f'"{API_PREFIX}.{_erasure(topology, service)}"'
    only = f'publish: [{erasure}], subscribe: ["_INBOX_{eraser}.>"]'
    return (
        f"[{{{own}, permissions: {{publish: {{deny: [{erasure}]}}}}}}, "
        f"{{nkey: ${key_variable(eraser)}, permissions: {{{only}}}}}]"
    )


def _member(
    topology: Topology,
    name: str,
    imported: tuple[Right, ...],
    exports: dict[Right, list[str]],
) -> str:
    account = account_of(name)
    live = live_feeds(topology, name) if name in topology.subscribers else ()
    heard = [f'{{stream: {{account: PLATFORM, subject: "{subject}"}}}}' for subject in live]
    return "\n".join(
        [
            f"  {account} {{",
            f"    users: {_users(topology, name)}",
            *_lines("exports", _exports(account, exports)),
            *_lines("imports", [right.import_line for right in imported] + heard),
            "  }",
        ]
    )


def _exports(account: str, exports: dict[Right, list[str]]) -> list[str]:
    return [right.export_line(to) for right, to in exports.items() if right.account == account]


def _live_exports(topology: Topology) -> list[str]:
    listeners: dict[str, list[str]] = {}
    for name in topology.subscribers:
        for subject in live_feeds(topology, name):
            listeners.setdefault(subject, []).append(account_of(name))
    return [
        f'{{stream: "{subject}", accounts: [{", ".join(to)}]}}' for subject, to in listeners.items()
    ]


def _lines(name: str, entries: list[str]) -> list[str]:
    return [f"    {name}: [", *(f"      {entry}" for entry in entries), "    ]"] if entries else []
