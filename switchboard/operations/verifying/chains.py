"""Whether a log holds, message by message, what its archive holds."""

from collections.abc import Mapping
from pathlib import Path

from chassis.reading import EventSubject
from switchboard.operations.archive.manifest import START, Manifest, Segment
from switchboard.operations.archive.segments import (
    BrokenArchive,
    Line,
    chained,
    fingerprint,
    read_segment,
)
from switchboard.operations.verifying.findings import Findings

_BROKEN = "Bring the file back from a copy of the archive, then run `switchboard archive verify`."


class Chain:
    """Follows a log beside the segments of its archive."""

    def __init__(
        self, stream: str, folder: Path, manifest: Manifest | None, findings: Findings
    ) -> None:
        log = manifest.logs.get(stream) if manifest else None
        self._stream = stream
        self._folder = folder
        self._findings = findings
        self._waiting = list(log.segments) if log else []
        self._chain = START
        self._seen: dict[int, str] = {}
        self._missing: list[Line] = []

    def follow(self, sequence: int, subject: str, body: bytes) -> None:
        """Note the next message."""
        while self._waiting and sequence > self._waiting[0].last:
            self._close(self._waiting.pop(0))
        if self._waiting:
            digest = fingerprint(subject, body)
            self._seen[sequence] = digest
            self._chain = chained(self._chain, sequence, digest)

    def end(self, erased: Mapping[str, int]) -> None:
        """The log is over; `erased` says which aggregates were to be forgotten, and where."""
        while self._waiting:
            self._close(self._waiting.pop(0))
        for line in self._missing:
            if not _was_erased(line, erased):
                self._findings.add(
                    f"{self._stream} {line.seq}", f"{line.subject} is archived, but not there"
                )

    def _close(self, segment: Segment) -> None:
        if self._chain != segment.chain:
            self._compare(segment)
        self._chain, self._seen = segment.chain, {}

    def _compare(self, segment: Segment) -> None:
        try:
            lines = {
                line.seq: line
                for line in read_segment(self._folder / segment.file, segment.checksum)
            }
        except BrokenArchive as broken:
            self._findings.add(segment.file, str(broken), _BROKEN)
            return
        for sequence, digest in self._seen.items():
            line = lines.pop(sequence, None)
            if line is None:
                self._findings.add(
                    f"{self._stream} {sequence}", "something stands there that is not archived"
                )
            elif line.fingerprint != digest:
                self._findings.add(
                    f"{self._stream} {sequence}", f"{line.subject} is not what was archived"
                )
        self._missing += [line for line in lines.values() if not line.erased]


def _was_erased(line: Line, erased: Mapping[str, int]) -> bool:
    if not line.subject.startswith("evt."):
        return False
    return line.seq < erased.get(EventSubject.parse(line.subject).prefix, 0)
