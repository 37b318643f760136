"""Accepts mail on the loopback address and keeps it in a Maildir."""

import asyncio
import mailbox
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
LARGEST_MAIL_BYTES = 10_000_000


@dataclass(frozen=True)
class Keep:
    """Puts each accepted mail into the Maildir before saying so."""

    folder: Path

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - named by aiosmtpd
        """Answer the SMTP command DATA."""
        content = envelope.original_content or b""
        await asyncio.to_thread(mailbox.Maildir(self.folder).add, content)
        return "250 Kept in the local mailbox"


@asynccontextmanager
async def mail_server(folder: Path) -> AsyncIterator[int]:
    """Accept mail until the block ends; gives the port."""
    mailbox.Maildir(folder, create=True)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Keep(folder), hostname="localhost", data_size_limit=LARGEST_MAIL_BYTES),
        host=HOST,
        port=0,
        family=socket.AF_INET,
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
