"""Histories of a release: its events as an archive keeps them, and the documents they fold into.

`python -m tests.histories.recording` records those of the release that is being made. Later ones
replay them for ever; nothing of a release that is out is recorded anew.
"""

import json
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from bench.lives import SERVICES, lives
from chassis.event_store import Recorded
from chassis.jetstream.topology import Topology
from chassis.read_models import Stored
from chassis.reading import read
from chassis.stores.documents import encode
from chassis.stores.folding import Address, Folding, applied, fold_batch
from schemas.envelope import Envelope
from schemas.event import Event
from switchboard.operations.archive.manifest import START, Log, Manifest, Segment
from switchboard.operations.archive.segments import Line, read_segment, write_segment
from switchboard.operations.projections import projections_of

ROOT = Path(__file__).parents[2]
HISTORIES = Path(__file__).parent
EXAMPLES = ROOT / "schemas/examples"
EVENTS_OF_LIVES = 120
DOCUMENTS = "documents.ndjson"

Logs = Mapping[str, list[Recorded]]


class Document(msgspec.Struct, frozen=True, order=True):
    """One document that a release made of its history."""

    service: str
    read_model: str
    organization: str
    key: str
    body: str


def release() -> str:
    """The version that is being made."""
    version: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return version


def record() -> Path:
    """Write the histories of the release that is being made; answers where."""
    folder = HISTORIES / release()
    shutil.rmtree(folder, ignore_errors=True)
    manifest = Manifest(exported_at="recorded")
    for service in SERVICES:
        stream = service.upper()
        lines = [Line.of(place, *one) for place, one in enumerate(_written(service), 1)]
        name = f"{stream}/{1:012}-{len(lines):012}.ndjson.gz"
        segment = Segment.of(name, write_segment(folder / name, lines, START))
        manifest.logs[stream] = Log("recorded", [segment])
    manifest.save(folder)
    documents = b"".join(msgspec.json.encode(one) + b"\n" for one in folded(replayed(folder)))
    (folder / DOCUMENTS).write_bytes(documents)
    return folder


def recorded_documents(folder: Path) -> list[Document]:
    """What a release made of its own history."""
    lines = (folder / DOCUMENTS).read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Document) for line in lines]


def replayed(folder: Path) -> Logs:
    """Every event of a recorded release, read by this one, by stream."""
    manifest = Manifest.load(folder)
    assert manifest, f"{folder} holds no history"
    return {
        stream: [
            read(line.subject, line.seq, line.payload)
            for segment in log.segments
            for line in read_segment(folder / segment.file, segment.checksum)
        ]
        for stream, log in manifest.logs.items()
    }


def folded(logs: Logs) -> list[Document]:
    """The documents of every projection of every service, in one order."""
    return sorted(
        Document(service, *address, encode(stored.document))
        for service in SERVICES
        for address, stored in _documents(service, logs).items()
        if stored.document is not None
    )


def _documents(service: str, logs: Logs) -> Mapping[Address, Stored[object]]:
    folding = Folding(projections_of(service))
    documents: dict[Address, Stored[object]] = {}
    for durable in Topology.load().durables_of(service):
        if durable.kind == "projector":
            steps = folding.steps(logs[durable.stream])
            documents = applied(documents, fold_batch(durable.stream, steps, documents))
    return documents


def _written(service: str) -> Iterator[tuple[str, bytes]]:
    yield from lives(EVENTS_OF_LIVES, service)
    yield from _in_one_life_each(_examples(service))


def _examples(service: str) -> list[Envelope]:
    """The golden example of every event and version, as they follow on each other."""
    order = {name: place for place, name in enumerate(Event.catalog)}
    paths = sorted((EXAMPLES / service).rglob("*.json"))
    found = [Envelope.model_validate_json(path.read_bytes()) for path in paths]
    return sorted(found, key=lambda one: order.get(one.type, -1))


def _in_one_life_each(examples: Iterable[Envelope]) -> Iterator[tuple[str, bytes]]:
    """All events of a kind of aggregate happen to one of that kind, one after the other."""
    versions: Counter[str] = Counter()
    chosen: dict[str, str] = {}
    for one in examples:
        kind, _, own = one.subject.partition("/")
        aggregate_id = chosen.setdefault(kind, own)
        versions[kind] += 1
        happened = one.model_copy(
            update={
                "subject": f"{kind}/{aggregate_id}",
                "version": versions[kind],
                "data": {**one.data, f"{kind}_id": aggregate_id},
            }
        )
        service, _, name = one.type.split(".")
        place = f"evt.{service}.{one.organization}.{kind}.{aggregate_id}.{versions[kind]}.{name}"
        yield place, happened.model_dump_json(exclude_none=True).encode()


if __name__ == "__main__":
    print(json.dumps({"recorded": str(record().relative_to(ROOT))}))
