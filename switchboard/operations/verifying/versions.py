"""Whether each aggregate's versions count from 1 without gaps, but for what was erased."""

from collections.abc import Mapping

from chassis.reading import EventSubject
from schemas.event import Event
from switchboard.operations.verifying.findings import Findings

_ERASING = {event.short_name for event in Event.catalog.values() if event.erases}


class Versions:
    """Follows the versions in a log. Gaps may be explained by an erasing event further on."""

    def __init__(self, stream: str, findings: Findings) -> None:
        self._stream = stream
        self._findings = findings
        self._last: dict[str, int] = {}
        self._gaps: list[tuple[str, int, int, int]] = []
        self.erased: dict[str, int] = {}

    @property
    def aggregates(self) -> int:
        """How many there are."""
        return len(self._last)

    def follow(self, subject: EventSubject, sequence: int) -> None:
        """Note the next event."""
        prefix, version, name = subject
        last = self._last.get(prefix, 0)
        if version <= last:
            self._findings.add(
                f"{self._stream} {sequence}", f"version {version} of {prefix} stands there again"
            )
        elif version > last + 1:
            self._gaps.append((prefix, last + 1, version - 1, sequence))
        self._last[prefix] = max(version, last)
        if name in _ERASING:
            self.erased[prefix] = sequence

    def end(self) -> Mapping[str, int]:
        """Report the gaps that no erasure explains; answers where each erasure stands."""
        for prefix, first, last, sequence in self._gaps:
            if self.erased.get(prefix, 0) < sequence:
                versions = f"version {first}" if first == last else f"versions {first} to {last}"
                self._findings.add(
                    f"{self._stream} before {sequence}", f"{versions} of {prefix} is not there"
                )
        return self.erased
