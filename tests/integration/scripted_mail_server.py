"""A real SMTP server that answers as a test tells it to."""

import asyncio
import warnings
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import SSLContext
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

OK = "250 OK"
DROP = "drop"
HANG = "hang"


@dataclass
class ScriptedMailServer:
    """Answers `script["RCPT"]` and the like one after the other, then accepts everything.

    As an answer to DATA, `DROP` takes the mail and cuts the connection without a word, `HANG`
    says nothing at all.
    """

    script: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    connections: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    protocols: list[SMTP] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._next("MAIL")
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._next("RCPT")
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self._next("DATA")
        if answer in (OK, DROP):
            assert isinstance(envelope.content, bytes)
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.recipients += envelope.rcpt_tos
        if answer == HANG:
            await asyncio.Event().wait()
        if answer == DROP:
            cast(asyncio.Transport, server.transport).abort()
        return answer

    @property
    def open(self) -> int:
        """How many connections are open."""
        transports = [cast(asyncio.Transport | None, one.transport) for one in self.protocols]
        return sum(one is not None and not one.is_closing() for one in transports)

    def cut(self) -> None:
        """End every connection without a word."""
        for one in self.protocols:
            if one.transport is not None:
                cast(asyncio.Transport, one.transport).abort()

    def _next(self, step: str) -> str:
        answers = self.script[step]
        return answers.pop(0) if answers else OK


@asynccontextmanager
async def mail_server(
    password: str | None = None, *, tls: SSLContext | None = None, utf8: bool = True
) -> AsyncIterator[ScriptedMailServer]:
    """Run one on a free port. With a password it lets nobody in who does not know it."""
    scripted = ScriptedMailServer()

    def check(
        _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        return AuthResult(success=data.password.decode() == password, handled=False)

    def protocol() -> SMTP:
        scripted.connections += 1
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
            scripted.protocols.append(
                SMTP(
                    scripted,
                    hostname="mail.example.com",
                    enable_SMTPUTF8=utf8,
                    tls_context=tls,
                    authenticator=check,
                    auth_required=password is not None,
                    auth_require_tls=False,
                )
            )
            return scripted.protocols[-1]

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    scripted.port = server.sockets[0].getsockname()[1]
    async with server:
        yield scripted
