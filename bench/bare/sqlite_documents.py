"""Documents and checkpoint in one SQLite transaction per batch, in a thread of its own."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.bare.projector import Written

UPSERT = """
    INSERT INTO "softphones_v1.1" (by_contact_id, by_name, positions, body, organization, key)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET by_contact_id = excluded.by_contact_id, by_name = excluded.by_name,
    positions = excluded.positions, body = excluded.body"""
CHECKPOINT = "INSERT OR REPLACE INTO checkpoint VALUES (1, 'provisioning', 'PROVISIONING', ?, ?)"


class SqliteDocuments:
    """`definition` are the statements that create the tables; `incarnation` names the log."""

    def __init__(self, path: Path, definition: Sequence[str], incarnation: str) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._incarnation = incarnation
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", *definition):
            self._database.execute(statement)

    async def save(self, documents: Written, sequence: int) -> None:
        """Write them, and that the log has been read up to here."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._write, documents, sequence)

    def close(self) -> None:
        """Let go of the file."""
        self._thread.shutdown()
        self._database.close()

    def _write(self, documents: Written, sequence: int) -> None:
        rows = [
            (
                document["contact_id"],
                document["name"],
                _json({"PROVISIONING": position}),
                _json(document),
                "acme",
                key,
            )
            for key, (document, position) in documents.items()
        ]
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany(UPSERT, rows)
        self._database.execute(CHECKPOINT, [self._incarnation, sequence])
        self._database.execute("COMMIT")


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
