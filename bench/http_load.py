"""Sends the same HTTP request over and over, at the least cost to the machine it shares."""

import asyncio
import json
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator

from bench.processes import HOST

CREATED = b" 201 "


class Refused(Exception):
    """The server did not do what was asked. The text is its answer."""


def request(path: str, body: object, token: str) -> bytes:
    """A POST as it is sent."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def per_second(port: int, sent: bytes, count: int, connections: int) -> float:
    """How many answers a second come over so many connections. Raises `Refused`."""
    pairs = [await asyncio.open_connection(HOST, port) for _ in range(connections)]
    turns = iter(range(count))
    began = time.perf_counter()
    await asyncio.gather(*(_repeat(*pair, sent, turns) for pair in pairs))
    seconds = time.perf_counter() - began
    for _, writer in pairs:
        writer.close()
        await writer.wait_closed()
    return count / seconds


async def _repeat(
    reader: StreamReader, writer: StreamWriter, sent: bytes, turns: Iterator[int]
) -> None:
    for _ in turns:
        writer.write(sent)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, _, rest = head.partition(b"content-length:")
        body = await reader.readexactly(int(rest.split(b"\r\n", 1)[0]))
        if CREATED not in head.split(b"\r\n", 1)[0]:
            raise Refused((head + body).decode(errors="replace"))
