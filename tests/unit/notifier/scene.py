"""A notifier on fakes: one contact with two addresses, one device, and a clock that obeys."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import count
from typing import Any

from prometheus_client import CollectorRegistry

from chassis.cause import derived_id
from chassis.counters import LocalCounters
from chassis.event_store import Position, Recorded
from chassis.jetstream.rpc import NotAnswered
from chassis.keyring import Keyring
from chassis.reactions import RetryLater
from chassis.read_models import Checkpoint, ReadModel, Write
from chassis.service import Runtime, Service
from chassis.testing.event_store import MemoryEventStore
from chassis.testing.read_models import MemoryReadModelStore
from chassis.testing.tokens import ADMINISTRATOR
from chassis.testing.vault import MemoryVault
from chassis.workers.document_writer import DocumentWriter
from schemas.activation import ActivationRequested
from schemas.envelope import Envelope, schema_uri
from schemas.event import Event
from schemas.notifier import NotificationPlanned
from schemas.provisioning import ContactAdded, DeviceCreated, Email, SipAccountAdded
from schemas.sessions import OrganizationRegistered
from services.notifier.app import build
from services.notifier.mailer import Mailer
from services.notifier.settings import Settings

ORG = ADMINISTRATOR.organization
NOON = datetime(2025, 11, 21, 12, tzinfo=UTC)
EXPIRY = NOON + timedelta(days=7)
CODE = "BCDFGHJKLMNP"
ADDRESSES = {"e-work": "ada@example.com", "e-home": "ada@home.example"}

CONTACT = ContactAdded(
    contact_id="c-1",
    first_name="Ada",
    last_name="Lovelace",
    emails=(
        Email(email_id="e-work", address=ADDRESSES["e-work"], label="work"),
        Email(email_id="e-home", address=ADDRESSES["e-home"], label="home"),
    ),
    language="de",
)
DEVICE = DeviceCreated(
    device_id="d-1", contact_id="c-1", name="Ada's mobile", sip_account_ids=("a-1",)
)
ACCOUNT = SipAccountAdded(
    sip_account_id="a-1",
    provider_id="p-1",
    friendly_name="Reception",
    username="sip-user-4711",
    protocol="udp",
)
ORGANIZATION = OrganizationRegistered(
    organization_id=ORG, name="Harbour Taxis", domains=("example.com",), sign_in_name="taxis"
)
KNOWN = (CONTACT, DEVICE, ACCOUNT, ORGANIZATION)


class Killed(BaseException):
    """The process ended here."""


@dataclass
class PostOffice:
    """A mailer that does what its script says, then accepts everything."""

    naming: list[BaseException | None] = field(default_factory=list)
    greeting: list[BaseException | None] = field(default_factory=list)
    greeted: int = 0
    giving: list[BaseException | None] = field(default_factory=list)
    connections: int = 0
    accepted: list[tuple[str, EmailMessage]] = field(default_factory=list)

    @asynccontextmanager
    async def handover(self, sender: str, recipient: str) -> AsyncIterator["Counter"]:
        """Raises what stands next in `naming`."""
        self.connections += 1
        _follow(self.naming)
        yield Counter(self, recipient)

    async def greet(self, sender: str) -> None:
        """Raises what stands next in `greeting`."""
        self.greeted += 1
        _follow(self.greeting)


@dataclass
class Counter:
    """Where one mail is given away."""

    office: PostOffice
    recipient: str

    async def give(self, message: EmailMessage) -> None:
        """Raises what stands next in `giving`; `Killed` comes after the mail was accepted."""
        trouble = self.office.giving.pop(0) if self.office.giving else None
        if trouble is None or isinstance(trouble, Killed):
            self.office.accepted.append((self.recipient, message))
        if trouble is not None:
            raise trouble


def _follow(script: list[BaseException | None]) -> None:
    trouble = script.pop(0) if script else None
    if trouble is not None:
        raise trouble


class Scene:
    """The service, and everything around it that a test wants to turn."""

    def __init__(self, mailer: Mailer, **settings: Any) -> None:
        self.now = NOON
        self.mailer = mailer
        self.settings = Settings(mail_from="phones@example.com", **settings)
        self.store = MemoryEventStore("notifier", self.clock)
        self.read_models = MemoryReadModelStore()
        self.code: dict[str, str] = {
            "code": CODE,
            "activation_url": f"https://phones.example.com/activate#{CODE}",
            "provisioning_url": f"https://phones.example.com/p/{CODE}",
            "expires_at": EXPIRY.isoformat(),
        }
        self.asked: list[Any] = []
        self._numbers = count(1)
        self.counters = LocalCounters()
        self.keyring = Keyring.fresh()
        self.service = self.fresh_service()

    def clock(self) -> datetime:
        """What time it is here."""
        return self.now

    def fresh_service(self, mailer: Mailer | None = None) -> Service:
        """Another process on the same log and read models."""
        self.registry = CollectorRegistry()
        runtime = Runtime(
            store=self.store,
            read_models=self.read_models,
            vault=MemoryVault(),
            registry=self.registry,
            ask=self.ask,
            clock=self.clock,
            new_id=lambda: f"id-{next(self._numbers)}",
            counters=self.counters,
            keyring=self.keyring,
        )
        return build(runtime, self.settings, mailer or self.mailer)

    async def know(self, *events: Event) -> None:
        """Let the read models see what other services published."""
        await self.read_models.open(*(p.model for p in self.service.projections))
        for event in events:
            await self._project(self.recorded(event))

    async def remember(self, model: ReadModel[Any], key: str, document: object) -> None:
        """Let a read model hold this document, whatever it was folded from."""
        stored = await self.read_models.stored(model, [(ORG, key)])
        before = stored[ORG, key].positions if (ORG, key) in stored else {}
        sequence = next(self._numbers)
        after = {**before, "SESSIONS": sequence}
        write = Write(model, ORG, key, document, before, after)
        await self.read_models.apply([write], Checkpoint("notifier", "SESSIONS", "1", sequence))

    async def catch_up(self) -> None:
        """Let the read models see the whole of the notifier's own log."""
        await self._project(*self.store.all())

    async def _project(self, *recorded: Recorded) -> None:
        stream = recorded[-1].position.service.upper()
        writer = DocumentWriter(stream, self.service.projections, self.read_models)
        checkpoint = Checkpoint("notifier", stream, "1", recorded[-1].position.sequence)
        await writer.write(recorded, checkpoint)

    def recorded(self, event: Event) -> Recorded:
        """An event of another service as it is delivered."""
        number = next(self._numbers)
        envelope = Envelope(
            id=derived_id(event.wire_name, str(number)),
            source=f"/switchboard/{event.service}",
            type=event.wire_name,
            subject=f"{event.aggregate}/{event.aggregate_id}",
            time=self.now,
            dataschema=schema_uri(event.wire_name),
            organization=ORG,
            version=1,
            correlationid="request-1",
            causationid="command-1",
            actor="admin-1",
            data=event.model_dump(mode="json"),
        )
        return Recorded(envelope, Position(event.service, number))

    def requested(
        self, *address_ids: str, language: str | None = None, request_id: str = "r-1"
    ) -> Recorded:
        """Somebody asks for the instructions."""
        return self.recorded(
            ActivationRequested(
                activation_id="d-1",
                request_id=request_id,
                device_id="d-1",
                contact_id="c-1",
                generation=1,
                address_ids=address_ids or ("e-work",),
                language=language,
                expires_at=EXPIRY,
            )
        )

    async def react(self, recorded: Recorded, service: Service | None = None) -> float | None:
        """Deliver a request and every mail planned so far once each.

        Answers in how many seconds the first of them wants to come back.
        """
        used = service or self.service
        waits = [await _wait(used, recorded)]
        waits += [await _wait(used, one) for one in self.planned()]
        return min((wait for wait in waits if wait is not None), default=None)

    def planned(self) -> list[Recorded]:
        """Every mail planned so far."""
        return [one for one in self.store.all() if isinstance(one.event, NotificationPlanned)]

    async def settle(self, recorded: Recorded, most: int = 60) -> list[float]:
        """Deliver an event as often as it wants to come back; answer the pauses in between."""
        pauses: list[float] = []
        while (seconds := await self.react(recorded)) is not None:
            pauses.append(seconds)
            self.now += timedelta(seconds=seconds)
            assert len(pauses) <= most, f"still not settled: {pauses}"
        return pauses

    def log(self) -> list[str]:
        """What happened, in short."""
        return [one.event.short_name.removeprefix("Notification") for one in self.store.all()]

    def facts(self) -> Iterator[Event]:
        """What happened."""
        return (one.event for one in self.store.all())

    async def ask(self, subject: str, question: bytes) -> bytes:
        """Answer for activation."""
        self.asked.append((subject, json.loads(question)))
        if not self.code:
            raise NotAnswered(subject)
        return json.dumps(self.code).encode()


async def _wait(service: Service, recorded: Recorded) -> float | None:
    try:
        await service.reactions[type(recorded.event)](recorded)
    except RetryLater as later:
        return later.seconds
    return None


async def scene(mailer: Mailer | None = None, **settings: Any) -> Scene:
    """A scene where everything about the device is known."""
    made = Scene(mailer or PostOffice(), **settings)
    await made.know(*KNOWN)
    return made
