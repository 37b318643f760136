"""What can only be had once is found again, whatever became of the keys."""

from chassis.keyring import Keyring
from chassis.testing.vault import MemoryVault
from services.sessions.claims import Claims
from services.sessions.tokens import RefreshTokens

OLD = Keyring("old", {"old": b"a" * 32})
ROTATED = Keyring("new", {"old": b"a" * 32, "new": b"b" * 32})


def test_names_are_found_again_after_a_rotation_of_keys() -> None:
    before, after = Claims(OLD), Claims(ROTATED)
    assert before.login("alf@acme.example") == after.login("alf@acme.example")
    assert before.machine_fingerprint("m1") == after.machine_fingerprint("m1")


async def test_nobody_is_signed_out_by_a_rotation_of_keys() -> None:
    vault = MemoryVault()
    token = await RefreshTokens(vault, OLD).issue("acme", "s1")
    assert await RefreshTokens(vault, ROTATED).holder(token) == ("acme", "s1")
