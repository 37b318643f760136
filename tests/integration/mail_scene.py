"""The notifier with a real SMTP connection to a scripted mail server."""

from typing import Any

from services.notifier.settings import Settings
from services.notifier.smtp_mailer import SmtpMailer
from tests.unit.notifier.scene import KNOWN, Scene

SENT = ["Planned", "Attempted", "Sent"]
MAILERS: list[SmtpMailer] = []


async def scene(port: int, **settings: Any) -> Scene:
    """A notifier that mails by this port, until `no_connection_is_left_open`."""
    chosen = {"smtp_host": "127.0.0.1", "smtp_security": "none", "smtp_seconds": 2, **settings}
    mailer = SmtpMailer(Settings(mail_from="phones@example.com", smtp_port=port, **chosen))
    MAILERS.append(mailer)
    here = Scene(mailer)
    await here.know(*KNOWN)
    return here
