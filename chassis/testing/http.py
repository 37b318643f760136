"""A service's HTTP app on fakes, for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from litestar import Litestar
from litestar.testing import AsyncTestClient
from prometheus_client import CollectorRegistry

from chassis.cause import Clock, Ids, new_id, system_clock
from chassis.event_store import Position
from chassis.keyring import Keyring
from chassis.observing.health import Health
from chassis.observing.metrics import Metrics
from chassis.service import Service
from chassis.testing.idempotency import MemoryReservations
from chassis.testing.tokens import Tokens
from chassis.web.http import http_app

BASE_URL = "http://x.local"


@dataclass
class FixedProgress:
    """Read models that have come exactly as far as `reached`, and remember who asked."""

    reached: bool = True
    asked: list[tuple[Position, float]] = field(default_factory=list)

    async def wait_for(self, position: Position, seconds: float) -> bool:
        """`reached`, at once."""
        self.asked.append((position, seconds))
        return self.reached


@dataclass
class HttpFakes:
    """Everything an HTTP app is given besides its service."""

    clock: Clock = system_clock
    new_id: Ids = new_id
    health: Health = field(default_factory=Health)
    progress: FixedProgress = field(default_factory=FixedProgress)
    keyring: Keyring = field(default_factory=Keyring.fresh)
    tokens: Tokens = field(init=False)
    reservations: MemoryReservations = field(init=False)
    metrics: Metrics = field(default_factory=lambda: Metrics(CollectorRegistry()))

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.clock)
        self.reservations = MemoryReservations(self.clock)

    def app(self, service: Service) -> Litestar:
        """The service's HTTP app."""
        return http_app(
            service,
            verifier=self.tokens.verifier,
            progress=self.progress,
            reservations=self.reservations,
            keyring=self.keyring,
            health=self.health,
            metrics=self.metrics,
            clock=self.clock,
            new_id=self.new_id,
        )

    @asynccontextmanager
    async def client(self, service: Service) -> AsyncIterator[AsyncTestClient[Litestar]]:
        """Speaks to the service's HTTP app."""
        async with AsyncTestClient(
            self.app(service), base_url=BASE_URL, raise_server_exceptions=False
        ) as client:
            yield client
