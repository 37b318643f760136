"""Sends SIP OPTIONS to one address and says whether it answered, and nothing of what it said."""

import asyncio
import secrets
from typing import Literal

from schemas.provisioning import Transport

Reachability = Literal["reachable", "refused", "no_answer"]

_ANSWER = b"SIP/2.0 "


async def ask(address: str, port: int, transport: Transport) -> Reachability:
    """Ask, for as long as the caller has patience. `address` is no name: nothing is looked up."""
    try:
        if transport == "tcp":
            return await _over_tcp(address, port)
        return await _over_udp(address, port)
    except OSError:
        return "refused"


async def _over_tcp(address: str, port: int) -> Reachability:
    reader, writer = await asyncio.open_connection(address, port)
    try:
        writer.write(_message(address, port, "TCP"))
        answer = await reader.readexactly(len(_ANSWER))
    except asyncio.IncompleteReadError:
        return "no_answer"
    finally:
        writer.close()
    return "reachable" if answer == _ANSWER else "no_answer"


async def _over_udp(address: str, port: int) -> Reachability:
    loop = asyncio.get_running_loop()
    transport, question = await loop.create_datagram_endpoint(
        _Question, remote_addr=(address, port)
    )
    try:
        transport.sendto(_message(address, port, "UDP"))
        return await question.answer
    finally:
        transport.close()


class _Question(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[Reachability] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _address: object) -> None:
        if data.startswith(_ANSWER):
            self._take("reachable")

    def error_received(self, _error: Exception) -> None:
        self._take("refused")

    def _take(self, answer: Reachability) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)


def _message(address: str, port: int, transport: Literal["UDP", "TCP"]) -> bytes:
    host = f"[{address}]" if ":" in address else address
    token = secrets.token_hex(8)
    lines = (
        f"OPTIONS sip:{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/{transport} invalid;branch=z9hG4bK{token};rport",
        f"From: <sip:test@invalid>;tag={token}",
        f"To: <sip:{host}:{port}>",
        f"Call-ID: {token}@invalid",
        "CSeq: 1 OPTIONS",
        "Max-Forwards: 1",
        "Content-Length: 0",
    )
    return "\r\n".join((*lines, "", "")).encode()
