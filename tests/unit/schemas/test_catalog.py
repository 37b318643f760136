"""The catalog of published events."""

import subprocess
import sys

import pytest

from schemas import catalog
from schemas.event import Event
from schemas.generate import ROOT


def test_events_of_tests_and_of_other_modules_are_not_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Event, "catalog", dict(Event.catalog))

    class ProbeSeen(Event, name="probe.v1.ProbeSeen", aggregate="probe"):
        """Only here."""

    assert catalog.find("probe.v1.ProbeSeen") is ProbeSeen
    assert ProbeSeen not in catalog.published()


def test_reading_an_envelope_needs_no_other_import_to_know_every_event() -> None:
    program = (
        "from schemas.envelope import Envelope; from schemas.event import Event; "
        "print(sorted({kind.service for kind in Event.catalog.values()}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['activation', 'notifier', 'provisioning', 'sessions']"
