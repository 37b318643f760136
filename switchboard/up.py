"""The whole product on one machine: broker, services, mailbox, one port, one process."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.di import Provide
from prometheus_client import CollectorRegistry

from chassis.auth import TokenVerifier
from chassis.jetstream.topology import Topology
from chassis.jwks import JwksFile
from chassis.observing.health import Health
from chassis.settings import WrongSettings
from chassis.web.problems import EXCEPTION_HANDLERS
from chassis.web.server import LOCALHOST, serving
from services.notifier.settings import Settings as NotifierSettings
from services.portal.pages.welcome import Link
from switchboard.catalogue import BLUEPRINTS
from switchboard.composition import Process, composed
from switchboard.keys import Keys, create_missing
from switchboard.lost_logs import refuse_lost_logs
from switchboard.mailbox.api import MailboxController
from switchboard.nats_server import embedded_nats
from switchboard.portal import portal_app
from switchboard.routing import OneOrigin
from switchboard.settings import Settings
from switchboard.told import Told, told

RANDOM_PORT = -1
MAILBOX = Link(
    "/dev/mailbox",
    "Mailbox",
    "Mails that this machine has caught. They went to nobody.",
    catches_mails=True,
)
HEALTH = Link("/readyz", "Health", "Whether everything runs, and what to do if not.")

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Broker:
    """A NATS server, and where the seeds of its users are."""

    url: str
    seeds: Path


@asynccontextmanager
async def product(settings: Settings, report: Report) -> AsyncIterator[Health]:
    """Run everything until the block ends. It is ready once `started()` is called on its health."""
    keys = create_missing(_made(settings.data) / "keys", tuple(BLUEPRINTS))
    topology = Topology.load()
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(_broker(settings, topology, report))
        mail_folder = settings.data / "mailbox"
        mail_port = await stack.enter_async_context(caught_mails(mail_folder))
        metrics, worker_metrics = Process.metered(CollectorRegistry())
        process = Process(
            topology=topology,
            nats_url=broker.url,
            seeds=broker.seeds,
            store=settings.store,
            data=settings.data,
            keyrings=keys.folder,
            verifier=TokenVerifier(JwksFile(keys.jwks)),
            health=Health(),
            metrics=metrics,
            worker_metrics=worker_metrics,
            unless_set=_unless_set(settings, keys, mail_port),
        )
        report("Starting the services")
        apps = [
            await stack.enter_async_context(composed(blueprint, process))
            for blueprint in BLUEPRINTS.values()
        ]
        portal = await stack.enter_async_context(
            portal_app(
                topology,
                broker.url,
                broker.seeds,
                process.health,
                process.metrics,
                (MAILBOX, HEALTH) if mail_port else (HEALTH,),
                services=OneOrigin.of(apps),
            )
        )
        mailbox = [mailbox_app(mail_folder)] if mail_port else []
        origin = OneOrigin.of([*apps, portal, *mailbox], otherwise=portal)
        await stack.enter_async_context(
            serving(
                origin,
                health=process.health,
                host=settings.host,
                port=settings.port,
                trusted_proxies=settings.trusted_proxies,
            )
        )
        yield process.health


@asynccontextmanager
async def _broker(settings: Settings, topology: Topology, report: Report) -> AsyncIterator[Broker]:
    if settings.nats_url:
        seeds = settings.nats_seeds or settings.data / "nats" / "keys"
        yield Broker(settings.nats_url, seeds)
        return
    report("Starting the broker")
    folder = settings.data / "nats"
    check = partial(refuse_lost_logs, settings, topology)
    async with embedded_nats(
        folder, topology, port=RANDOM_PORT, report=report, check=check
    ) as server:
        yield Broker(server.url, server.seed("setup").parent)


def mails_are_caught() -> bool:
    """Whether mails stay here: where nobody named a mail server."""
    return NotifierSettings.variable("smtp_host") not in os.environ


@asynccontextmanager
async def caught_mails(folder: Path) -> AsyncIterator[int | None]:
    """The port at which mails are caught; nothing is caught where there is a mail server."""
    if not mails_are_caught():
        yield None
        return
    from switchboard.mailbox.smtp import mail_server  # noqa: PLC0415 - needs an extra

    async with mail_server(folder) as port:
        yield port


def _unless_set(settings: Settings, keys: Keys, mail_port: int | None) -> Told:
    """What each service is told on one machine, where the environment says nothing."""
    common = told(settings, keys)
    return {
        **common,
        "activation": {**common["activation"], "public_url": settings.origin},
        "notifier": {
            "mail_from": f"switchboard@{settings.default_domain or 'localhost'}",
            **(_caught(mail_port) if mail_port else {}),
        },
    }


def _caught(port: int) -> dict[str, Any]:
    return {
        "smtp_host": LOCALHOST,
        "smtp_port": port,
        "smtp_security": "none",
        # The mail server is in this process: an attempt without an answer died with it.
        "smtp_seconds": 2,
        "attempt_seconds": 5,
        # Nobody is flooded by mails that do not leave this machine.
        "most_per_recipient": 1_000_000,
        "most_per_organization": 1_000_000,
    }


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Also where it was there before: it holds personal data.
        folder.chmod(0o700)
    except OSError as error:
        raise WrongSettings(
            f"SWITCHBOARD_DATA: {folder} cannot be made ({error.strerror}). Choose a folder that "
            "can be written to."
        ) from None
    return folder


def mailbox_app(folder: Path) -> Litestar:
    """The HTTP side of the local mailbox."""
    return Litestar(
        [MailboxController],
        response_headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"},
        dependencies={"mail_folder": Provide(lambda: folder, sync_to_thread=False)},
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
        logging_config=None,
    )
