"""A SQLite file: one thread that writes, a few that read, and never a lock on the event loop."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import local
from typing import Concatenate, ParamSpec, TypeVar

import msgspec

from chassis.read_models import Damaged, ReadModelsUnavailable

P = ParamSpec("P")
R = TypeVar("R")


class SqliteDatabase:
    """Opens its connections on first use, in the threads that use them."""

    def __init__(self, path: Path, *, readers: int = 2, patience_seconds: float = 10) -> None:
        self._path = path
        self._patience_seconds = patience_seconds
        self._thread = local()
        self._connections: list[sqlite3.Connection] = []
        self._writer = ThreadPoolExecutor(1, "sqlite-writer")
        self._readers = ThreadPoolExecutor(readers, "sqlite-reader")

    async def read(
        self,
        work: Callable[Concatenate[sqlite3.Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run `work` on one snapshot of the file. Raises `ReadModelsUnavailable`."""
        return await self._run(self._readers, "BEGIN", lambda db: work(db, *args, **kwargs))

    async def write(
        self,
        work: Callable[Concatenate[sqlite3.Connection, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run `work` in one transaction, all or nothing. Raises `ReadModelsUnavailable`."""
        return await self._run(
            self._writer, "BEGIN IMMEDIATE", lambda db: work(db, *args, **kwargs)
        )

    async def empty_journal(self) -> None:
        """Cut the write-ahead journal to nothing. Raises `ReadModelsUnavailable`."""
        await self._run(self._writer, "", _empty_journal)

    async def examine(self) -> None:
        """Look at every page. Raises `Damaged`, `ReadModelsUnavailable`."""
        if findings := await self._run(self._readers, "", _findings):
            raise self._damaged(findings)

    async def close(self) -> None:
        """Wait for what is under way, then close the file."""
        for executor in (self._writer, self._readers):
            await asyncio.to_thread(executor.shutdown)
        while self._connections:
            self._connections.pop().close()

    async def _run(
        self, executor: Executor, begin: str, work: Callable[[sqlite3.Connection], R]
    ) -> R:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(executor, self._transact, begin, work)
        except msgspec.MsgspecError as unreadable:
            raise self._damaged(str(unreadable)) from unreadable
        except sqlite3.DatabaseError as failure:
            # Text that is no UTF-8 comes without a code.
            code = getattr(failure, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise self._damaged(str(failure).partition(" with text")[0]) from failure
            # What fails because of a statement is a fault of the program.
            if code == sqlite3.SQLITE_ERROR or not isinstance(failure, sqlite3.OperationalError):
                raise
            raise ReadModelsUnavailable(f"{self._path.name}: {failure}") from failure

    def _damaged(self, finding: str) -> Damaged:
        return Damaged(
            f"{self._path} is damaged ({finding}). Stop whatever uses it, delete the file with its "
            "-wal and -shm, and start again: it is filled anew from the log"
        )

    def _transact(self, begin: str, work: Callable[[sqlite3.Connection], R]) -> R:
        connection = self._connection()
        if not begin:
            return work(connection)
        with _transaction(connection, begin):
            return work(connection)

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._thread, "connection"):
            self._thread.connection = self._connect()
        connection: sqlite3.Connection = self._thread.connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._path,
            timeout=self._patience_seconds,
            isolation_level=None,
            # `close` runs in another thread, after all of these have ended.
            check_same_thread=False,
            cached_statements=512,
        )
        self._connections.append(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        # The log is the truth: what a power cut takes from the end is folded again.
        connection.execute("PRAGMA synchronous = NORMAL")
        # What is deleted because somebody is to be forgotten must not stay in the file.
        connection.execute("PRAGMA secure_delete = ON")
        return connection


def _findings(connection: sqlite3.Connection) -> str:
    found = [finding for (finding,) in connection.execute("PRAGMA integrity_check(3)")]
    return "" if found == ["ok"] else "; ".join(found)


def _empty_journal(connection: sqlite3.Connection) -> None:
    busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise ReadModelsUnavailable("The journal is being read for too long to be emptied.")


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
