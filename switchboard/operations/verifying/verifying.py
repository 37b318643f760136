"""`switchboard verify`: says exactly what is wrong, and what to run."""

from chassis.event_store import StoreUnavailable
from chassis.read_models import Damaged
from switchboard.operations.archive.manifest import Manifest
from switchboard.operations.operator import Operator, chosen_services
from switchboard.operations.rebuilding import Wishes, rebuild
from switchboard.operations.shown import ALL_WELL, WRONG
from switchboard.operations.verifying.findings import RESTORE, Findings
from switchboard.operations.verifying.log_check import check_log


async def verify(operator: Operator, service: str | None, *, read_models: bool) -> int:
    """Check logs, claims, archive, checkpoints, and read models against the fold.

    Answers the exit code. Raises `BrokenArchive`, `ReadModelsUnavailable`.
    """
    findings, services = Findings(), chosen_services(service)
    manifest = Manifest.load(operator.settings.archive_folder)
    if manifest is None:
        operator.shown.say(
            f"There is no archive in {operator.settings.archive_folder}: whether the newest event "
            "of something was lost cannot be told. Run `switchboard archive export`."
        )
    for one in services:
        check = await check_log(operator, one, manifest, findings)
        operator.shown.say(
            f"{check.stream}: {check.messages} messages, {check.versions.aggregates} aggregates."
        )
        try:
            await _check_checkpoints(operator, one, manifest, findings)
            if read_models:
                await (await operator.read_models(one)).examine()
        except StoreUnavailable as error:
            findings.add(check.stream, str(error))
        except Damaged as damaged:
            _note(findings, one, damaged)
    if findings.count:
        _report(operator, findings)
        return WRONG
    operator.shown.say("The logs are whole.")
    if not read_models:
        return ALL_WELL
    code = ALL_WELL
    for one in services:
        try:
            code = max(code, await rebuild(operator, one, None, Wishes(dry_run=True)))
        except Damaged as damaged:
            _note(findings, one, damaged)
    if findings.count:
        _report(operator, findings)
        return WRONG
    return code


def _note(findings: Findings, service: str, damaged: Damaged) -> None:
    what, _, remedy = str(damaged).partition(". ")
    findings.add(f"read models of {service}", what, f"{remedy}.")


async def _check_checkpoints(
    operator: Operator, service: str, manifest: Manifest | None, findings: Findings
) -> None:
    """Whether read models and archive were made from this very log."""
    read_models = await operator.read_models(service)
    await read_models.open()
    for durable in operator.topology.durables_of(service):
        if durable.kind != "projector":
            continue
        log = await (await operator.feed(durable.stream)).log()
        reached = await read_models.checkpoint(service, durable.stream)
        where = f"read models of {service}"
        if reached and reached.incarnation != log.incarnation:
            findings.add(
                where,
                f"made from the {durable.stream} of {reached.incarnation}, not the one of "
                f"{log.incarnation}",
            )
        elif reached and reached.sequence > log.last_sequence:
            findings.add(
                where,
                f"show {reached.sequence} of {durable.stream}, which ends at {log.last_sequence}",
            )
    stream = operator.topology.stream_of(service)
    archived = manifest.logs.get(stream) if manifest else None
    log = await (await operator.feed(stream)).log()
    if archived and archived.incarnation != log.incarnation:
        findings.add(
            "archive",
            f"holds the {stream} of {archived.incarnation}, not the one of {log.incarnation}",
            f"If the log was lost: {RESTORE}",
        )


def _report(operator: Operator, findings: Findings) -> None:
    operator.shown.say(f"{findings.count} things are wrong:")
    if operator.shown.as_json:
        for one in findings.kept:
            operator.shown.row({"where": one.where, "what": one.what, "run": one.run})
        return
    for one in findings.kept:
        operator.shown.line(f"  {one.where}: {one.what}.")
    operator.shown.say("What to do:")
    for remedy in dict.fromkeys(one.run for one in findings.kept):
        operator.shown.say(f"  {remedy}")
