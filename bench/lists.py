"""Lists and searches with 100 000 devices and contacts, beside the same with 1 000."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.measuring import Bench, Line
from bench.mongo import mongo_databases
from chassis.read_models import Bounds, Checkpoint, ReadModel, ReadModelStore, Write
from chassis.stores.mongo_client import MongoDatabase
from chassis.stores.mongo_read_models import MongoReadModelStore
from schemas.provisioning import Email
from services.provisioning.domain.contact import Contact
from services.provisioning.domain.device import Device
from services.provisioning.listing import search_contacts
from services.provisioning.projections import CONTACTS, DEVICES, ContactView, DeviceView
from services.provisioning.views.devices import shown
from services.provisioning.views.search import by_field, terms
from switchboard.stores import read_model_store

FEW, MANY = 1_000, 100_000
LEAST_RATIO = 1 / 3
"""With a hundred times as much, an answer may take three times as long."""

ORGANIZATION, BATCH, TURNS = "acme", 1_000, 500
FIRST = datetime(2026, 1, 1, tzinfo=UTC)

Question = Callable[[ReadModelStore, int], Awaitable[object]]


async def measure(bench: Bench) -> list[Line]:
    """The slowest answer but one in a hundred, with few and with many documents, in SQLite."""
    async with (
        read_model_store("sqlite", bench.folder / "few", "provisioning") as little,
        read_model_store("sqlite", bench.folder / "many", "provisioning") as much,
    ):
        return await _measured(bench, "SQLite", little, much)


async def measure_mongo(bench: Bench) -> list[Line]:
    """The same in a server that speaks MongoDB's protocol."""
    with mongo_databases() as databases:
        little, much = (
            MongoReadModelStore(MongoDatabase(databases.url, databases.new(name), driver="motor"))
            for name in ("few", "many")
        )
        try:
            return await _measured(bench, "MongoDB protocol", little, much)
        finally:
            await little.close()
            await much.close()


async def _measured(
    bench: Bench, where: str, little: ReadModelStore, much: ReadModelStore
) -> list[Line]:
    few, many = (100, 10_000) if bench.quick else (FEW, MANY)
    sized = (little, few), (much, many)
    for store, count in sized:
        await store.open(DEVICES, CONTACTS)
        await _fill(bench, store, count)
    ending = f"{many} devices, p99, {where}"
    return [_line(f"{q}, {ending}", await _p99(sized, ask)) for q, ask in _QUESTIONS.items()]


def _line(what: str, seconds: Sequence[float]) -> Line:
    few, many = seconds
    return Line(
        what=what,
        unit="ms",
        ours=many * 1000,
        bare=few * 1000,
        ratio=few / many,
        least_ratio=LEAST_RATIO,
    )


async def _of_contact(store: ReadModelStore, number: int) -> object:
    bounds = Bounds(equals=(True, f"contact-{number}"))
    return await store.find(DEVICES, ORGANIZATION, "by_contact", bounds)


async def _first_page(store: ReadModelStore, _: int) -> object:
    return await store.find(DEVICES, ORGANIZATION, "by_name", Bounds(equals=(True,)))


async def _last_page(store: ReadModelStore, _: int) -> object:
    bounds = Bounds(equals=(True,), descending=True)
    return await store.find(DEVICES, ORGANIZATION, "by_name", bounds)


async def _search(store: ReadModelStore, number: int) -> object:
    return await search_contacts(store, ORGANIZATION, f"last{number}", None, 10)


_QUESTIONS: dict[str, Question] = {
    "devices of a contact": _of_contact,
    "first page": _first_page,
    "last page": _last_page,
    "search": _search,
}


async def _p99(sized: Sequence[tuple[ReadModelStore, int]], ask: Question) -> list[float]:
    """Seconds per store; they are asked in turns, so that a busy machine hits all alike."""
    seconds: list[list[float]] = [[] for _ in sized]
    for turn in range(TURNS):
        for taken, (store, count) in zip(seconds, sized, strict=True):
            began = time.perf_counter()
            await ask(store, turn * 7919 % count)
            taken.append(time.perf_counter() - began)
    return [sorted(taken)[-TURNS // 100] for taken in seconds]


async def _fill(bench: Bench, store: ReadModelStore, count: int) -> None:
    for start in range(0, count, BATCH):
        writes: list[Write[Any]] = []
        for number in range(start, min(start + BATCH, count)):
            writes.append(_write(DEVICES, f"device-{number}", number, _device(number)))
            writes.append(_write(CONTACTS, f"contact-{number}", number, _contact(number)))
        end = Checkpoint("provisioning", "PROVISIONING", "bench", start + BATCH)
        await store.apply(writes, end)
        bench.report(f"filling {count}", start, count)


def _write(model: ReadModel[Any], key: str, number: int, document: Any) -> Write[Any]:
    return Write(model, ORGANIZATION, key, document, {}, {"PROVISIONING": number + 1})


def _device(number: int) -> DeviceView:
    device = Device(f"contact-{number}", f"Laptop {number}", (f"account-{number}",))
    created = FIRST + timedelta(seconds=number)
    return shown(DeviceView(f"device-{number}", 1, created, device))


def _contact(number: int) -> ContactView:
    first, last = f"First{number}", f"Last{number}"
    address = f"p{number}@example.com"
    email = Email(email_id=f"email-{number}", address=address, label="work")
    return ContactView(
        id=f"contact-{number}",
        version=1,
        created_at=FIRST + timedelta(seconds=number),
        sort_name=f"{last} {first}".casefold(),
        contact=Contact(first, last, (email,), None),
        **by_field(terms([last, first, address])),
    )
