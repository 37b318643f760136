"""Hands mails to an SMTP server, several over one connection."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr

import aiosmtplib
from aiosmtplib import (
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from services.notifier.mailer import (
    MailFateUnknown,
    MailPutOff,
    MailRefused,
    MailServerClosed,
)
from services.notifier.settings import Settings
from services.notifier.spare_connection import Spare

_WANTS_SIGN_IN = {530, 534, 535, 538}
_NO_SUCH_ADDRESS_HERE = 553


@dataclass(frozen=True)
class SmtpHandover:
    """A connection on which this recipient has been accepted."""

    client: aiosmtplib.SMTP
    recipient: str

    async def give(self, message: EmailMessage) -> None:
        """Raises `MailPutOff`, `MailRefused`, `MailFateUnknown`."""
        body = message.as_bytes(policy=SMTP if self.recipient.isascii() else SMTPUTF8)
        try:
            await self.client.data(body)
        except SMTPResponseException as answer:
            raise _verdict(answer.code) from None
        except (SMTPException, OSError):
            self.client.close()
            raise MailFateUnknown("the connection broke while the mail was under way") from None


class SmtpMailer:
    """Talks to the mail server that the settings name.

    A connection that a mail went out on is kept for a few seconds for the next one.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._spare = Spare()

    @asynccontextmanager
    async def handover(self, sender: str, recipient: str) -> AsyncIterator[SmtpHandover]:
        """Raises `MailPutOff`, `MailRefused`, `MailServerClosed` on entering."""
        client = await self._spare.take()
        if client is None:
            client = self._client()
            with _translated():
                await client.connect()
        try:
            with _translated():
                await _envelope(client, sender, recipient)
            yield SmtpHandover(client, recipient)
        except BaseException:
            # Where a mail stopped half-way, the next one had better start afresh.
            client.close()
            raise
        self._spare.keep(client)

    def close(self) -> None:
        """Let go of the connection kept for the next mail."""
        self._spare.drop()

    def _client(self) -> aiosmtplib.SMTP:
        chosen = self.settings
        password = chosen.smtp_password
        return aiosmtplib.SMTP(
            hostname=chosen.smtp_host,
            port=chosen.smtp_port,
            username=chosen.smtp_username,
            password=password.get_secret_value() if password else None,
            timeout=chosen.smtp_seconds,
            use_tls=chosen.smtp_security == "tls",
            start_tls=chosen.smtp_security == "starttls",
            cert_bundle=str(chosen.smtp_ca_file) if chosen.smtp_ca_file else None,
            local_hostname=chosen.mail_from.rpartition("@")[2],
        )


async def _envelope(client: aiosmtplib.SMTP, sender: str, recipient: str) -> None:
    # The client would quietly send to whatever part of it looks like an address.
    if parseaddr(recipient)[1] != recipient:
        raise MailRefused(_NO_SUCH_ADDRESS_HERE)
    if recipient.isascii():
        await client.mail(sender)
        await client.rcpt(recipient)
        return
    await client.ehlo()
    if not client.supports_extension("smtputf8"):
        raise MailRefused(_NO_SUCH_ADDRESS_HERE)
    await client.mail(sender, options=["SMTPUTF8"])
    await client.rcpt(recipient, encoding="utf-8")


@contextmanager
def _translated() -> Iterator[None]:
    """What a server can say before it has the mail, in our terms and without its own words."""
    try:
        yield
    except SMTPRecipientRefused as answer:
        if answer.code in _WANTS_SIGN_IN:
            raise MailServerClosed(f"it wants us to sign in ({answer.code})") from None
        if 500 <= answer.code < 600:
            raise MailRefused(answer.code) from None
        raise _put_off(answer.code) from None
    except SMTPResponseException as answer:
        if answer.code >= 500:
            raise MailServerClosed(f"it refuses us or our sender ({answer.code})") from None
        raise _put_off(answer.code) from None
    except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as trouble:
        if isinstance(trouble, ssl.SSLError) or isinstance(trouble.__cause__, ssl.SSLError):
            raise MailServerClosed("its certificate or TLS version is not acceptable") from None
        raise MailPutOff("the mail server could not be reached") from None
    except SMTPException:
        raise MailServerClosed("it does not offer STARTTLS or sign-in as set up here") from None


def _verdict(code: int) -> MailPutOff | MailRefused | MailFateUnknown:
    if code in _WANTS_SIGN_IN or 400 <= code < 500:
        return _put_off(code)
    if 500 <= code < 600:
        return MailRefused(code)
    return MailFateUnknown(f"the mail server gave an answer that means nothing ({code})")


def _put_off(code: int) -> MailPutOff:
    if not 400 <= code < 600:
        return MailPutOff("the mail server gave an answer that means nothing")
    return MailPutOff(f"the mail server asked for patience ({code})", code)
