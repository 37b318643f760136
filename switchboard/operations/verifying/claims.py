"""Whether each claim is held by whom the events say."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from chassis.claiming import Claiming, Wish, held_after
from chassis.decider import Refused
from chassis.event_store import Aggregate, History, Recorded
from switchboard.operations.verifying.findings import Findings

_REMEDY = (
    "If the log lacks an event, mend that first (see the other findings). Else this is a fault of "
    "the program: keep `switchboard events ls --json` of the aggregate and report it."
)


class _Held(NamedTuple):
    holder: str | None
    sequence: int


class ClaimCheck:
    """Follows a log twice: what was claimed, and what the events must have claimed."""

    def __init__(self, stream: str, service: str, declared: Claiming, findings: Findings) -> None:
        self._stream = stream
        self._service = service
        self._declared = declared
        self._findings = findings
        self._histories: dict[Aggregate, History] = {}
        self._expected: dict[str, str | None] = {}
        self._held: dict[str, _Held] = {}

    def claim(self, sequence: int, subject: str, body: bytes) -> None:
        """Note a claim as it stands in the log."""
        self._held[subject] = _Held(json.loads(body)["holder"], sequence)

    def event(self, recorded: Recorded) -> None:
        """Note an event."""
        envelope = recorded.envelope
        kind, _, aggregate_id = envelope.subject.partition("/")
        aggregate = Aggregate(self._service, envelope.organization, kind, aggregate_id)
        history = self._histories.get(aggregate, History(aggregate))
        wishes = self._declared.wishes(history, recorded.event)
        if wishes:
            # What changes no claim changes nothing that claims depend on.
            self._histories[aggregate] = History(aggregate, (*history.recorded, recorded))
        for wish in wishes:
            self._apply(wish, recorded)

    def end(self, erased: Mapping[str, int]) -> None:
        """Compare. What belonged to the erased is left out: the events that told are gone."""
        gone = {prefix.rpartition(".")[2] for prefix in erased}
        for subject in {**self._expected, **self._held}:
            held = self._held.get(subject, _Held(None, 0))
            expected = self._expected.get(subject)
            if held.holder != expected and subject.rpartition(".")[2] not in gone:
                self._findings.add(
                    f"{self._stream} {held.sequence or 'nowhere'}",
                    f"{subject} is held by {held.holder or 'nobody'}, by the events it should be "
                    f"held by {expected or 'nobody'}",
                    _REMEDY,
                )

    def _apply(self, wish: Wish, recorded: Recorded) -> None:
        subject = wish.claim.subject
        try:
            self._expected[subject] = held_after(wish, self._expected.get(subject))
        except Refused:
            self._findings.add(
                f"{self._stream} {recorded.position.sequence}",
                f"{recorded.envelope.subject} took {subject}, which "
                f"{self._expected.get(subject)} had",
                _REMEDY,
            )
