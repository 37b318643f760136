"""Composition root of the notifier: the only file that knows everything."""

from functools import partial

from chassis.command_handler import CommandHandler
from chassis.service import Runtime, Service
from services.notifier.api import controllers
from services.notifier.delivery import Delivery
from services.notifier.domain.aggregates import SERVICE
from services.notifier.letterhead import Letterhead
from services.notifier.mail_server import MailServer
from services.notifier.mailer import Mailer
from services.notifier.outbox import Outbox
from services.notifier.pace import Pace, Paces
from services.notifier.preparation import Preparation
from services.notifier.projections import projections
from services.notifier.reactions import Planning, Sending, reactions
from services.notifier.resending import Resending
from services.notifier.settings import Settings
from services.notifier.smtp_mailer import SmtpMailer
from services.notifier.template_check import check
from services.notifier.templating import Templates

MINUTE, HOUR = 60, 3600


def build(runtime: Runtime, settings: Settings, mailer: Mailer | None = None) -> Service:
    """Put the service together on the given ports. Without a mailer, mails go out by SMTP.

    Raises `WrongSettings` when a template of an organization cannot be used.
    """
    commands = CommandHandler(runtime.store)
    preparation = Preparation(runtime.read_models, runtime.ask, runtime.clock)
    templates = Templates(settings.templates)
    check(templates)
    outbox = Outbox(runtime.clock, runtime.registry)
    mailer = mailer or SmtpMailer(settings)
    mail_server = MailServer(mailer, outbox, settings, runtime.clock, runtime.registry)
    delivery = Delivery(
        commands=commands,
        preparation=preparation,
        mailer=mailer,
        letterhead=letterhead(settings),
        templates=templates,
        outbox=outbox,
        paces=_paces(runtime, settings),
        settings=settings,
        clock=runtime.clock,
        new_id=runtime.new_id,
    )
    return Service(
        name=SERVICE,
        controllers=controllers,
        dependencies={
            "read_models": runtime.read_models,
            "resending": Resending(commands, preparation),
        },
        projections=projections,
        reactions=reactions(
            Planning(commands, preparation, runtime.clock, settings.language),
            Sending(delivery, outbox, runtime.clock),
        ),
        at_once=settings.mails_at_once,
        warnings={"mail-server": mail_server.check},
    )


def _paces(runtime: Runtime, settings: Settings) -> Paces:
    return Paces(
        runtime.counters,
        recipient=Pace(settings.most_per_recipient, HOUR),
        organization=Pace(settings.most_per_organization, MINUTE),
        digest=partial(runtime.keyring.fingerprint, "mail-limit"),
        clock=runtime.clock,
    )


def letterhead(settings: Settings) -> Letterhead:
    """What the mails of this installation have in common."""
    return Letterhead(
        sender=settings.mail_from,
        sender_name=settings.mail_from_name,
        help_contact=settings.help_contact,
        download_links=settings.download_links,
        sender_domains=settings.mail_from_domains,
    )
