"""Folding a batch is pure: the same documents however events are split, repeated or stored."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chassis.event_store import Position, Recorded
from chassis.read_models import Stored
from chassis.stores.folding import Address, Folding, applied, fold_batch
from chassis.testing.note_views import NoteBook, NotePage, Shelf, note_projections

STREAM = "PROVISIONING"
PAGE = Address("note_pages_v1", "acme", "travel")
SHELF = Address("note_shelves_v1", "acme", "all")

folding = Folding(note_projections)
Documents = dict[Address, Stored[Any]]

happenings = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["write", "write", "erase"])), max_size=30
)
cuts = st.lists(st.integers(0, 30), max_size=6)


def recorded(events: Sequence[tuple[str, str]]) -> list[Recorded]:
    book = NoteBook()
    envelopes = [
        book.write("acme", name, f"line {number}") if what == "write" else book.erase("acme", name)
        for number, (name, what) in enumerate(events)
    ]
    return [
        Recorded(envelope, Position("provisioning", sequence))
        for sequence, envelope in enumerate(envelopes, 1)
    ]


def project(events: Sequence[Recorded], documents: Documents) -> Documents:
    return applied(documents, fold_batch(STREAM, folding.steps(events), documents))


def test_events_of_one_document_are_folded_in_the_order_of_the_log() -> None:
    documents = project(recorded([("travel", "write"), ("travel", "write")]), {})
    assert documents[PAGE] == Stored(NotePage(("line 0", "line 1"), 2), {STREAM: 2})


def test_a_deleted_document_leaves_a_trace_that_keeps_its_position() -> None:
    documents = project(recorded([("travel", "write"), ("travel", "erase")]), {})
    assert documents[PAGE] == Stored(None, {STREAM: 2})


def test_an_event_at_or_below_the_position_of_a_document_changes_nothing() -> None:
    documents: Documents = {SHELF: Stored(Shelf(("kept",)), {STREAM: 2})}
    writes = fold_batch(
        STREAM, folding.steps(recorded([("a", "write"), ("b", "write")])), documents
    )
    assert [write.key for write in writes] == ["a", "b"]


def test_positions_in_other_streams_are_kept_and_do_not_hold_back() -> None:
    documents: Documents = {PAGE: Stored(NotePage(), {"ACTIVATION": 9})}
    steps = folding.steps(recorded([("travel", "write")]))
    write = fold_batch(STREAM, steps, documents)[PAGE]
    assert (write.before, write.after) == ({"ACTIVATION": 9}, {"ACTIVATION": 9, STREAM: 1})


@given(happenings)
def test_applying_a_batch_twice_is_applying_it_once(events: list[tuple[str, str]]) -> None:
    batch = recorded(events)
    once = project(batch, {})
    assert fold_batch(STREAM, folding.steps(batch), once) == {}


@given(happenings, cuts)
def test_any_split_into_batches_gives_the_same_documents(
    events: list[tuple[str, str]], cuts: list[int]
) -> None:
    whole = recorded(events)
    documents: Documents = {}
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    for begin, end in pairwise(edges):
        documents = project(whole[begin:end], documents)
    assert documents == project(whole, {})


@given(happenings, st.integers(0, 30), st.integers(0, 30))
def test_redelivering_any_part_changes_nothing(
    events: list[tuple[str, str]], begin: int, end: int
) -> None:
    whole = recorded(events)
    documents = project(whole, {})
    assert project(whole[begin:end], documents) == documents
