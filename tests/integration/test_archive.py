"""The archive: what goes off the broker comes back at its place, but for the forgotten."""

import gzip
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from nats.js.errors import NoStreamResponseError, NotFoundError
from rich.console import Console

from bench.events import envelope
from bench.filling import fill
from chassis.cause import new_id
from chassis.event_store import Aggregate
from chassis.jetstream.jetstream_event_store import JetStreamEventStore
from chassis.settings import WrongSettings
from chassis.testing.nats_server import RunningNats, running_nats
from schemas.event import Event
from schemas.provisioning import ContactAdded, ContactErased, Email
from switchboard.operations.archive.checking import verify_archive
from switchboard.operations.archive.exporting import export
from switchboard.operations.archive.importing import import_archive
from switchboard.operations.archive.manifest import Manifest
from switchboard.operations.archive.restoring import CannotRestore, Restoring
from switchboard.operations.archive.segments import Line
from switchboard.operations.filling import filling
from switchboard.operations.operator import Operator, operating
from switchboard.operations.projections import projections_of
from switchboard.operations.shown import ALL_WELL, WRONG, Shown
from switchboard.settings import Settings

STREAM = "PROVISIONING"
SECRET = "$KV.secrets.some.key"
NAME = "Quatrebarbes"

Messages = list[tuple[int, str, bytes]]


@asynccontextmanager
async def operator(folder: Path, nats: RunningNats) -> AsyncIterator[Operator]:
    seeds = nats.server.seed("ops").parent
    settings = Settings(data=folder, nats_url=nats.url, nats_seeds=seeds)
    with (folder / "said").open("a") as said:
        async with operating(settings, Shown(out=Console(file=said), err=Console(file=said))) as o:
            yield o


@pytest.fixture
async def first(tmp_path: Path) -> AsyncIterator[RunningNats]:
    async with running_nats(tmp_path / "first") as nats:
        yield nats


def added(contact_id: str, version: int = 1) -> tuple[str, bytes]:
    email = Email(email_id=new_id(), address="zoe@quatrebarbes.example", label="work")
    fact = ContactAdded(contact_id=contact_id, first_name="Zoé", last_name=NAME, emails=(email,))
    return written(contact_id, version, fact)


def written(contact_id: str, version: int, fact: Event) -> tuple[str, bytes]:
    contact = Aggregate("provisioning", "acme", "contact", contact_id)
    body = envelope(contact, version, fact).model_dump_json(exclude_none=True).encode()
    return contact.subject(version, type(fact)), body


async def stored(nats: RunningNats, stream: str = STREAM) -> Messages:
    found = []
    async with nats.connected("setup") as admin:
        js = admin.jetstream()
        state = (await js.stream_info(stream)).state
        for sequence in range(1, state.last_seq + 1):
            with suppress(NotFoundError):
                message = await js.get_msg(stream, sequence)
                found.append((sequence, str(message.subject), message.data or b""))
    return found


async def fill_with(nats: RunningNats, messages: Iterator[tuple[str, bytes]]) -> None:
    async with nats.connected("setup") as admin:
        await fill(admin, messages, lambda _: None)
        await admin.jetstream().publish(SECRET, b"sealed \xff")


async def remove(nats: RunningNats, *sequences: int) -> None:
    async with nats.connected("setup") as admin:
        for sequence in sequences:
            await admin.jetstream().delete_msg(STREAM, sequence)


async def test_everything_comes_back_at_its_place_into_another_broker(
    tmp_path: Path, first: RunningNats
) -> None:
    await fill_with(first, (added(new_id()) for _ in range(25)))
    await remove(first, 1, 7, 8)
    before = await stored(first), await stored(first, "KV_secrets")
    async with operator(tmp_path, first) as one:
        assert await export(one) == ALL_WELL
        incarnation = await (await one.log("provisioning")).incarnation()
    async with running_nats(tmp_path / "second") as second:
        async with operator(tmp_path, second) as other:
            assert await import_archive(other, nobody(tmp_path), yes=True) == ALL_WELL
            assert await (await other.log("provisioning")).incarnation() == incarnation
        assert (await stored(second), await stored(second, "KV_secrets")) == before
        async with second.connected("provisioning") as nc:
            log = JetStreamEventStore(nc, "provisioning", STREAM)
            assert (await log.last_position()).sequence == 25


async def test_an_export_adds_what_is_new_and_no_more(tmp_path: Path, first: RunningNats) -> None:
    await fill_with(first, (added(new_id()) for _ in range(5)))
    async with operator(tmp_path, first) as one:
        await export(one)
        await export(one)
        await fill_with(first, (added(new_id()) for _ in range(3)))
        await export(one)
        manifest = Manifest.load(tmp_path / "archive")
        assert manifest
        assert [(s.first, s.last) for s in manifest.logs[STREAM].segments] == [(1, 5), (6, 8)]
        assert await verify_archive(one) == ALL_WELL


async def test_a_damaged_file_is_named(tmp_path: Path, first: RunningNats) -> None:
    await fill_with(first, (added(new_id()) for _ in range(5)))
    async with operator(tmp_path, first) as one:
        await export(one)
        (file,) = (tmp_path / "archive" / STREAM).iterdir()
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        assert await verify_archive(one) == WRONG
    assert file.name in (tmp_path / "said").read_text().replace("\n", "")


async def test_who_was_erased_is_in_no_archive_and_does_not_come_back(
    tmp_path: Path, first: RunningNats
) -> None:
    forgotten, other = new_id(), new_id()
    await fill_with(first, iter([added(forgotten), added(other)]))
    async with operator(tmp_path, first) as one:
        await export(one)
        assert NAME in archived_text(tmp_path)
        erased = ContactErased(contact_id=forgotten)
        await fill_with(first, iter([written(forgotten, 2, erased)]))
        await remove(first, 1)
        await export(one)
        assert archived_text(tmp_path).count(NAME) == 1
        assert await verify_archive(one) == ALL_WELL
    async with running_nats(tmp_path / "second") as second:
        async with operator(tmp_path, second) as another:
            await import_archive(another, nobody(tmp_path), yes=True)
        assert await stored(second) == await stored(first)
        assert [sequence for sequence, *_ in await stored(second)] == [2, 3]


async def test_persons_who_may_have_been_erased_since_are_not_brought_back_unasked(
    tmp_path: Path, first: RunningNats
) -> None:
    await fill_with(first, iter([added(new_id())]))
    async with operator(tmp_path, first) as one:
        await export(one)
    async with running_nats(tmp_path / "second") as second:
        async with operator(tmp_path, second) as other:
            with pytest.raises(WrongSettings, match="--erased"):
                await import_archive(other, yes=True)
        assert await stored(second) == []


async def test_who_is_named_as_erased_since_the_export_does_not_come_back(
    tmp_path: Path, first: RunningNats
) -> None:
    forgotten, other = new_id(), new_id()
    await fill_with(first, iter([added(forgotten), added(other)]))
    async with operator(tmp_path, first) as one:
        await export(one)
    async with running_nats(tmp_path / "second") as second:
        async with operator(tmp_path, second) as another:
            with pytest.raises(WrongSettings, match="no contact stranger"):
                await import_archive(another, nobody(tmp_path, "stranger"), yes=True)
            await import_archive(another, nobody(tmp_path, forgotten), yes=True)
            assert await verify_archive(another) == ALL_WELL
        assert [sequence for sequence, *_ in await stored(second)] == [2]
    assert archived_text(tmp_path).count(NAME) == 1


async def test_read_models_that_outlived_the_broker_know_who_was_erased_since(
    tmp_path: Path, first: RunningNats
) -> None:
    forgotten, other = new_id(), new_id()
    await fill_with(first, iter([added(forgotten), added(other)]))
    async with operator(tmp_path, first) as one:
        await export(one)
        gone = written(forgotten, 2, ContactErased(contact_id=forgotten))
        await fill_with(first, iter([gone]))
        await (await one.read_models("provisioning")).open()
        async with filling(one, "provisioning", projections_of("provisioning"), 1) as live:
            await live.caught_up(lambda _done, _of: None)
    async with running_nats(tmp_path / "second") as second:
        async with operator(tmp_path, second) as another:
            await import_archive(another, yes=True)
        assert [sequence for sequence, *_ in await stored(second)] == [2]
    assert "1 contacts have gone since" in (tmp_path / "said").read_text()


def nobody(folder: Path, *but: str) -> Path:
    """A list of who was erased since the export."""
    named = folder / "erased"
    named.write_text("\n".join(but))
    return named


def archived_text(folder: Path) -> str:
    return "".join(
        gzip.decompress(file.read_bytes()).decode()
        for file in (folder / "archive" / STREAM).iterdir()
    )


async def test_nothing_is_restored_over_something_else(tmp_path: Path, first: RunningNats) -> None:
    await fill_with(first, (added(new_id()) for _ in range(2)))
    before = await stored(first)
    async with operator(tmp_path, first) as one:
        await export(one)
        with pytest.raises(CannotRestore, match="into an empty broker"):
            await import_archive(one, nobody(tmp_path), yes=True)
    assert await stored(first) == before


async def test_without_yes_nothing_is_restored(tmp_path: Path, first: RunningNats) -> None:
    await fill_with(first, (added(new_id()) for _ in range(2)))
    async with operator(tmp_path, first) as one:
        await export(one)
    async with running_nats(tmp_path / "second") as second:
        async with operator(tmp_path, second) as other:
            await import_archive(other, yes=False)
        assert await stored(second) == []


async def test_an_interrupted_import_goes_on_and_lets_nobody_in_between(
    tmp_path: Path, first: RunningNats
) -> None:
    await fill_with(first, (added(new_id()) for _ in range(4)))
    before = await stored(first)
    async with operator(tmp_path, first) as one:
        await export(one)
    manifest = Manifest.load(tmp_path / "archive")
    assert manifest
    async with running_nats(tmp_path / "second") as second:
        async with second.connected("setup") as admin:
            stream = second.topology.streams[STREAM]
            begun = Restoring(admin, stream, manifest.exported_at)
            await begun.begin(manifest.logs[STREAM].incarnation)
            await begun.put([Line.of(*message) for message in before[:2]])
            with pytest.raises(NoStreamResponseError):
                await admin.jetstream().publish(*added(new_id()))
        async with operator(tmp_path, second) as other:
            await import_archive(other, nobody(tmp_path), yes=True)
        assert await stored(second) == before
        async with operator(tmp_path, second) as other:
            await import_archive(other, nobody(tmp_path), yes=True)
        assert json.loads(before[0][2])["type"] == "provisioning.v1.ContactAdded"
