"""`switchboard archive import`: an empty broker gets back what the archive holds."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from nats.aio.client import Client

from chassis.jetstream import setup
from chassis.settings import WrongSettings
from switchboard.operations.archive.forgotten import forget
from switchboard.operations.archive.manifest import Log, Manifest
from switchboard.operations.archive.restoring import Restoring
from switchboard.operations.archive.segments import Line, read_segment
from switchboard.operations.operator import Operator
from switchboard.operations.resetting import reset_durable
from switchboard.operations.shown import ALL_WELL

PART = 1000


async def import_archive(operator: Operator, erased: Path | None = None, *, yes: bool) -> int:
    """Restore every stream, then its durables, but nobody who was `erased` since the export.

    Raises `CannotRestore`, `BrokenArchive`, `WrongSettings`.
    """
    folder = operator.settings.archive_folder
    manifest = Manifest.load(folder)
    if manifest is None:
        raise WrongSettings(f"There is no archive in {folder}. Set SWITCHBOARD_ARCHIVE to it.")
    operator.shown.say(
        f"The archive of {manifest.exported_at} holds "
        + ", ".join(f"{name} up to {log.last}" for name, log in manifest.logs.items())
        + f"; {len(manifest.erased)} persons are not brought back."
    )
    if not yes:
        operator.shown.say("To restore it into this broker, which must be empty, say --yes.")
        return ALL_WELL
    gone = await forget(operator, manifest, erased)
    if gone:
        operator.shown.say(
            f"{gone} contacts have gone since the archive was made and stay away. Their devices "
            "come back as they were then: look for them at the end, and remove them."
        )
    await operator.start_broker()
    nc = await operator.connected("setup")
    carried = await _shown_elsewhere(operator, manifest)
    begun = [
        await _restore_log(operator, nc, manifest, name, carried[name]) for name in manifest.logs
    ]
    begun += [await _restore_copy(operator, nc, manifest, name) for name in manifest.copies]
    for restoring in begun:
        if restoring:
            await restoring.finish()
    await setup.apply(nc, operator.topology)
    for durable in operator.topology.durables:
        if floor := manifest.floors.get(durable.name):
            await reset_durable(nc, durable, floor + 1)
    _say_what_is_next(operator, manifest, carried)
    return ALL_WELL


async def _restore_log(
    operator: Operator, nc: Client, manifest: Manifest, name: str, carried: bool
) -> Restoring | None:
    log = manifest.logs[name]
    restoring = Restoring(nc, operator.topology.streams[name], manifest.exported_at)
    done = await restoring.begin(log.incarnation if carried else None)
    if done is None:
        return None
    with operator.shown.progress() as progress:
        task = progress.add_task(name, total=log.last, completed=done)
        for lines in _parts(operator.settings.archive_folder, manifest, log, done):
            await restoring.put(lines)
            progress.update(task, completed=lines[-1].seq)
    return restoring


async def _restore_copy(
    operator: Operator, nc: Client, manifest: Manifest, name: str
) -> Restoring | None:
    segment = manifest.copies[name]
    restoring = Restoring(nc, operator.topology.streams[name], manifest.exported_at)
    done = await restoring.begin(None)
    if done is None:
        return None
    path = operator.settings.archive_folder / segment.file
    await restoring.add(islice(read_segment(path, segment.checksum), done, None))
    return restoring


def _parts(folder: Path, manifest: Manifest, log: Log, done: int) -> Iterator[Sequence[Line]]:
    part: list[Line] = []
    for segment in log.segments:
        if segment.last <= done:
            continue
        for line in read_segment(folder / segment.file, segment.checksum):
            if line.seq <= done or line.erased or manifest.forgotten(line.subject, line.seq):
                continue
            part.append(line)
            if len(part) == PART:
                yield part
                part = []
    if part:
        yield part


async def _shown_elsewhere(operator: Operator, manifest: Manifest) -> dict[str, bool]:
    """By log, whether no read model shows more of it than the archive holds.

    Only then may it pass for the log it was: else new events would come to stand where read
    models have seen others.
    """
    carried = dict.fromkeys(manifest.logs, True)
    for durable in operator.topology.durables:
        if durable.kind == "projector" and durable.stream in carried:
            read_models = await operator.read_models(durable.service)
            await read_models.open()
            reached = await read_models.checkpoint(durable.service, durable.stream)
            if reached and reached.sequence > manifest.logs[durable.stream].last:
                carried[durable.stream] = False
    return carried


def _say_what_is_next(operator: Operator, manifest: Manifest, carried: dict[str, bool]) -> None:
    lost = [name for name, whole in carried.items() if not whole]
    operator.shown.say(
        f"Restored: {', '.join([*manifest.logs, *manifest.copies])}. Durables are where they were "
        "when it was archived; what reactions see twice changes nothing."
    )
    if lost:
        operator.shown.say(
            f"Read models show events of {', '.join(lost)} that came after the archive was made; "
            "these are lost. Stop every `work` and `serve`, run `switchboard rebuild --all --yes "
            "--accept-differences --without-worker`, and start them again."
        )
    else:
        operator.shown.say("Read models go on by themselves. See `switchboard consumers lag`.")
