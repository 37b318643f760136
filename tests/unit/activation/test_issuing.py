"""Issuing a code never fails because another device happens to have the same one."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.cause import Cause
from chassis.command_handler import CommandHandler
from chassis.event_store import ClaimChange
from chassis.keyring import Keyring
from chassis.testing.event_store import MemoryEventStore
from chassis.testing.read_models import MemoryReadModelStore
from services.activation.claims import CodeTaken, Holder, claims_of, code_claim, holder_of
from services.activation.codes import Codes
from services.activation.issuing import Issuing
from services.activation.organizations import Lifetimes

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
CAUSE = Cause("command-1", NOON, "service:activation", "request-1")
CODES = Codes(Keyring.fresh())


class SevenDays(Lifetimes):
    """Every organization has the same."""

    async def of(self, organization: str) -> timedelta:
        return self.default


LIFETIMES = SevenDays(MemoryReadModelStore(), timedelta(days=7))


@pytest.fixture
def store() -> MemoryEventStore:
    return MemoryEventStore("activation")


def issuing(store: MemoryEventStore) -> Issuing:
    return Issuing(CommandHandler(store, claims_of), CODES, LIFETIMES)


async def take(store: MemoryEventStore, *generations: int) -> None:
    """Let somebody else have these codes of device d1."""
    for generation in generations:
        (state,) = await store.claims(code_claim(CODES.minting("d1")(generation).fingerprint))
        await store.append([], [ClaimChange(state, str(Holder("other", "d9", 1)))])


async def test_a_code_is_found_by_its_fingerprint(store: MemoryEventStore) -> None:
    outcome = await issuing(store).issue(CAUSE, "acme", "d1", 1)
    code = CODES.derived("d1", 1, outcome.state.key_id)
    found = await holder_of(store, *map(code_claim, CODES.fingerprints(code)))
    assert found == Holder("acme", "d1", 1)
    assert outcome.state.expires_at == NOON + timedelta(days=7)


async def test_a47_i12_a_generation_whose_code_is_taken_is_left_out(
    store: MemoryEventStore,
) -> None:
    await take(store, 1, 2)
    assert (await issuing(store).issue(CAUSE, "acme", "d1", 1)).state.generation == 3
    assert len(store.all()) == 1


async def test_somebody_finds_out_when_no_code_is_free(store: MemoryEventStore) -> None:
    await take(store, *range(1, 11))
    with pytest.raises(CodeTaken):
        await issuing(store).issue(CAUSE, "acme", "d1", 1)


async def test_codes_of_an_older_key_are_still_found_and_shown(store: MemoryEventStore) -> None:
    old = Keyring("k1", {"k1": b"1" * 32})
    both = Codes(Keyring("k2", {"k1": b"1" * 32, "k2": b"2" * 32}))
    before = Issuing(CommandHandler(store, claims_of), Codes(old), LIFETIMES)
    outcome = await before.issue(CAUSE, "acme", "d1", 1)
    code = both.derived("d1", 1, outcome.state.key_id)
    found = await holder_of(store, *map(code_claim, both.fingerprints(code)))
    assert found == Holder("acme", "d1", 1)
