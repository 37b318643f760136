"""The one module that knows MongoDB's drivers: motor, and PyMongo's own asynchronous client."""

import inspect
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from pymongo import AsyncMongoClient, InsertOne, ReadPreference, ReplaceOne, WriteConcern
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    CursorNotFound,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    WriteConcernError,
)

from chassis.read_models import ReadModelsUnavailable

Tree = dict[str, Any]
"""A MongoDB document or filter."""

DUPLICATE_KEY = 11000
OTHER_INDEX_OF_THAT_NAME = 86
PASSING = frozenset({6, 7, 89, 112, 134, 262, 9001})
"""What a failover or a busy server answers besides what the drivers know as no answer."""

ANSWER_SIZE = 1_000
"""Documents per round trip: the rest of an answer is lost in a failover."""


class _PlainNumber(TypeDecoder):
    """Large numbers come back as what they went in as."""

    bson_type = Int64

    def transform_bson(self, value: Int64) -> int:
        return int(value)


CODEC: CodecOptions[Tree] = CodecOptions(type_registry=TypeRegistry([_PlainNumber()]))


@dataclass(frozen=True, slots=True)
class Put:
    """Writes a document where `expected` matches it, or where there is none yet (None)."""

    document: Tree
    expected: Tree | None = None

    @property
    def operation(self) -> InsertOne[Tree] | ReplaceOne[Tree]:
        """As the drivers say it."""
        if self.expected is None:
            return InsertOne(self.document)
        return ReplaceOne({"_id": self.document["_id"], **self.expected}, self.document)


def chosen_driver() -> str:
    """What `MONGO_DRIVER` says: motor or pymongo. Unset, motor where it is installed."""
    return os.environ.get("MONGO_DRIVER") or ("motor" if find_spec("motor") else "pymongo")


def _client(url: str, driver: str, **options: Any) -> Any:
    if driver == "pymongo":
        return AsyncMongoClient(url, **options)
    if driver == "motor":
        from motor.motor_asyncio import AsyncIOMotorClient  # noqa: PLC0415  # optional, and slow

        return AsyncIOMotorClient(url, **options)
    raise ValueError(f"MONGO_DRIVER is {driver!r}: choose motor or pymongo")


class MongoDatabase:
    """One database, used from one event loop. Writes wait for the majority of the replica set.

    Every method raises `ReadModelsUnavailable` when the server does not answer.
    """

    def __init__(
        self,
        url: str,
        name: str,
        *,
        driver: str | None = None,
        patience_seconds: float = 10,
        bulk_size: int = 500,
    ) -> None:
        patience = int(patience_seconds * 1000)
        self._client = _client(
            url,
            driver or chosen_driver(),
            appname="switchboard",
            timeoutMS=patience,
            serverSelectionTimeoutMS=patience,
        )
        # Less than the majority would lose acknowledged writes in a failover, leaving silent holes;
        # a secondary, which a URL may ask for, does not show yet what has just been written.
        self._database = self._client.get_database(
            name,
            codec_options=CODEC,
            write_concern=WriteConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        )
        self._bulk_size = bulk_size

    @property
    def write_concern(self) -> Tree:
        """What writes wait for."""
        concern: Tree = self._database.write_concern.document
        return concern

    @property
    def reads_from(self) -> str:
        """Which member of the replica set is read."""
        member: str = self._database.read_preference.mongos_mode
        return member

    async def close(self) -> None:
        """Let go of the connections."""
        closed = self._client.close()
        if inspect.isawaitable(closed):
            await closed

    async def ping(self) -> None:
        """Ask for a sign of life."""
        with _answer():
            await self._client.admin.command("ping")

    async def get(self, collection: str, wanted: Tree) -> Tree | None:
        """One document that matches."""
        with _answer():
            found: Tree | None = await self._database[collection].find_one(wanted)
            return found

    async def find(
        self,
        collection: str,
        wanted: Tree,
        *,
        sort: Sequence[tuple[str, int]] = (),
        limit: int = 0,
        index: str | None = None,
    ) -> list[Tree]:
        """All documents that match, or the first `limit` of them, by way of an index."""
        with _answer():
            cursor = self._database[collection].find(
                wanted,
                sort=list(sort) or None,
                limit=limit,
                hint=index,
                batch_size=ANSWER_SIZE,
            )
            found: list[Tree] = await cursor.to_list(None)
            return found

    async def insert(self, collection: str, document: Tree) -> bool:
        """Keep a new document. False: its `_id` is there already."""
        with _answer():
            try:
                await self._database[collection].insert_one(document)
            except DuplicateKeyError:
                return False
            return True

    async def change(self, collection: str, wanted: Tree, values: Tree) -> bool:
        """Set values in the one document that matches. False: there is none."""
        with _answer():
            done = await self._database[collection].update_one(wanted, {"$set": values})
            return bool(done.matched_count)

    async def delete(self, collection: str, wanted: Tree) -> None:
        """Delete all documents that match."""
        with _answer():
            await self._database[collection].delete_many(wanted)

    async def drop(self, collection: str) -> None:
        """Delete a whole collection with its indexes."""
        with _answer():
            await self._database[collection].drop()

    async def index(self, collection: str, name: str, fields: Sequence[str]) -> None:
        """Create an index where it is missing, or is one of other fields."""
        ascending = [(field, 1) for field in fields]
        with _answer():
            try:
                await self._database[collection].create_index(ascending, name=name)
            except OperationFailure as conflict:
                if conflict.code != OTHER_INDEX_OF_THAT_NAME:
                    raise
                await self._database[collection].drop_index(name)
                await self._database[collection].create_index(ascending, name=name)

    async def put(self, collection: str, puts: Sequence[Put]) -> bool:
        """Write many documents in no particular order. False: some did not match and were not."""
        with _answer():
            for start in range(0, len(puts), self._bulk_size):
                part = puts[start : start + self._bulk_size]
                if await self._written(collection, part) < len(part):
                    return False
            return True

    async def _written(self, collection: str, puts: Sequence[Put]) -> int:
        operations = [put.operation for put in puts]
        try:
            done = await self._database[collection].bulk_write(operations, ordered=False)
        except BulkWriteError as failure:
            _refuse_all_but_duplicates(failure)
            return 0
        written: int = done.inserted_count + done.matched_count
        return written


def _refuse_all_but_duplicates(failure: BulkWriteError) -> None:
    details: Mapping[str, Any] = failure.details or {}
    if details.get("writeConcernErrors"):
        raise ReadModelsUnavailable("The majority of MongoDB did not confirm in time.") from failure
    if any(error["code"] != DUPLICATE_KEY for error in details.get("writeErrors", ())):
        raise failure


@contextmanager
def _answer() -> Iterator[None]:
    try:
        yield
    except (ConnectionFailure, CursorNotFound, ExecutionTimeout, WriteConcernError) as failure:
        raise ReadModelsUnavailable(f"MongoDB did not answer: {failure}") from failure
    except OperationFailure as failure:
        if failure.code not in PASSING:
            raise
        raise ReadModelsUnavailable(f"MongoDB did not answer: {failure}") from failure
