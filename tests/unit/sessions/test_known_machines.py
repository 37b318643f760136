"""A machine is known again by its user, whichever key was current when it was met."""

from dataclasses import replace
from pathlib import Path

from chassis.key_files import add_key
from chassis.keyring import Keyring
from chassis.testing.vault import MemoryVault
from services.sessions.known_machines import KnownMachines


async def test_a_machine_stays_known_after_the_keyring_of_sessions_was_rotated(
    tmp_path: Path,
) -> None:
    path = tmp_path / "keyring.json"
    before = KnownMachines(MemoryVault(), Keyring.create(path))
    await before.remember("ada@acme.example", "laptop")
    add_key(path, b"n" * 32, "fresh")
    after = replace(before, keyring=Keyring.load(path))
    await after.remember("bob@acme.example", "laptop")
    assert await after.knows("ada@acme.example", "laptop")
    assert await after.knows("bob@acme.example", "laptop")
    assert not await after.knows("ada@acme.example", "phone")
    assert not await before.knows("bob@acme.example", "laptop")
