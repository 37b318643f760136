"""`switchboard archive verify`: whether the archive itself is what was written."""

from chassis.settings import WrongSettings
from switchboard.operations.archive.manifest import START, Manifest, Segment
from switchboard.operations.archive.segments import BrokenArchive, chained, read_segment
from switchboard.operations.operator import Operator
from switchboard.operations.shown import ALL_WELL, WRONG


async def verify_archive(operator: Operator) -> int:
    """Read every file and follow the chains. Raises `WrongSettings`."""
    folder = operator.settings.archive_folder
    manifest = Manifest.load(folder)
    if manifest is None:
        raise WrongSettings(f"There is no archive in {folder}. Set SWITCHBOARD_ARCHIVE to it.")
    found: list[str] = []
    with operator.shown.progress() as progress:
        everything = sum(len(log.segments) for log in manifest.logs.values())
        task = progress.add_task("files", total=everything + len(manifest.copies))
        for log in manifest.logs.values():
            chain = START
            for segment in log.segments:
                found += _wrong(operator, segment, chain)
                chain = segment.chain
                progress.advance(task)
        for copy in manifest.copies.values():
            found += _wrong(operator, copy, START)
            progress.advance(task)
    for finding in found:
        operator.shown.say(finding)
    messages = sum(s.messages for log in manifest.logs.values() for s in log.segments)
    operator.shown.say(f"{messages} messages of the logs, archived up to {manifest.exported_at}.")
    operator.shown.say("The archive is broken." if found else "The archive is whole.")
    return WRONG if found else ALL_WELL


def _wrong(operator: Operator, segment: Segment, chain: str) -> list[str]:
    path = operator.settings.archive_folder / segment.file
    try:
        for line in read_segment(path, segment.checksum):
            chain = chained(chain, line.seq, line.fingerprint)
    except BrokenArchive as broken:
        return [str(broken)]
    if chain != segment.chain:
        return [f"{path} does not follow on the segment before. Bring it back from a copy."]
    return []
