"""`verify` holds each log against what its service declares, and no claim stands undeclared."""

import json
from pathlib import Path

from bench.events import envelope
from chassis.claiming import Claiming
from chassis.event_store import Aggregate, Position, Recorded
from schemas.activation import ActivationCodeIssued
from services.activation.claims import claims_of, code_claim
from switchboard.catalogue import BLUEPRINTS
from switchboard.operations.verifying.claims import ClaimCheck
from switchboard.operations.verifying.findings import Findings

DEVICE = "01890a5d-ac96-774b-bcce-b302099a8057"
CODE = "0123456789abcdef" * 4
ISSUED = ActivationCodeIssued.model_validate(
    {
        "activation_id": DEVICE,
        "device_id": DEVICE,
        "generation": 1,
        "key_id": "k",
        "fingerprint": CODE,
        "expires_at": "2026-11-30T00:00:00Z",
    }
)


def found(declared: Claiming, holder: str) -> int:
    findings = Findings()
    check = ClaimCheck("ACTIVATION", "activation", declared, findings)
    aggregate = Aggregate("activation", "acme", "activation", DEVICE)
    check.claim(1, code_claim(CODE).subject, json.dumps({"holder": holder}).encode())
    check.event(Recorded(envelope(aggregate, 1, ISSUED), Position("activation", 2)))
    check.end({})
    return findings.count


def test_a_claim_that_the_events_tell_of_is_right() -> None:
    assert found(Claiming(claims_of), f"acme/{DEVICE}/1") == 0


def test_a_claim_held_by_somebody_else_is_found() -> None:
    assert found(Claiming(claims_of), "acme/another/1") == 1


def test_a_claim_of_a_service_that_declared_none_is_found() -> None:
    assert found(Claiming(), f"acme/{DEVICE}/1") == 1


def test_activation_declares_what_it_claims_when_it_writes() -> None:
    declared = BLUEPRINTS["activation"].claiming(Path("no keyring"))
    assert found(declared, f"acme/{DEVICE}/1") == 0
