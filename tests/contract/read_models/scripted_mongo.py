"""The primary of a replica set that answers commands as a test says, as in a failover."""

import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import bson

Tree = dict[str, Any]

_HEADER = struct.Struct("<iiii")
_OP_REPLY, _OP_QUERY, _OP_MSG = 1, 2004, 2013


@dataclass
class ScriptedMongo:
    """Knows the protocol's frames and nothing else; `answers` are by the name of a command."""

    answers: Mapping[str, Tree]
    address: str = ""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"mongodb://{self.address}/"

    def serve(self, connection: socket.socket) -> None:
        """Answer one connection until it is closed."""
        with connection, connection.makefile("rb") as stream:
            while header := stream.read(16):
                length, request, _, code = _HEADER.unpack(header)
                connection.sendall(self._answer(request, code, stream.read(length - 16)))

    def _answer(self, request: int, code: int, body: bytes) -> bytes:
        asked, legacy = _document(code, body), code == _OP_QUERY
        name = next(iter(asked))
        answer = bson.encode(self.answers.get(name, self._greeting()))
        start = struct.pack("<iqii", 8, 0, 0, 1) if legacy else struct.pack("<iB", 0, 0)
        opcode = _OP_REPLY if legacy else _OP_MSG
        return _HEADER.pack(16 + len(start) + len(answer), 0, request, opcode) + start + answer

    def _greeting(self) -> Tree:
        return {
            "ok": 1,
            "ismaster": True,
            "isWritablePrimary": True,
            "setName": "scripted",
            "hosts": [self.address],
            "me": self.address,
            "minWireVersion": 0,
            "maxWireVersion": 21,
            "maxBsonObjectSize": 16 * 1024**2,
            "maxMessageSizeBytes": 48 * 1000**2,
            "maxWriteBatchSize": 100_000,
            "logicalSessionTimeoutMinutes": 30,
        }


def _document(code: int, body: bytes) -> Tree:
    # A query: flags, name, skip, limit, document. A message: flags, kind of section, document.
    at = body.index(b"\0", 4) + 9 if code == _OP_QUERY else 5
    (length,) = struct.unpack_from("<i", body, at)
    return dict(bson.decode(body[at : at + length]))


@contextmanager
def scripted_mongo(answers: Mapping[str, Tree]) -> Iterator[ScriptedMongo]:
    """A server until the block ends, in threads: a driver that closes waits for it."""
    mongo = ScriptedMongo(answers)

    class Connection(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                mongo.serve(self.request)

    with ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
        server.daemon_threads = True
        host, port = server.socket.getsockname()
        mongo.address = f"{host}:{port}"
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield mongo
        finally:
            server.shutdown()
