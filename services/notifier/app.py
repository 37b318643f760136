"""Composition root of the notifier: the only file that knows everything."""

from chassis.command_handler import CommandHandler
from chassis.service import Runtime, Service
from services.notifier.api import controllers
from services.notifier.delivery import Delivery
from services.notifier.domain.aggregates import SERVICE
from services.notifier.mail import Letterhead
from services.notifier.mailer import Mailer
from services.notifier.preparation import Preparation
from services.notifier.projections import projections
from services.notifier.reactions import reactions
from services.notifier.settings import Settings
from services.notifier.smtp_mailer import SmtpMailer


def build(runtime: Runtime, settings: Settings, mailer: Mailer | None = None) -> Service:
    """Put the service together on the given ports. Without a mailer, mails go out by SMTP."""
    commands = CommandHandler(runtime.store)
    preparation = Preparation(runtime.read_models, runtime.ask, runtime.clock)
    delivery = Delivery(
        commands=commands,
        preparation=preparation,
        mailer=mailer or SmtpMailer(settings),
        letterhead=Letterhead(
            sender=settings.mail_from,
            sender_name=settings.mail_from_name,
            help_contact=settings.help_contact,
            download_links=settings.download_links,
        ),
        settings=settings,
        clock=runtime.clock,
        new_id=runtime.new_id,
    )
    return Service(
        name=SERVICE,
        controllers=controllers,
        dependencies={"read_models": runtime.read_models},
        projections=projections,
        reactions=reactions(commands, preparation, delivery, runtime.clock),
    )
