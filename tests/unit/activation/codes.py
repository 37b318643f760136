"""What happened to the codes of device d1, as facts and commands of tests."""

from datetime import UTC, datetime, timedelta

from chassis.testing.spec import Spec
from schemas.activation import (
    ActivationCodeIssued,
    ActivationCodeRevoked,
    Client,
    DeviceActivated,
    DeviceTokenRevoked,
)
from services.activation.domain.activation import activation
from services.activation.domain.commands import (
    Activate,
    MintedCode,
    NewCode,
)

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


LATER = NOON + timedelta(days=7)


MINUTE = timedelta(minutes=1)


PHONE, OTHER_PHONE = "a" * 32, "b" * 32


TOKEN, NEXT_TOKEN = "c" * 32, "d" * 32


spec = Spec(activation)


def fingerprint(generation: int) -> str:
    return f"{generation:032x}"


def mint(generation: int) -> MintedCode:
    return MintedCode("k1", fingerprint(generation))


NEW = NewCode(mint, LATER)


def issued(generation: int = 1, device_version: int | None = 1) -> ActivationCodeIssued:
    return ActivationCodeIssued(
        activation_id="d1",
        device_id="d1",
        device_version=device_version,
        generation=generation,
        key_id="k1",
        fingerprint=fingerprint(generation),
        expires_at=LATER,
    )


def activated(
    generation: int = 1,
    token: str = TOKEN,
    installation: str = PHONE,
    until: datetime = NOON + 10 * MINUTE,
    revision: int = 1,
) -> DeviceActivated:
    return DeviceActivated(
        activation_id="d1",
        device_id="d1",
        generation=generation,
        token_fingerprint=token,
        installation_fingerprint=installation,
        client=Client(name="Softphone"),
        format="json",
        revision=revision,
        repeatable_until=until,
    )


def revoked(
    generation: int, reason: str, device_version: int | None = None
) -> ActivationCodeRevoked:
    return ActivationCodeRevoked.model_validate(
        {
            "activation_id": "d1",
            "generation": generation,
            "reason": reason,
            "device_version": device_version,
        }
    )


def token_revoked(token: str, reason: str, device_version: int | None = None) -> DeviceTokenRevoked:
    return DeviceTokenRevoked.model_validate(
        {
            "activation_id": "d1",
            "device_id": "d1",
            "token_fingerprint": token,
            "reason": reason,
            "device_version": device_version,
        }
    )


def exchange(
    generation: int = 1,
    token: str = TOKEN,
    installation: str = PHONE,
    at: datetime = NOON,
    revision: int = 1,
) -> Activate:
    return Activate(
        device_id="d1",
        generation=generation,
        token_fingerprint=token,
        installation_fingerprint=installation,
        client=Client(name="Softphone"),
        format="json",
        revision=revision,
        at=at,
    )
