"""Passwords are hashed, tokens are signed and rotated; nothing of either is kept as it is."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chassis.auth import Principal
from chassis.keyring import Keyring
from chassis.testing.tokens import Tokens
from chassis.testing.vault import MemoryVault
from chassis.vault import Entry, VaultConflict
from services.sessions.passwords import Passwords
from services.sessions.tokens import (
    AccessTokens,
    RefreshTokenReused,
    RefreshTokens,
    RefreshTokenUnknown,
)

ALF = Principal("u1", "acme", "agent", "s1")
USER = ("acme", "u1", 1)


class OpenVault(MemoryVault):
    """A vault that shows everything it keeps."""

    def all(self) -> bytes:
        return b"".join(entry.value or b"" for entry in self._entries.values())


async def test_the_right_password_is_accepted_and_no_other() -> None:
    passwords = Passwords(MemoryVault(), 1024)
    await passwords.keep(*USER, "a long pass phrase")
    assert await passwords.check(USER, "a long pass phrase")
    assert not await passwords.check(USER, "A long pass phrase")
    assert not await passwords.check(("acme", "u1", 2), "a long pass phrase")
    assert not await passwords.check(("other", "u1", 1), "a long pass phrase")


async def test_nobody_has_no_password() -> None:
    passwords = Passwords(MemoryVault(), 1024)
    assert not await passwords.check(None, "nobody has this password")


async def test_a_hash_says_nothing_and_is_argon2id() -> None:
    vault = OpenVault()
    await Passwords(vault, 1024).keep(*USER, "a long pass phrase")
    assert vault.all().startswith(b"$argon2id$")
    assert b"pass phrase" not in vault.all()


async def test_hashes_outlive_a_change_of_their_cost() -> None:
    vault = MemoryVault()
    await Passwords(vault, 1024).keep(*USER, "a long pass phrase")
    assert await Passwords(vault, 2048).check(USER, "a long pass phrase")


async def test_a_hash_is_made_anew_at_the_cost_of_today_when_its_password_is_given() -> None:
    vault = MemoryVault()
    await Passwords(vault, 1024).keep(*USER, "a long pass phrase")
    today = Passwords(vault, 2048)
    assert not await today.check(USER, "wrong")
    assert b"m=1024" in ((await vault.get("acme.user.u1.1")).value or b"")
    assert await today.check(USER, "a long pass phrase")
    assert b"m=2048" in ((await vault.get("acme.user.u1.1")).value or b"")
    assert await today.check(USER, "a long pass phrase")


async def test_a_broken_hash_is_no_password() -> None:
    vault = MemoryVault()
    await vault.put("acme.user.u1.1", b"broken")
    assert not await Passwords(vault, 1024).check(USER, "")


async def test_an_access_token_says_who_somebody_is_for_a_while() -> None:
    keys = Tokens(lambda: datetime(2026, 5, 3, 12, tzinfo=UTC))
    tokens = AccessTokens(lambda _: keys.key, lambda: "t1", timedelta(minutes=5))
    assert await keys.verifier.verify(tokens.issue(ALF, keys.clock())) == ALF
    expired = tokens.issue(ALF, keys.clock() - timedelta(minutes=5, seconds=1))
    with pytest.raises(Exception, match="expired"):
        await keys.verifier.verify(expired)


async def test_refresh_tokens_follow_one_another() -> None:
    vault = OpenVault()
    tokens = RefreshTokens(vault, Keyring.fresh())
    first = await tokens.issue("acme", "s1")
    assert await tokens.holder(first) == ("acme", "s1")
    second = await tokens.rotate(first)
    assert await tokens.holder(second) == ("acme", "s1")
    with pytest.raises(RefreshTokenReused):
        await tokens.holder(first)
    for token in (first, second):
        assert token.rpartition(".")[2].encode() not in vault.all()


class Shared(MemoryVault):
    """Lets whoever else waits read before one of them writes."""

    async def get(self, key: str) -> Entry:
        await asyncio.sleep(0)
        return await super().get(key)


async def test_of_two_who_rotate_at_once_one_has_reused_it() -> None:
    tokens = RefreshTokens(Shared(), Keyring.fresh())
    first = await tokens.issue("acme", "s1")
    both = await asyncio.gather(*(tokens.rotate(first) for _ in range(2)), return_exceptions=True)
    assert [type(one) for one in both if not isinstance(one, str)] == [RefreshTokenReused]


async def test_a_broker_whose_answer_got_lost_has_rotated_all_the_same() -> None:
    class Forgetful(MemoryVault):
        """Does it, and conflicts with itself when asked again, as a broker does that died."""

        async def put(self, key: str, value: bytes, *, revision: int | None = None) -> int:
            await super().put(key, value, revision=revision)
            raise VaultConflict(key)

    tokens = RefreshTokens(Forgetful(), Keyring.fresh())
    second = await tokens.rotate(await tokens.issue("acme", "s1"))
    assert await tokens.holder(second) == ("acme", "s1")


async def test_a_rotation_whose_answer_got_lost_may_be_attempted_again() -> None:
    tokens = RefreshTokens(MemoryVault(), Keyring.fresh())
    first = await tokens.issue("acme", "s1")
    second = await tokens.rotate(first, "an attempt")
    assert await tokens.holder(first, "an attempt") == ("acme", "s1")
    assert await tokens.rotate(first, "an attempt") == second
    third = await tokens.rotate(second, "another one")
    assert len({first, second, third}) == 3
    with pytest.raises(RefreshTokenReused):
        await tokens.rotate(first, "an attempt")


async def test_of_two_who_sign_in_at_once_both_get_a_token_and_the_later_is_good() -> None:
    tokens = RefreshTokens(Shared(), Keyring.fresh())
    both = await asyncio.gather(*(tokens.issue("acme", "s1") for _ in range(2)))
    good = [await _good(tokens, token) for token in both]
    assert sorted(good) == [False, True]


async def _good(tokens: RefreshTokens, token: str) -> bool:
    try:
        await tokens.holder(token)
    except RefreshTokenReused:
        return False
    return True


@pytest.mark.parametrize("attempt", [None, "of somebody else"])
async def test_a_used_token_without_the_attempt_is_reused(attempt: str | None) -> None:
    tokens = RefreshTokens(MemoryVault(), Keyring.fresh())
    first = await tokens.issue("acme", "s1")
    await tokens.rotate(first, "an attempt")
    with pytest.raises(RefreshTokenReused):
        await tokens.rotate(first, attempt)


async def test_two_that_make_the_same_attempt_at_once_get_the_same_token() -> None:
    tokens = RefreshTokens(Shared(), Keyring.fresh())
    first = await tokens.issue("acme", "s1")
    both = await asyncio.gather(*(tokens.rotate(first, "an attempt") for _ in range(2)))
    assert len(set(both)) == 1


@pytest.mark.parametrize("token", ["", "acme.s1.x", "acme.s1", "..", "a b.c.d", "x" * 301])
async def test_anything_else_is_no_refresh_token(token: str) -> None:
    tokens = RefreshTokens(MemoryVault(), Keyring.fresh())
    with pytest.raises(RefreshTokenUnknown):
        await tokens.holder(token)
