"""What a check has found to be wrong, and what to do about it."""

from dataclasses import dataclass, field

RESTORE = (
    "Stop every `serve` and `work`, keep a copy of the broker's files, delete its streams, and run "
    "`switchboard archive import --yes`."
)
MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `run` says what to do."""

    where: str
    what: str
    run: str


@dataclass
class Findings:
    """All of them, or the first thousand."""

    kept: list[Finding] = field(default_factory=list)
    count: int = 0

    def add(self, where: str, what: str, run: str = RESTORE) -> None:
        """Remember one."""
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(Finding(where, what, run))
