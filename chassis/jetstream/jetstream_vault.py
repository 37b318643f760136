"""The vault on the stream of a JetStream key-value bucket."""

from nats.aio.client import Client

from chassis.cause import new_id
from chassis.event_store import Conflict
from chassis.jetstream.direct_get import DirectGet
from chassis.jetstream.jetstream_publish import Message, Publisher, guarded
from chassis.jetstream.nats_inbox import PATIENCE_SECONDS, Inbox
from chassis.vault import Entry, VaultConflict


class JetStreamVault:
    """`Vault` on a bucket that exists already. nats-py's own bucket needs rights we do not give."""

    def __init__(
        self,
        nc: Client,
        bucket: str,
        *,
        api_prefix: str = "JSP",
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        inbox = Inbox(nc, patience)
        self._prefix = f"$KV.{bucket}"
        self._bucket = DirectGet(inbox, api_prefix, f"KV_{bucket}")
        self._publisher = Publisher(inbox)

    async def get(self, key: str) -> Entry:
        """The present entry. Raises `StoreUnavailable`."""
        stored = await self._bucket.last(f"{self._prefix}.{key}")
        return Entry(stored.payload or None, stored.sequence) if stored else Entry()

    async def put(self, key: str, value: bytes, *, revision: int | None = None) -> int:
        """Keep a value; with `revision` only if the entry still has it. Answers the new revision.

        Raises `VaultConflict`, also when a retry meets its own success, and `StoreUnavailable`.
        """
        if not value:
            raise ValueError("An empty value means an erased one: call erase().")
        return await self._write(key, value, {} if revision is None else guarded(revision))

    async def erase(self, key: str) -> None:
        """Overwrite the entry with nothing. Raises `StoreUnavailable`.

        Nobody can read it any more, but the old bytes stay in the broker's files until it rewrites
        them: wiping them is STREAM.MSG.DELETE, an operator's right that no service has.
        """
        await self._write(key, b"", {})

    async def listed(self, keys: str, after: int, limit: int) -> list[tuple[str, Entry]]:
        """Entries in the order of their revisions. Raises `StoreUnavailable`."""
        found = await self._bucket.following(f"{self._prefix}.{keys}", after + 1, limit)
        start = len(self._prefix) + 1
        return [(one.subject[start:], Entry(one.payload or None, one.sequence)) for one in found]

    async def _write(self, key: str, value: bytes, guard: dict[str, str]) -> int:
        message = Message(f"{self._prefix}.{key}", value, {"Nats-Msg-Id": new_id(), **guard})
        try:
            return await self._publisher.publish([message])
        except Conflict as conflict:
            raise VaultConflict(f"{key} has changed ({conflict}): read it again.") from conflict
