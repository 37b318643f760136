"""Every vault keeps what it was given, lets nobody overwrite unseen changes, and forgets."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chassis.jetstream.jetstream_vault import JetStreamVault
from chassis.testing.nats_server import RunningNats
from chassis.testing.vault import MemoryVault
from chassis.vault import Entry, Vault, VaultConflict

pytest_plugins = ["chassis.testing.nats_fixtures"]

KEY = "acme.s1"


@pytest.fixture(params=["memory", "jetstream"])
async def vault(request: pytest.FixtureRequest, nats: RunningNats) -> AsyncIterator[Vault]:
    if request.param == "memory":
        yield MemoryVault()
        return
    await nats.wipe()
    async with nats.connected("setup") as nc:
        yield JetStreamVault(nc, "secrets", api_prefix="$JS.API")


async def test_what_was_never_put_has_no_value(vault: Vault) -> None:
    assert await vault.get(KEY) == Entry(None, 0)


async def test_a_value_comes_back_as_it_was_put(vault: Vault) -> None:
    value = bytes(range(256))
    revision = await vault.put(KEY, value)
    assert await vault.get(KEY) == Entry(value, revision)
    assert await vault.get("acme.s2") == Entry()


async def test_a_later_value_replaces_an_earlier_one(vault: Vault) -> None:
    first = await vault.put(KEY, b"1")
    second = await vault.put(KEY, b"2")
    assert second > first
    assert await vault.get(KEY) == Entry(b"2", second)


async def test_a_value_is_put_where_nothing_has_changed(vault: Vault) -> None:
    first = await vault.put(KEY, b"1", revision=0)
    second = await vault.put(KEY, b"2", revision=first)
    assert await vault.get(KEY) == Entry(b"2", second)


@pytest.mark.parametrize("revision", [0, 99])
async def test_a_value_is_not_put_over_a_change_nobody_looked_at(
    vault: Vault, revision: int
) -> None:
    await vault.put(KEY, b"1")
    with pytest.raises(VaultConflict, match="read it again"):
        await vault.put(KEY, b"2", revision=revision)
    assert (await vault.get(KEY)).value == b"1"


async def test_one_of_two_at_once_wins(vault: Vault) -> None:
    for _ in range(20):
        revision = (await vault.get(KEY)).revision
        puts = (vault.put(KEY, value, revision=revision) for value in (b"1", b"2"))
        outcomes = await asyncio.gather(*puts, return_exceptions=True)
        assert sorted(type(outcome) is int for outcome in outcomes) == [False, True]


async def test_an_erased_value_is_gone_but_its_revision_goes_on(vault: Vault) -> None:
    before = await vault.put(KEY, b"1")
    await vault.erase(KEY)
    erased = await vault.get(KEY)
    assert erased.value is None
    assert erased.revision > before
    with pytest.raises(VaultConflict):
        await vault.put(KEY, b"2", revision=before)
    await vault.put(KEY, b"3", revision=erased.revision)
    assert (await vault.get(KEY)).value == b"3"


async def test_entries_are_listed_as_they_were_last_changed_part_by_part(vault: Vault) -> None:
    first, other, second, _ = [
        await vault.put(key, b"1") for key in ("a.user.1", "a.session.1", "b.user.2", "c.user.x.3")
    ]
    await vault.erase("a.user.1")
    erased = (await vault.get("a.user.1")).revision
    assert first < other < second < erased
    (found,) = await vault.listed("*.user.*", 0, 1)
    assert found == ("b.user.2", Entry(b"1", second))
    assert await vault.listed("*.user.*", second, 9) == [("a.user.1", Entry(None, erased))]
    assert await vault.listed("*.user.*", erased, 9) == []


async def test_nothing_is_no_value(vault: Vault) -> None:
    with pytest.raises(ValueError, match="erase"):
        await vault.put(KEY, b"")
