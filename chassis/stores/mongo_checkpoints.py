"""How far each version of the read models in MongoDB has been filled, and from which log."""

from dataclasses import asdict

from chassis.read_models import Checkpoint
from chassis.stores.mongo_client import MongoDatabase
from chassis.stores.read_model_rules import refuse_another_log

COLLECTION = "checkpoint"


class MongoCheckpoints:
    """One document per version, projector and log."""

    def __init__(self, database: MongoDatabase) -> None:
        self._database = database
        self._logs: set[tuple[str, str]] = set()

    async def any(self, version: int) -> bool:
        """Whether anything was folded into a version."""
        return await self._database.get(COLLECTION, {"version": version}) is not None

    async def reached(self, version: int, projector: str, stream: str) -> Checkpoint | None:
        """How far a projector has come in a log, None if it never ran."""
        tree = await self._database.get(COLLECTION, {"_id": _name(version, projector, stream)})
        if tree is None:
            return None
        return Checkpoint(projector, stream, tree["incarnation"], tree["sequence"])

    async def refuse_another_log(self, version: int, new: Checkpoint) -> None:
        """Raises `AnotherLog`."""
        # Asked until one is found: it never changes its log, and a rebuild asks for each batch.
        log = (_name(version, new.projector, new.stream), new.incarnation)
        if log in self._logs:
            return
        reached = await self.reached(version, new.projector, new.stream)
        refuse_another_log(reached, new)
        if reached is not None:
            self._logs.add(log)

    async def advance(self, version: int, new: Checkpoint) -> None:
        """Go on, never back."""
        name = {"_id": _name(version, new.projector, new.stream)}
        earlier = {**name, "sequence": {"$lt": new.sequence}}
        if not await self._database.change(COLLECTION, earlier, {"sequence": new.sequence}):
            await self._database.insert(COLLECTION, {**name, "version": version, **asdict(new)})

    async def discard(self, version: int) -> None:
        """Forget a version."""
        self._logs.clear()
        await self._database.delete(COLLECTION, {"version": version})


def _name(version: int, projector: str, stream: str) -> str:
    return f"{version}/{projector}/{stream}"
