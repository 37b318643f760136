"""What an archive holds, in one small file that is replaced as a whole."""

import os
from pathlib import Path

import msgspec

from switchboard.operations.archive.segments import BrokenArchive, Content

NAME = "manifest.json"
START = "0" * 64
"""Where every chain begins."""


class Segment(msgspec.Struct, frozen=True):
    """A file of a stream's messages, and what must be in it."""

    file: str
    first: int
    last: int
    messages: int
    checksum: str
    chain: str

    @staticmethod
    def of(file: str, content: Content) -> "Segment":
        """The entry for a file that was just written."""
        return Segment(file, *content)


class Log(msgspec.Struct):
    """An archived log: segments one after the other."""

    incarnation: str
    segments: list[Segment] = []

    @property
    def last(self) -> int:
        """The sequence up to which it is archived."""
        return self.segments[-1].last if self.segments else 0

    @property
    def chain(self) -> str:
        """Where the chain stands."""
        return self.segments[-1].chain if self.segments else START


class Erased(msgspec.Struct, frozen=True):
    """Facts about somebody who is to be forgotten: all under `prefix` before `sequence`.

    Without a sequence it is all of them.
    """

    prefix: str
    sequence: int | None = None

    def covers(self, subject: str, sequence: int) -> bool:
        """Whether a message is not to be brought back."""
        before = self.sequence is None or sequence < self.sequence
        return before and subject.startswith(f"{self.prefix}.")


class Manifest(msgspec.Struct):
    """Everything about an archive. `floors`: up to where reactions had been carried out."""

    logs: dict[str, Log] = {}
    copies: dict[str, Segment] = {}
    floors: dict[str, int] = {}
    erased: list[Erased] = []
    exported_at: str = ""

    @staticmethod
    def load(folder: Path) -> "Manifest | None":
        """The manifest of an archive, None if there is no archive. Raises `BrokenArchive`."""
        path = folder / NAME
        if not path.exists():
            return None
        try:
            return msgspec.json.decode(path.read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError):
            raise BrokenArchive(f"{path} cannot be read. Bring it back from a copy.") from None

    def save(self, folder: Path) -> None:
        """Replace the file as a whole."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{NAME}.draft"
        with draft.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(self)))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / NAME)

    def forgotten(self, subject: str, sequence: int) -> bool:
        """Whether a message tells of somebody who is to be forgotten."""
        return any(one.covers(subject, sequence) for one in self.erased)
