"""`switchboard erase contact`: a person is forgotten, and it is seen to that it has happened."""

import asyncio

import httpx

from chassis.settings import WrongSettings
from switchboard.demo.client import Client
from switchboard.demo.organization import DemoOrganization
from switchboard.operations.aggregates import find
from switchboard.operations.archive.manifest import Erased, Manifest
from switchboard.operations.archive.redacting import redact
from switchboard.operations.operator import Operator
from switchboard.operations.shown import ALL_WELL, FAILED

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.2


async def erase_contact(
    operator: Operator, contact_id: str, known: tuple[str, str] | None, *, yes: bool
) -> int:
    """Ask the service, wait until the log holds nothing of the person, clean the archive.

    Raises `Refusal`, `Unreachable`, `WrongSettings`, `BrokenArchive`.
    """
    contact = await find(operator, "contact", contact_id)
    (history,) = await (await operator.log("provisioning")).load(contact)
    if not yes:
        operator.shown.say(
            f"{len(history.recorded)} events tell of contact {contact_id}. They would be taken out "
            "of the log and the archive for good, with the contact's devices. Copies of the "
            "archive elsewhere, subscribers outside, and mails are not reached. Say --yes to do it."
        )
        return ALL_WELL
    async with httpx.AsyncClient(base_url=operator.settings.origin, timeout=60) as http:
        client = Client(http)
        await client.sign_in(*(known or _demo(operator)))
        await client.command(f"/api/v1/contacts/{contact_id}/erase", {})
    place = await _erased(operator, contact_id)
    if place is None:
        operator.shown.say(
            "The contact is erased, but the log still holds earlier events after "
            f"{PATIENCE_SECONDS:.0f} s: see whether `switchboard work provisioning` runs, then "
            "`switchboard events ls --aggregate contact --id <id>`."
        )
        return FAILED
    _clean(operator, Erased(contact.prefix, place))
    operator.shown.say(f"Nothing in the log tells of contact {contact_id} any more.")
    return ALL_WELL


def _demo(operator: Operator) -> tuple[str, str]:
    kept = DemoOrganization.kept(operator.settings.data)
    if kept is None:
        raise WrongSettings("There is no demo organization here: say who erases with --user.")
    return kept.user_id, kept.password


async def _erased(operator: Operator, contact_id: str) -> int | None:
    """Where the erasing event stands, once it stands alone."""
    contact = await find(operator, "contact", contact_id)
    log = await operator.log("provisioning")
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        (history,) = await log.load(contact)
        if len(history.recorded) == 1 and history.recorded[0].event.erases:
            return history.sequence
        await asyncio.sleep(LOOK_SECONDS)
    return None


def _clean(operator: Operator, erased: Erased) -> None:
    folder = operator.settings.archive_folder
    manifest = Manifest.load(folder)
    if manifest is None or "PROVISIONING" not in manifest.logs:
        return
    if erased not in manifest.erased:
        manifest.erased.append(erased)
        manifest.save(folder)
    redact(folder, manifest, "PROVISIONING", [erased])
    operator.shown.say(f"The archive in {folder} holds digests instead.")
