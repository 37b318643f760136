"""Documents in one unordered bulk per batch, then the checkpoint, through motor."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import InsertOne, ReplaceOne, WriteConcern

from bench.bare.projector import Document, Written


class MongoDocuments:
    """One database; `incarnation` names the log."""

    def __init__(self, url: str, name: str, incarnation: str) -> None:
        self._client: Any = AsyncIOMotorClient(url)
        self._database = self._client.get_database(name, write_concern=WriteConcern("majority"))
        self._incarnation = incarnation
        self._known: set[str] = set()

    async def open(self) -> None:
        """Create the indexes."""
        softphones = self._database["softphones_v1.1"]
        by_contact = ("organization", "by_contact_id", "by_name", "key")
        for names in (("organization", "by_name", "key"), by_contact):
            await softphones.create_index([(name, 1) for name in names])

    async def save(self, documents: Written, sequence: int) -> None:
        """Write them, and that the log has been read up to here."""
        writes: list[Any] = []
        for key, (document, position) in documents.items():
            tree = _tree(key, document, position)
            known = key in self._known
            writes.append(ReplaceOne({"_id": tree["_id"]}, tree) if known else InsertOne(tree))
        await self._database["softphones_v1.1"].bulk_write(writes, ordered=False)
        self._known.update(documents)
        reached = {"incarnation": self._incarnation, "sequence": sequence}
        checkpoint = {"_id": "1/provisioning/PROVISIONING"}
        await self._database["checkpoint"].update_one(checkpoint, {"$set": reached}, upsert=True)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _tree(key: str, document: Document, position: int) -> Document:
    return {
        "_id": f"acme/{key}",
        "positions": {"PROVISIONING": position},
        "body": document,
        "organization": "acme",
        "key": key,
        "by_contact_id": document["contact_id"],
        "by_name": document["name"],
    }
