"""What the installation tells its services, where their own variables say nothing."""

from typing import Any

from switchboard.keys import Keys
from switchboard.settings import Settings

Told = dict[str, dict[str, Any]]


def told(settings: Settings, keys: Keys) -> Told:
    """Settings by service: where its keys are, and what holds for all of the installation."""
    return {
        "sessions": {
            "keyring": keys.keyring("sessions"),
            "signing_key": keys.signing,
            **_said(default_domain=settings.default_domain),
        },
        "provisioning": {
            "keyring": keys.keyring("provisioning"),
            "sealing_keys": keys.sealing_public,
        },
        "activation": {
            "keyring": keys.keyring("activation"),
            "opening_keys": keys.sealing_private,
            **_said(public_url=settings.public_url),
        },
    }


def _said(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
