"""`switchboard archive export`: what is new in the logs goes to the archive."""

import json
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from typing import Any

from nats.aio.msg import Msg

from chassis.cause import system_clock
from chassis.event_store import StoreUnavailable
from chassis.jetstream.jetstream_feed import place_of
from chassis.jetstream.nats_inbox import Inbox
from chassis.reading import EventSubject
from chassis.settings import WrongSettings
from schemas.event import Event
from switchboard.operations.archive.manifest import START, Erased, Log, Manifest, Segment
from switchboard.operations.archive.redacting import redact
from switchboard.operations.archive.segments import Line, write_segment
from switchboard.operations.operator import API, Operator
from switchboard.operations.plain import moment
from switchboard.operations.shown import ALL_WELL

SEGMENT = 10_000
IDLE_SECONDS = 1.0
_ERASING = {event.short_name for event in Event.catalog.values() if event.erases}


async def export(operator: Operator) -> int:
    """Archive what is new. Raises `WrongSettings`, `StoreUnavailable`, `BrokenArchive`."""
    folder = operator.settings.archive_folder
    manifest = Manifest.load(folder) or Manifest()
    # First: what a reaction wrote before it was acknowledged is then in what is read after.
    floors = await _floors(operator)
    written = 0
    for service in operator.topology.logging:
        written += await _export_log(operator, manifest, operator.topology.stream_of(service))
    for name, stream in operator.topology.shared.items():
        if stream.archived:
            manifest.copies[name] = await _copied(operator, folder, name)
    manifest.floors = floors
    manifest.exported_at = moment(system_clock())
    manifest.save(folder)
    operator.shown.say(f"{written} new messages of the logs are archived in {folder}.")
    return ALL_WELL


async def _export_log(operator: Operator, manifest: Manifest, stream: str) -> int:
    folder = operator.settings.archive_folder
    feed = await operator.feed(stream)
    info = await feed.log()
    log = manifest.logs.setdefault(stream, Log(info.incarnation))
    _check(folder, stream, log, info.incarnation, info.last_sequence)
    if info.last_sequence == log.last:
        return 0
    await feed.reset(log.last + 1)
    written, fresh = 0, []
    with operator.shown.progress() as progress:
        task = progress.add_task(stream, total=max(info.last_sequence - log.last, 0))
        async for lines in _parts(_lines(feed), SEGMENT):
            fresh += [one for line in lines if (one := _erasure(line))]
            manifest.erased += [one for one in fresh if one not in manifest.erased]
            _write(folder, manifest, stream, lines)
            written += len(lines)
            progress.update(task, completed=written)
    await feed.close()
    if fresh:
        redact(folder, manifest, stream, fresh)
    return written


def _write(folder: Path, manifest: Manifest, stream: str, lines: list[Line]) -> None:
    log = manifest.logs[stream]
    name = f"{stream}/{lines[0].seq:012}-{lines[-1].seq:012}.ndjson.gz"
    content = write_segment(folder / name, lines, log.chain)
    log.segments.append(Segment.of(name, content))
    manifest.save(folder)


def _check(folder: Path, stream: str, log: Log, incarnation: str, last: int) -> None:
    if log.incarnation != incarnation:
        raise WrongSettings(
            f"{folder} holds the {stream} of {log.incarnation}; this one is of {incarnation}. Set "
            "SWITCHBOARD_ARCHIVE to another folder, or restore with `switchboard archive import`."
        )
    if last < log.last:
        raise WrongSettings(
            f"{stream} ends at {last}, but is archived up to {log.last}: the broker has lost its "
            "end. Run `switchboard verify`, and do not export to this folder before that is mended."
        )


async def _lines(feed: Any) -> AsyncIterator[Line]:
    while messages := await feed.messages(IDLE_SECONDS):
        for message in messages:
            yield _line(message)
        if messages[-1].metadata.num_pending == 0:
            return


def _line(message: Msg) -> Line:
    return Line.of(place_of(message.reply)[0], message.subject, message.data)


async def _parts(lines: AsyncIterator[Line], size: int) -> AsyncIterator[list[Line]]:
    part: list[Line] = []
    async for line in lines:
        part.append(line)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def _erasure(line: Line) -> Erased | None:
    if line.subject.rpartition(".")[2] not in _ERASING:
        return None
    return Erased(EventSubject.parse(line.subject).prefix, line.seq)


async def _copied(operator: Operator, folder: Path, stream: str) -> Segment:
    feed = await operator.feed(stream)
    await feed.reset(1)
    # What was overwritten with nothing was erased: it is not there any more.
    lines = [line async for line in _lines(feed) if line.payload]
    await feed.close()
    name = f"{stream}/whole.ndjson.gz"
    return Segment.of(name, write_segment(folder / name, islice(lines, None), START))


async def _floors(operator: Operator) -> dict[str, int]:
    inbox = Inbox(await operator.connected())
    floors = {}
    for durable in operator.topology.durables:
        if durable.kind == "reactions":
            subject = f"{API}.CONSUMER.INFO.{durable.stream}.{durable.name}"
            info = json.loads((await inbox.ask(subject)).data)
            if error := info.get("error"):
                raise StoreUnavailable(f"Durable {durable.name}: {error['description']}.")
            floors[durable.name] = info["ack_floor"]["stream_seq"]
    return floors
