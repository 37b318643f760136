"""Who was erased after the last export: an archive alone would bring them back."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from chassis.read_models import Kept, Outdated, ReadModelStore
from chassis.settings import WrongSettings
from services.provisioning.views.contacts import CONTACTS
from switchboard.operations.archive.manifest import Erased, Manifest
from switchboard.operations.archive.redacting import redact
from switchboard.operations.archive.segments import read_segment
from switchboard.operations.operator import Operator

STREAM, SERVICE = "PROVISIONING", "provisioning"
PAGE = 1000


async def forget(operator: Operator, manifest: Manifest, named: Path | None) -> int:
    """Take everybody out of the archive who has gone since; answers how many.

    Read models outlive a broker and know who is gone. Where they do not, `named` must hold the ids
    of erased contacts, a line each. Raises `WrongSettings`, `BrokenArchive`.
    """
    folder = operator.settings.archive_folder
    gone = await _gone_since(operator, manifest)
    if named:
        gone = [*(gone or ()), *_found(folder, manifest, _ids(named))]
    if gone is None:
        raise WrongSettings(
            f"Persons who were erased after {manifest.exported_at} would come back: this archive "
            "does not know of them, and there are no read models here that do. Name them with "
            "--erased <file>, the id of a contact on each line; an empty file says that there was "
            "nobody."
        )
    fresh = [one for one in dict.fromkeys(gone) if one not in manifest.erased]
    if fresh:
        manifest.erased += fresh
        manifest.save(folder)
        redact(folder, manifest, STREAM, fresh)
    return len(fresh)


async def _gone_since(operator: Operator, manifest: Manifest) -> list[Erased] | None:
    """Contacts that read models dropped after the export, None if these cannot tell."""
    log = manifest.logs.get(STREAM)
    if log is None:
        return []
    read_models = await operator.read_models(SERVICE)
    try:
        await read_models.open(CONTACTS)
    except Outdated:
        return None
    reached = await read_models.checkpoint(SERVICE, STREAM)
    if not reached or reached.incarnation != log.incarnation or reached.sequence < log.last:
        return None
    return [
        Erased(f"evt.{SERVICE}.{kept.organization}.contact.{kept.key}")
        async for kept in _contacts(read_models)
        if kept.body is None and kept.positions.get(STREAM, 0) > log.last
    ]


async def _contacts(read_models: ReadModelStore) -> AsyncIterator[Kept]:
    after = None
    while page := await read_models.scan(CONTACTS, after, PAGE):
        for kept in page:
            yield kept
        after = page[-1].place


def _ids(named: Path) -> set[str]:
    try:
        return set(named.read_text(encoding="utf-8").split())
    except OSError as error:
        raise WrongSettings(f"--erased: {named} cannot be read ({error.strerror}).") from None


def _found(folder: Path, manifest: Manifest, ids: set[str]) -> Iterator[Erased]:
    prefixes = {prefix.rpartition(".")[2]: prefix for prefix in _contact_prefixes(folder, manifest)}
    if unknown := ids - set(prefixes):
        raise WrongSettings(
            f"The archive holds no contact {', '.join(sorted(unknown))}. See whether the id is "
            "misspelt; leave out who came after the export."
        )
    return (Erased(prefixes[one]) for one in sorted(ids))


def _contact_prefixes(folder: Path, manifest: Manifest) -> Iterator[str]:
    for segment in manifest.logs[STREAM].segments:
        for line in read_segment(folder / segment.file, segment.checksum):
            if line.subject.split(".")[3] == "contact":
                yield line.subject.rsplit(".", 2)[0]
