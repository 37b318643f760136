"""Whatever a release has written, this one reads, and folds into the same documents."""

from collections import Counter
from pathlib import Path

import pytest

from bench.lives import SERVICES
from chassis.reading import EventSubject
from schemas import catalog
from schemas.upcasts import UPCASTS
from switchboard.operations.archive.manifest import Manifest
from switchboard.operations.archive.segments import read_segment
from switchboard.operations.projections import projections_of
from tests.histories.recording import (
    HISTORIES,
    folded,
    recorded_documents,
    release,
    replayed,
)

RELEASES = sorted(path.parent for path in HISTORIES.glob("*/manifest.json"))
every_release = pytest.mark.parametrize("folder", RELEASES, ids=lambda path: path.name)


@every_release
def test_i33_a_recorded_release_folds_into_the_documents_it_had(folder: Path) -> None:
    kept = {(s, one.model.name) for s in SERVICES for one in projections_of(s)}
    before = [one for one in recorded_documents(folder) if (one.service, one.read_model) in kept]
    known = {(one.service, one.read_model) for one in before}
    now = [one for one in folded(replayed(folder)) if (one.service, one.read_model) in known]
    # A changed view is a renamed view: what has the name of then has the documents of then.
    assert now == before
    assert before


@every_release
def test_i34_every_event_of_a_recorded_release_is_read_in_its_newest_shape(folder: Path) -> None:
    read = [one for log in replayed(folder).values() for one in log]
    assert len(read) > 100
    assert {type(one.event) for one in read} <= set(catalog.published())


@every_release
def test_a_recorded_history_has_no_gaps(folder: Path) -> None:
    manifest = Manifest.load(folder)
    assert manifest
    for log in manifest.logs.values():
        seen: Counter[str] = Counter()
        for segment in log.segments:
            for line in read_segment(folder / segment.file, segment.checksum):
                prefix, version, _ = EventSubject.parse(line.subject)
                seen[prefix] += 1
                assert seen[prefix] == version, line.subject


def test_the_release_that_is_being_made_is_recorded_with_every_event() -> None:
    folder = HISTORIES / release()
    assert folder in RELEASES, "run `make history`"
    recorded = {one.envelope.type for log in replayed(folder).values() for one in log}
    known = {kind.wire_name for kind in catalog.published()} | set(UPCASTS)
    assert known - recorded == set(), "run `make history`"
