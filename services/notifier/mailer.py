"""The port to the mail server. A mail is handed over in two steps, with a record in between."""

from contextlib import AbstractAsyncContextManager
from email.message import EmailMessage
from typing import Protocol

UNREACHABLE = 421
"""SMTP's own code for a service that is not available; stands for one that never answered, too."""


class MailPutOff(Exception):
    """Not accepted for now. The text is ours: what the server says may quote the address."""

    def __init__(self, reason: str, code: int = UNREACHABLE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class MailRefused(Exception):
    """Not accepted, now or ever, with this SMTP reply code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the mail server refused the mail for good ({code})")
        self.code = code


class MailServerClosed(Exception):
    """The server does not serve us: password, certificate or sender are wrong. No mail's fault."""


class MailFateUnknown(Exception):
    """The server was cut off while it had the mail: it may have accepted it."""


class Handover(Protocol):
    """A mail whose recipient the server has accepted, and which it has not got yet."""

    async def give(self, message: EmailMessage) -> None:
        """Give the mail to the server; on return it is accepted.

        Raises `MailPutOff`, `MailRefused`, `MailFateUnknown`.
        """
        ...


class Mailer(Protocol):
    """Hands mails to a mail server."""

    def handover(self, sender: str, recipient: str) -> AbstractAsyncContextManager[Handover]:
        """Connect and name both addresses. Nothing is sent until the mail is given.

        Entering raises `MailPutOff`, `MailRefused`, `MailServerClosed`.
        """
        ...

    async def greet(self, sender: str) -> None:
        """Connect and name the sender, to see whether a mail could be handed over.

        Raises `MailPutOff`, `MailServerClosed`.
        """
        ...
