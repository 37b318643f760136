"""Failures of operators' commands whose text says what to do: shown without a traceback."""

from chassis.feed import FeedInterrupted
from chassis.key_rotation import RotationUnderWay
from chassis.reading import Unreadable
from schemas.envelope import UnknownEvent
from switchboard.failures import EXPECTED as ELSEWHERE
from switchboard.operations.archive.restoring import CannotRestore
from switchboard.operations.archive.segments import BrokenArchive
from switchboard.operations.filling import FillingHalted

EXPECTED = (
    *ELSEWHERE,
    BrokenArchive,
    CannotRestore,
    FeedInterrupted,
    FillingHalted,
    RotationUnderWay,
    UnknownEvent,
    Unreadable,
)
