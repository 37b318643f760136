"""Notices that an event of an aggregate is missing from the log, or stands in it twice."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.event_store import BrokenHistory
from chassis.feed import Delivery, Feed
from chassis.reading import EventSubject
from schemas.event import Event

REMEMBERED = 25_000
TRIES = 5
PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Leap:
    """An event that does not follow on version `last`, the newest one remembered (0: none)."""

    subject: EventSubject
    sequence: int
    last: int

    @property
    def predecessor(self) -> str:
        """Pattern of the event that must stand before this one."""
        return f"{self.subject.prefix}.{self.subject.version - 1}.*"

    @property
    def erasures(self) -> list[str]:
        """Patterns of the facts after which events like the predecessor may be missing."""
        kind = self.subject.prefix.split(".")[3]
        erasing = (e for e in Event.catalog.values() if e.erases and e.aggregate == kind)
        return [f"{self.subject.prefix}.*.{event.short_name}" for event in erasing]


class Continuity:
    """Follows the versions of each aggregate: 1, 2, 3 …

    The log's own numbers do not tell: a flipped bit makes an event vanish, or a truncated log
    number its events anew. What was seen is remembered for a while, and never written down: for
    an aggregate that is not remembered, the log is asked for the predecessor.
    """

    def __init__(self, feed: Feed, remembered: int = REMEMBERED) -> None:
        self._feed = feed
        self._limit = remembered
        self._recent: dict[str, int] = {}
        self._older: dict[str, int] = {}
        self._begun_after = 0
        self._going: dict[str, int] = {}

    def forget(self, after: int) -> None:
        """Another reader may have gone on meanwhile, up to this sequence."""
        self._recent, self._older, self._going = {}, {}, {}
        self._begun_after = after

    async def follow(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Check what comes next in the log. Answers it without what is half erased already.

        Raises `BrokenHistory`, `StoreUnavailable`.
        """
        leaps = [leap for d in deliveries if (leap := self._note(d))]
        for _ in range(TRIES):
            leaps = await self._unexplained(leaps) if leaps else []
            if not leaps:
                return [d for d in deliveries if not self._is_going(d)]
            # The replica that was asked may lag behind the one that delivered.
            await asyncio.sleep(PAUSE_SECONDS)
        first = leaps[0].subject
        raise BrokenHistory(
            f"The log lacks version {first.version - 1} of {first.prefix}: version {first.version} "
            f"stands at {leaps[0].sequence} without it, and {len(leaps) - 1} more events like it. "
            "Compare the stream with its backup and restore it; nothing is projected until then."
        )

    def _note(self, delivery: Delivery) -> Leap | None:
        prefix, version, name = subject = EventSubject.parse(delivery.subject)
        last = self._recent.get(prefix) or self._older.get(prefix, 0)
        if version <= last:
            raise BrokenHistory(
                f"The log holds version {version} of {prefix} again, as {name} at "
                f"{delivery.sequence}: it was cut off and written anew, or forged. Compare the "
                "stream with its backup; nothing is projected until then."
            )
        self._remember(prefix, version)
        return Leap(subject, delivery.sequence, last) if version != last + 1 else None

    def _remember(self, prefix: str, version: int) -> None:
        self._recent[prefix] = version
        if len(self._recent) >= self._limit:
            self._recent, self._older = {}, self._recent

    async def _unexplained(self, leaps: Sequence[Leap]) -> list[Leap]:
        # Only of an aggregate that is not remembered may the predecessor have been read long ago.
        unknown = [leap for leap in leaps if not leap.last]
        before = {(s.prefix, s.version): at for s, at in await self._find(_predecessors(unknown))}
        missing = [leap for leap in leaps if not _follows(leap, before)]
        erased = {s.prefix: at for s, at in await self._find(_erasures(missing))}
        self._note_erasures(missing, erased)
        return [leap for leap in missing if erased.get(leap.subject.prefix, 0) < leap.sequence]

    def _note_erasures(self, missing: Sequence[Leap], erased: Mapping[str, int]) -> None:
        """An erasure takes the oldest first: who missed the beginning must not see the rest."""
        # Whoever did not begin at the beginning may have folded what is missing here.
        if not self._begun_after:
            ends = {one: erased.get(one.subject.prefix, 0) for one in missing if not one.last}
            going = {one.subject.prefix: end for one, end in ends.items() if end > one.sequence}
            self._going |= going

    def _is_going(self, delivery: Delivery) -> bool:
        if not self._going:
            return False
        return delivery.sequence < self._going.get(EventSubject.parse(delivery.subject).prefix, 0)

    async def _find(self, patterns: Sequence[str]) -> list[tuple[EventSubject, int]]:
        found = await self._feed.find(patterns) if patterns else []
        return [(EventSubject.parse(one.subject), one.sequence) for one in found]


def _predecessors(leaps: Sequence[Leap]) -> list[str]:
    return [leap.predecessor for leap in leaps]


def _erasures(leaps: Sequence[Leap]) -> list[str]:
    return [pattern for leap in leaps for pattern in leap.erasures]


def _follows(leap: Leap, places: Mapping[tuple[str, int], int]) -> bool:
    place = places.get((leap.subject.prefix, leap.subject.version - 1))
    return place is not None and place < leap.sequence
