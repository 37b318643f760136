"""`switchboard keys`: new keys beside the old ones, which stay for what they made."""

import os
import secrets
from pathlib import Path

from chassis.cause import system_clock
from chassis.key_files import KEY_BYTES, add_key, new_key_id, read_keys
from chassis.key_rotation import rotate_signing_key
from chassis.sealing import add_sealing_key
from chassis.settings import ServiceSettings, WrongSettings
from services.activation.settings import Settings as ActivationSettings
from services.provisioning.settings import Settings as ProvisioningSettings
from services.sessions.settings import Settings as SessionsSettings
from switchboard.catalogue import BLUEPRINTS
from switchboard.keys import Keys
from switchboard.operations.operator import Operator
from switchboard.operations.shown import ALL_WELL

CODES, SEALING, SIGNING = "codes", "sealing", "signing"
KEYRINGS = {CODES: "activation", **{name: name for name in BLUEPRINTS if name != "activation"}}
"""Whose keyring it is."""


async def rotate(operator: Operator, what: str, *, yes: bool) -> int:
    """Make a new key the current one. Raises `WrongSettings`, `WrongKeyFile`."""
    files = _files(operator, what)
    for file in files if what != SIGNING else ():
        read_keys(file)
    names = " and ".join(map(str, files))
    if not yes:
        operator.shown.say(f"A new key would be added to {names}. To do it, say --yes.")
        return ALL_WELL
    if what == SIGNING:
        key_id = rotate_signing_key(files[0], files[1], system_clock())
        operator.shown.say(f"Key {key_id} is published. Sessions sign with it in ten minutes.")
        return ALL_WELL
    if what == SEALING:
        key_id = add_sealing_key(files[0], files[1])
    else:
        key, key_id = secrets.token_bytes(KEY_BYTES), new_key_id()
        for file in files:
            add_key(file, key, key_id)
    operator.shown.say(f"Key {key_id} is current in {names}; the old keys stay. {_next(what)}")
    return ALL_WELL


def _files(operator: Operator, what: str) -> list[Path]:
    keys = Keys(operator.settings.data / "keys")
    if what == SIGNING:
        signing = _path(SessionsSettings, "signing_key", keys.signing)
        return [signing, signing.with_name(keys.jwks.name)]
    if what == SEALING:
        return [
            _path(ActivationSettings, "opening_keys", keys.sealing_private),
            _path(ProvisioningSettings, "sealing_keys", keys.sealing_public),
        ]
    if what not in KEYRINGS:
        raise WrongSettings(
            f"{what} cannot be rotated here. Choose {', '.join(KEYRINGS)}, {SEALING} or {SIGNING}."
        )
    service = KEYRINGS[what]
    # A service may be told of another file for its own hashes than the one for its edge.
    chosen, at_the_edge = operator.keyring(service), keys.keyring(service)
    return [chosen, at_the_edge] if at_the_edge != chosen and at_the_edge.exists() else [chosen]


_NEXT = {
    CODES: "Old keys may go when the last code and device token made with them is dead.",
    "sessions": "The first key stays the first for ever: domains, user ids and refresh tokens are "
    "found again by it. Any other may go once nobody minds that machines are no longer known.",
    "provisioning": "The first key stays the first: repeated commands are found again by it. Any "
    "other may go after 30 days, when no import made with it is kept any more.",
    "notifier": "The first key stays the first: repeated commands are found again by it. Any other "
    "may go at once.",
    SEALING: "Back both up. Bring the private file to activation and start it anew, then the "
    "public one to provisioning and start that anew. Old private keys must stay as long as any "
    "password is sealed to them.",
}


def _next(what: str) -> str:
    if what == SEALING:
        return _NEXT[what]
    return (
        f"Back it up, bring it to every `serve` and `work` of {KEYRINGS[what]}, and start these "
        f"anew. {_NEXT[what]}"
    )


def _path(settings: type[ServiceSettings], name: str, default: Path) -> Path:
    chosen = os.environ.get(settings.variable(name))
    return Path(chosen) if chosen else default
