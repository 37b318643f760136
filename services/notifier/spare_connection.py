"""Keeps SMTP connections open between mails: signing in anew costs more than a mail."""

import asyncio
from contextlib import suppress

import aiosmtplib
from aiosmtplib import SMTPException

KEPT_SECONDS = 5.0
MOST_MAILS = 100
"""Mail servers end connections that go on for ever, in the middle of something."""


class Spare:
    """A few idle connections. Nobody else has one while it is taken."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._idle: list[aiosmtplib.SMTP] = []
        self._mails: dict[aiosmtplib.SMTP, int] = {}
        self._expiry: asyncio.TimerHandle | None = None

    async def take(self) -> aiosmtplib.SMTP | None:
        """An idle connection if there is one that still answers."""
        while self._idle:
            client = self._idle.pop()
            with suppress(SMTPException, OSError):
                await client.rset()
                return client
            self._end(client)
        return None

    def keep(self, client: aiosmtplib.SMTP) -> None:
        """A mail went out on this connection."""
        mails = self._mails.get(client, 0) + 1
        if mails >= MOST_MAILS or len(self._idle) >= self._most:
            self._end(client)
            return
        self._idle.append(client)
        self._mails[client] = mails
        if self._expiry:
            self._expiry.cancel()
        self._expiry = asyncio.get_running_loop().call_later(KEPT_SECONDS, self.drop)

    def lose(self, client: aiosmtplib.SMTP) -> None:
        """A connection that was taken is not fit for another mail."""
        self._end(client)

    def drop(self) -> None:
        """Close the idle connections."""
        if self._expiry:
            self._expiry.cancel()
        while self._idle:
            self._end(self._idle.pop())

    def _end(self, client: aiosmtplib.SMTP) -> None:
        self._mails.pop(client, None)
        client.close()
