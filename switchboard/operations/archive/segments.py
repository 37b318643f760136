"""One segment of an archived stream: a gzip file with a message per line, as JSON."""

import gzip
import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

LEVEL = 4
_encoder = msgspec.json.Encoder()


class BrokenArchive(Exception):
    """A file of the archive is missing or damaged. The text says which and what to do."""


class Line(msgspec.Struct, omit_defaults=True, frozen=True):
    """A message. `raw` holds a body that is no text; one that was taken out has only a digest."""

    seq: int
    subject: str
    body: str | None = None
    raw: bytes | None = None
    digest: str | None = None

    @staticmethod
    def of(sequence: int, subject: str, body: bytes) -> "Line":
        """The line that keeps a message byte for byte."""
        try:
            return Line(sequence, subject, body=body.decode())
        except UnicodeDecodeError:
            return Line(sequence, subject, raw=body)

    @property
    def erased(self) -> bool:
        """Whether the content was taken out because a person was to be forgotten."""
        return self.digest is not None

    @property
    def payload(self) -> bytes:
        """The body as it was."""
        return self.raw if self.raw is not None else (self.body or "").encode()

    @property
    def fingerprint(self) -> str:
        """What the chain is made of: the same before and after the content was taken out."""
        return self.digest or fingerprint(self.subject, self.payload)


class Content(NamedTuple):
    """What a segment holds, in short. `checksum` is that of the file."""

    first: int
    last: int
    messages: int
    checksum: str
    chain: str


_line = msgspec.json.Decoder(Line)


def fingerprint(subject: str, body: bytes) -> str:
    """A digest of one message."""
    return sha256(b"\0".join((subject.encode(), body))).hexdigest()


def chained(chain: str, sequence: int, digest: str) -> str:
    """The chain one message further: it fixes every message so far and where each stands."""
    return sha256(f"{chain} {sequence} {digest}".encode()).hexdigest()


def write_segment(path: Path, lines: Iterable[Line], chain: str) -> Content:
    """Write a file completely or not at all. `chain` is where the segment before ended."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    first = last = messages = 0
    with draft.open("wb") as plain, gzip.GzipFile("", "wb", LEVEL, plain, mtime=0) as file:
        for line in lines:
            file.write(_encoder.encode(line) + b"\n")
            chain = chained(chain, line.seq, line.fingerprint)
            first, last, messages = first or line.seq, line.seq, messages + 1
    _sync(draft)
    draft.chmod(0o600)
    draft.replace(path)
    return Content(first, last, messages, checksum(path), chain)


def read_segment(path: Path, expected: str) -> Iterator[Line]:
    """The messages of a segment, if the file is what was written. Raises `BrokenArchive`."""
    if checksum(path) != expected:
        raise _broken(path, "is not what was written")
    with gzip.open(path) as file:
        for text in file:
            yield _line.decode(text)


def checksum(path: Path) -> str:
    """The digest of a file. Raises `BrokenArchive`."""
    digest: Any = sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                digest.update(part)
    except OSError as error:
        raise _broken(path, f"cannot be read ({error.strerror})") from None
    text: str = digest.hexdigest()
    return text


def _broken(path: Path, finding: str) -> BrokenArchive:
    return BrokenArchive(f"{path} {finding}. Bring it back from a copy of the archive.")


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
