"""A TCP proxy in front of a server whose answers it can lose, as a network does."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class LossyProxy:
    """Passes everything on until it is told to lose an answer or to cut the line."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._losing: bytes | None = None
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._port = 0
        self.lost = 0

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"{self._target.scheme}://127.0.0.1:{self._port}"

    def lose(self, answer: bytes) -> None:
        """Break the connection instead of passing on the next answer that holds these bytes."""
        self._losing = answer

    async def mend(self) -> None:
        """Accept connections, always on the same port."""
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break all connections and accept no new one."""
        if self._server:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["LossyProxy"]:
        """Listen on a free port of this machine."""
        await self.mend()
        try:
            yield self
        finally:
            await self.cut()

    def _accepted(self, reader: StreamReader, writer: StreamWriter) -> None:
        connection = asyncio.ensure_future(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)
        # It may be cut before it has begun.
        connection.add_done_callback(lambda _: writer.close())

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        answers, requests = await asyncio.open_connection(self._target.hostname, self._target.port)
        pipes = [
            asyncio.ensure_future(self._pipe(reader, requests)),
            asyncio.ensure_future(self._pipe(answers, writer)),
        ]
        try:
            await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pipe in pipes:
                pipe.cancel()
            for end in (writer, requests):
                end.close()
                with suppress(OSError):
                    await end.wait_closed()

    async def _pipe(self, source: StreamReader, sink: StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await source.read(65536):
                if self._losing and self._losing in chunk:
                    self._losing = None
                    self.lost += 1
                    return
                sink.write(chunk)
                await sink.drain()
