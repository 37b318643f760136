"""Reads a whole log once and checks everything that can be told from it."""

from collections.abc import Callable
from dataclasses import dataclass

from chassis.event_store import StoreUnavailable
from chassis.feed import Delivery, FeedInterrupted
from chassis.key_files import WrongKeyFile
from chassis.reading import EventSubject, Unreadable, read
from schemas.envelope import UnknownEvent
from switchboard.catalogue import BLUEPRINTS
from switchboard.operations.archive.manifest import Manifest
from switchboard.operations.operator import Operator
from switchboard.operations.reading import batches
from switchboard.operations.verifying.chains import Chain
from switchboard.operations.verifying.claims import ClaimCheck
from switchboard.operations.verifying.findings import RESTORE, Findings
from switchboard.operations.verifying.versions import Versions


@dataclass
class LogCheck:
    """The checks of one log."""

    stream: str
    versions: Versions
    chain: Chain
    claims: ClaimCheck | None
    findings: Findings
    messages: int = 0

    def follow(self, delivery: Delivery) -> None:
        """Note the next message."""
        sequence, subject, body, _ = delivery
        self.messages += 1
        self.chain.follow(sequence, subject, body)
        if subject.startswith("evt."):
            self._event(sequence, subject, body)
        elif self.claims:
            self.claims.claim(sequence, subject, body)

    def end(self) -> None:
        """The log is over."""
        erased = self.versions.end()
        self.chain.end(erased)
        if self.claims:
            self.claims.end(erased)

    def _event(self, sequence: int, subject: str, body: bytes) -> None:
        try:
            self.versions.follow(EventSubject.parse(subject), sequence)
            recorded = read(subject, sequence, body)
        except Unreadable as error:
            self.findings.add(f"{self.stream} {sequence}", str(error))
        except UnknownEvent as error:
            self.findings.add(
                f"{self.stream} {sequence}", str(error), "Run the newest release's `verify`."
            )
        else:
            if self.claims:
                self.claims.event(recorded)


async def check_log(
    operator: Operator, service: str, manifest: Manifest | None, findings: Findings
) -> LogCheck:
    """Read the log of a service. What keeps it from being read is a finding as well."""
    stream = operator.topology.stream_of(service)
    folder = operator.settings.archive_folder
    check = LogCheck(
        stream,
        Versions(stream, findings),
        Chain(stream, folder, manifest, findings),
        _claims(operator, service, stream, findings),
        findings,
    )
    try:
        with operator.shown.progress() as progress:
            task = progress.add_task(stream, total=None)
            await _read(operator, check, lambda n, of: progress.update(task, completed=n, total=of))
    except (StoreUnavailable, FeedInterrupted) as error:
        findings.add(stream, f"it cannot be read: {error}", RESTORE)
    check.end()
    return check


async def _read(operator: Operator, check: LogCheck, told: Callable[[int, int], object]) -> None:
    feed = await operator.feed(check.stream)
    info = await feed.log()
    if not info.last_sequence:
        return
    await feed.reset(1)
    async for batch in batches(feed):
        for delivery in batch.deliveries:
            check.follow(delivery)
        told(check.messages, check.messages + batch.pending)
    await feed.close()


def _claims(operator: Operator, service: str, stream: str, findings: Findings) -> ClaimCheck | None:
    try:
        declared = BLUEPRINTS[service].claiming(operator.keyring(service))
    except WrongKeyFile as error:
        findings.add(stream, f"claims were not checked: {error}", "Run this where the keys are.")
        return None
    return ClaimCheck(stream, service, declared, findings)
