"""A log as years of use leave it: people, their softphones, mails and working days, by the million.

Every event is one of ours in our envelope, at its own moment. An organization has hundreds of
people; what happens to each is spread over the log, as in life.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from bench.events import envelope
from bench.story import NUMBER, PLACE, ROLES, changes, days, founding, mailed, softphone
from chassis.cause import derived_id7, new_id
from chassis.event_store import Aggregate
from schemas.event import Event

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
APART = timedelta(seconds=7)
PEOPLE_EACH, TOGETHER = 1000, 500
"""People per organization; lives that are lived side by side."""

_ID, _TIME = new_id(), datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)


class Pattern(NamedTuple):
    """An event with `%(name)s` where lives differ."""

    subject: str
    body: str

    def written(self, life: Mapping[str, str]) -> tuple[str, bytes]:
        """The event of one life."""
        return self.subject % life, (self.body % life).encode()


def lives(events: int, service: str) -> Iterator[tuple[str, bytes]]:
    """The part of a log of about so many events that one service holds, oldest first."""
    patterns = _patterns()
    people = events // len(patterns)
    for begin in range(0, people, TOGETHER):
        crowd = [_life(number) for number in range(begin, min(begin + TOGETHER, people))]
        yield from _founded(begin, len(crowd), service)
        for step, (of, pattern) in enumerate(patterns):
            if of == service:
                yield from _written(pattern, crowd, begin * len(patterns) + step * len(crowd))


def device_ids(events: int) -> list[str]:
    """The devices in such a log."""
    return [_life(number)["device"] for number in range(events // len(_patterns()))]


SERVICES = ("provisioning", "activation", "notifier", "sessions")


def _written(
    pattern: Pattern, crowd: Sequence[dict[str, str]], place: int
) -> Iterator[tuple[str, bytes]]:
    for number, life in enumerate(crowd):
        life["time"] = f"{FIRST + (place + number) * APART:%Y-%m-%dT%H:%M:%SZ}"
        life["id"] = f"{life['device'][:14]}7{place % 4096:03x}-8{life['contact'][20:]}"
        yield pattern.written(life)


def _life(number: int) -> dict[str, str]:
    at = FIRST + number * APART
    company = number // PEOPLE_EACH
    ids = {role: derived_id7(at, role, str(number)) for role in ROLES}
    # Activation calls what it keeps of a device by the device's id.
    own = {"activation": ids["device"], "number": f"{number:07}"}
    return {**ids, **_company(company), **own}


@cache
def _company(number: int) -> Mapping[str, str]:
    return {
        role: derived_id7(FIRST, role, str(number), "company")
        for role in ("organization", "provider")
    }


def _founded(begin: int, crowd: int, service: str) -> Iterator[tuple[str, bytes]]:
    for number in range(begin, begin + crowd):
        if number % PEOPLE_EACH == 0:
            founding = [pattern for of, pattern in _founding() if of == service]
            for pattern in founding:
                yield from _written(pattern, [_life(number)], -len(service))


@cache
def _founding() -> Sequence[tuple[str, Pattern]]:
    return _drawn(*founding())


@cache
def _patterns() -> Sequence[tuple[str, Pattern]]:
    return _drawn(*softphone(), *mailed(), *changes(), *days())


def _drawn(*facts: Event) -> list[tuple[str, Pattern]]:
    versions: Counter[str] = Counter()
    drawn = []
    for fact in facts:
        versions[fact.aggregate_id] += 1
        drawn.append((fact.service, _pattern(fact, versions[fact.aggregate_id])))
    return drawn


def _pattern(fact: Event, version: int) -> Pattern:
    aggregate = Aggregate(fact.service, PLACE["organization"], fact.aggregate, fact.aggregate_id)
    body = envelope(aggregate, version, fact, _ID).model_copy(update={"time": _TIME})
    return Pattern(
        _marked(aggregate.subject(version, type(fact))),
        _marked(body.model_dump_json(exclude_none=True)),
    )


def _marked(text: str) -> str:
    text = text.replace("%", "%%").replace(f"{_TIME:%Y-%m-%dT%H:%M:%SZ}", "%(time)s")
    text = text.replace(_ID, "%(id)s").replace(NUMBER, "%(number)s")
    for role, place in PLACE.items():
        text = text.replace(place, f"%({role})s")
    return text
