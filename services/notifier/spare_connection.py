"""Keeps one SMTP connection open between mails: signing in anew costs more than a mail."""

import asyncio
from contextlib import suppress

import aiosmtplib
from aiosmtplib import SMTPException

KEPT_SECONDS = 5.0
MOST_MAILS = 100
"""Mail servers end connections that go on for ever, in the middle of something."""


class Spare:
    """At most one idle connection. Nobody else has it while it is taken."""

    def __init__(self) -> None:
        self._client: aiosmtplib.SMTP | None = None
        self._mails: dict[aiosmtplib.SMTP, int] = {}
        self._expiry: asyncio.TimerHandle | None = None

    async def take(self) -> aiosmtplib.SMTP | None:
        """The idle connection if there is one that still answers."""
        client, self._client = self._client, None
        if self._expiry:
            self._expiry.cancel()
        if client is None:
            return None
        with suppress(SMTPException, OSError):
            await client.rset()
            return client
        self._end(client)
        return None

    def keep(self, client: aiosmtplib.SMTP) -> None:
        """A mail went out on this connection."""
        mails = self._mails.get(client, 0) + 1
        if mails >= MOST_MAILS or self._client is not None:
            self._end(client)
            return
        self._client, self._mails = client, {client: mails}
        self._expiry = asyncio.get_running_loop().call_later(KEPT_SECONDS, self.drop)

    def drop(self) -> None:
        """Close the idle connection."""
        if self._expiry:
            self._expiry.cancel()
        if self._client:
            self._end(self._client)
        self._client = None

    def _end(self, client: aiosmtplib.SMTP) -> None:
        self._mails.pop(client, None)
        client.close()
