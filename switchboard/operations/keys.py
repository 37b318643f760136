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
from switchboard.keys import Keys
from switchboard.operations.operator import Operator
from switchboard.operations.shown import ALL_WELL

CODES, SEALING, SIGNING = "codes", "sealing", "signing"


async def rotate(operator: Operator, what: str, *, yes: bool) -> int:
    """Make a new key the current one. Raises `WrongSettings`, `WrongKeyFile`."""
    keys = Keys(operator.settings.data / "keys")
    private = _path(ActivationSettings, "opening_keys", keys.sealing_private)
    public = _path(ProvisioningSettings, "sealing_keys", keys.sealing_public)
    signing = _path(SessionsSettings, "signing_key", keys.signing)
    files = {
        SIGNING: [signing, signing.with_name(keys.jwks.name)],
        CODES: [_path(ActivationSettings, "keyring", keys.keyring("activation"))],
        SEALING: [private, public],
    }.get(what)
    if files is None:
        raise WrongSettings(
            f"{what} cannot be rotated here. Choose {CODES}, {SEALING} or {SIGNING}."
        )
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
        key_id = add_sealing_key(private, public)
    else:
        key_id = new_key_id()
        add_key(files[0], secrets.token_bytes(KEY_BYTES), key_id)
    operator.shown.say(f"Key {key_id} is current in {names}; the old keys stay. {_NEXT[what]}")
    return ALL_WELL


_NEXT = {
    CODES: "Back the file up, bring it to every `serve` and `work` of activation, and start these "
    "anew. Old keys may go when the last code and device token made with them is dead.",
    SEALING: "Back both up. Bring the private file to activation and start it anew, then the "
    "public one to provisioning and start that anew. Old private keys must stay as long as any "
    "password is sealed to them.",
}


def _path(settings: type[ServiceSettings], name: str, default: Path) -> Path:
    chosen = os.environ.get(settings.variable(name))
    return Path(chosen) if chosen else default
