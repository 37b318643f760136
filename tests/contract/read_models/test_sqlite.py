"""What only the SQLite adapter promises: one transaction, and one file for several processes."""

import asyncio
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from chassis.read_models import Bounds, Damaged, ReadModelsUnavailable, Stale
from chassis.stores.sqlite_database import SqliteDatabase
from chassis.stores.sqlite_read_models import SqliteReadModelStore
from tests.contract.read_models.sample import ACME, DESKS, Desk, desk, fill, names, reached

REPOSITORY = Path(__file__).resolve().parents[3]

WRITER = """
import asyncio, sys
from pathlib import Path
from chassis.stores.sqlite_database import SqliteDatabase
from chassis.stores.sqlite_read_models import SqliteReadModelStore
from tests.contract.read_models.sample import DESKS, Desk, desk, reached

async def main(path, projector, rounds):
    store = SqliteReadModelStore(SqliteDatabase(Path(path)))
    await store.open(DESKS)
    for number in range(1, rounds + 1):
        keys = [f"{projector}-{document}" for document in range(20)]
        writes = [
            desk(key, Desk(key, rank=number), before=number - 1, after=number) for key in keys
        ]
        await store.apply(writes, reached(number, projector=projector))
        print(number, flush=True)
    await store.close()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sub" / "read-models.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteReadModelStore]:
    store = SqliteReadModelStore(SqliteDatabase(path, patience_seconds=0.2))
    await store.open(DESKS)
    yield store
    await store.close()


async def start_writer(path: Path, projector: str, rounds: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WRITER, str(path), projector, str(rounds)),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.PIPE,
    )


async def test_documents_are_not_kept_when_the_checkpoint_fails(
    path: Path, store: SqliteReadModelStore
) -> None:
    await fill(store, {"d1": Desk("first")})
    with closing(sqlite3.connect(path)) as saboteur:
        saboteur.execute(
            "CREATE TRIGGER fail BEFORE INSERT ON checkpoint "
            "BEGIN SELECT RAISE(ABORT, 'power cut'); END"
        )
    with pytest.raises(sqlite3.IntegrityError, match="power cut"):
        await store.apply([desk("d2", Desk("lost"))], reached(2))
    assert await names(store, "by_name", Bounds()) == ["first"]
    with closing(sqlite3.connect(path)) as repairer:
        repairer.execute("DROP TRIGGER fail")
    await store.apply([desk("d2", Desk("kept"))], reached(2))
    assert await names(store, "by_name", Bounds()) == ["first", "kept"]


async def test_indexes_of_a_version_are_made_when_it_is_full(
    path: Path, store: SqliteReadModelStore
) -> None:
    def indexes() -> int:
        with closing(sqlite3.connect(path)) as looker:
            found = looker.execute("SELECT 1 FROM sqlite_master WHERE name LIKE 'desks%.2.%'")
            return len(found.fetchall())

    await store.at(2).open(DESKS, unsorted=True)
    assert indexes() == 0
    await store.at(2).open(DESKS)
    assert indexes() == len([index for index in DESKS.indexes if index.fields])


def flip_the_first_bit(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])


async def test_a_file_with_a_flipped_bit_is_damaged(
    path: Path, store: SqliteReadModelStore
) -> None:
    await fill(store, {"d1": Desk("somewhere")})
    await store.examine()
    await store.close()
    flip_the_first_bit(path)
    again = SqliteReadModelStore(SqliteDatabase(path))
    with pytest.raises(Damaged, match="delete the file"):
        await again.examine()
    await again.close()


async def test_nothing_of_a_stale_call_is_kept(store: SqliteReadModelStore) -> None:
    await fill(store, {"d1": Desk("first")})
    late = [desk("d2", Desk("new")), desk("d1", Desk("late"), before=7, after=9)]
    with pytest.raises(Stale):
        await store.apply(late, reached(9))
    assert await names(store, "by_name", Bounds()) == ["first"]


async def test_after_a_kill_documents_and_checkpoint_agree(
    path: Path, store: SqliteReadModelStore
) -> None:
    writer = await start_writer(path, "w", 1_000_000)
    assert writer.stdout
    acknowledged = 0
    while acknowledged < 50:
        acknowledged = int(await writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    await writer.wait()
    acknowledged = max([acknowledged, *map(int, (await writer.stdout.read()).split())])
    checkpoint = await store.checkpoint("w", "SESSIONS")
    assert checkpoint is not None
    assert checkpoint.sequence >= acknowledged
    page = await store.find(DESKS, ACME, "by_rank")
    assert {one.rank for one in page.items} == {checkpoint.sequence}
    assert len(page.items) == 20


async def test_processes_that_start_together_share_a_new_file(path: Path) -> None:
    writers = [await start_writer(path, f"w{number}", 20) for number in range(3)]
    await asyncio.gather(*(writer.communicate() for writer in writers))
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    store = SqliteReadModelStore(SqliteDatabase(path))
    await store.open(DESKS)
    page = await store.find(DESKS, ACME, "by_rank", limit=100)
    await store.close()
    assert [one.rank for one in page.items] == [20] * 60


async def test_what_was_deleted_is_in_no_file_once_it_is_scrubbed(
    store: SqliteReadModelStore, path: Path
) -> None:
    def places() -> list[str]:
        return [one.name for one in path.parent.iterdir() if b"Quatrebarbes" in one.read_bytes()]

    await store.apply([desk("d1", Desk("Quatrebarbes" * 500), before=0, after=1)], reached(1))
    await store.apply([desk("d1", Desk("Quatrebarbes"), before=1, after=2)], reached(2))
    await store.get(DESKS, ACME, "d1")
    await store.apply([desk("d1", None, before=2, after=3)], reached(3))
    assert places(), "the search would not notice anything"
    await store.scrub()
    assert places() == []


async def test_a_file_that_stays_locked_is_unavailable(
    path: Path, store: SqliteReadModelStore
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ReadModelsUnavailable, match="locked"):
            await store.apply([], reached(1))
        assert await names(store, "by_name", Bounds()) == []
    await store.apply([], reached(1))


async def test_a_directory_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    blocked = tmp_path / "file.db"
    blocked.mkdir()
    store = SqliteReadModelStore(SqliteDatabase(blocked))
    with pytest.raises(ReadModelsUnavailable, match=r"file\.db"):
        await store.open(DESKS)
    await store.close()
