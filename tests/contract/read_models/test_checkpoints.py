"""The checkpoint never overtakes the documents, never goes back and never changes its log."""

import pytest

from chassis.read_models import AnotherLog, ReadModelStore, Stale
from tests.contract.read_models.conftest import Connect
from tests.contract.read_models.sample import ACME, DESKS, Desk, desk, reached


async def test_a_projector_that_never_ran_has_no_checkpoint(store: ReadModelStore) -> None:
    await store.apply([], reached(3))
    assert await store.checkpoint("sessions", "ACTIVATION") is None
    assert await store.checkpoint("activation", "SESSIONS") is None


async def test_a_checkpoint_moves_forward_with_or_without_documents(store: ReadModelStore) -> None:
    await store.apply([desk("d1", Desk("first"))], reached(3))
    await store.apply([], reached(7))
    assert await store.checkpoint("sessions", "SESSIONS") == reached(7)


async def test_a_checkpoint_never_goes_back(store: ReadModelStore) -> None:
    await store.apply([], reached(7))
    await store.apply([desk("d1", Desk("first"))], reached(3))
    assert await store.checkpoint("sessions", "SESSIONS") == reached(7)
    assert await store.get(DESKS, ACME, "d1") == Desk("first")


async def test_projectors_have_checkpoints_of_their_own(store: ReadModelStore) -> None:
    await store.apply([], reached(7))
    await store.apply([], reached(2, projector="other"))
    assert await store.checkpoint("sessions", "SESSIONS") == reached(7)
    assert await store.checkpoint("other", "SESSIONS") == reached(2, projector="other")


async def test_a_stale_write_leaves_the_checkpoint(store: ReadModelStore) -> None:
    await store.apply([desk("d1", Desk("first"))], reached(1))
    with pytest.raises(Stale):
        await store.apply([desk("d2", Desk("new")), desk("d1", Desk("late"))], reached(2))
    assert await store.checkpoint("sessions", "SESSIONS") == reached(1)


async def test_another_log_under_the_same_name_is_refused(store: ReadModelStore) -> None:
    await store.apply([], reached(7))
    with pytest.raises(AnotherLog, match="Restore the log"):
        await store.apply([desk("d1", Desk("x"))], reached(8, incarnation="second"))
    assert await store.get(DESKS, ACME, "d1") is None
    assert await store.checkpoint("sessions", "SESSIONS") == reached(7)


async def test_a_checkpoint_survives_a_restart(connect: Connect) -> None:
    await (await connect()).apply([desk("d1", Desk("kept"))], reached(2**40))
    again = await connect()
    assert await again.checkpoint("sessions", "SESSIONS") == reached(2**40)
    assert await again.get(DESKS, ACME, "d1") == Desk("kept")
