"""Takes out of the archive what tells of persons who are to be forgotten."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from switchboard.operations.archive.manifest import START, Erased, Manifest, Segment
from switchboard.operations.archive.segments import Line, read_segment, write_segment


def redact(folder: Path, manifest: Manifest, stream: str, erased: Sequence[Erased]) -> None:
    """Keep only digests of what these cover; the chain stays the same. Raises `BrokenArchive`."""
    log = manifest.logs[stream]
    chain = START
    for number, segment in enumerate(log.segments):
        path = folder / segment.file
        lines = list(read_segment(path, segment.checksum))
        if any(_covered(line, erased) for line in lines):
            name = segment.file.replace(".ndjson", f"-{len(manifest.erased)}.ndjson")
            content = write_segment(folder / name, _redacted(lines, erased), chain)
            log.segments[number] = Segment.of(name, content)
            manifest.save(folder)
            path.unlink()
        chain = segment.chain


def _redacted(lines: Sequence[Line], erased: Sequence[Erased]) -> Iterator[Line]:
    for line in lines:
        if _covered(line, erased):
            yield Line(line.seq, line.subject, digest=line.fingerprint)
        else:
            yield line


def _covered(line: Line, erased: Sequence[Erased]) -> bool:
    return not line.erased and any(one.covers(line.subject, line.seq) for one in erased)
