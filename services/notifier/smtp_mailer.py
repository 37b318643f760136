"""Hands mails to an SMTP server, several over one connection."""

import socket
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

    Connections that mails went out on are kept for a few seconds for the next ones.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._spare = Spare(settings.mails_at_once)

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
            self._spare.lose(client)
            raise
        self._spare.keep(client)

    async def greet(self, sender: str) -> None:
        """Raises `MailPutOff`, `MailServerClosed`."""
        client = self._client()
        try:
            with _translated():
                await client.connect()
                await client.mail(sender)
        finally:
            client.close()

    def close(self) -> None:
        """Let go of the connections kept for the next mails."""
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
            raise MailServerClosed(_tls_trouble(trouble)) from None
        raise MailPutOff(_unreachable(trouble)) from None
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


def _tls_trouble(trouble: BaseException) -> str:
    for one in _chain(trouble):
        if isinstance(one, ssl.SSLCertVerificationError):
            return f"its certificate is not acceptable ({one.verify_message.rstrip('.')})"
    return "its TLS version, or that it speaks TLS here at all, is not as set up here"


def _unreachable(trouble: BaseException) -> str:
    for one in _chain(trouble):
        match one:
            case socket.gaierror():
                return "the mail server's name is not known to DNS"
            case ConnectionRefusedError():
                return "nothing listens there: the mail server refused the connection"
            case SMTPTimeoutError() | TimeoutError():
                return "the mail server did not answer in time"
    return "the mail server could not be reached"


def _chain(trouble: BaseException | None) -> Iterator[BaseException]:
    while trouble is not None:
        yield trouble
        trouble = trouble.__cause__ or trouble.__context__
