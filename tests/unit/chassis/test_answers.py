"""What handlers give back: resources with version and position, and pages of lists."""

from dataclasses import dataclass

import pytest

from chassis.answers import RequestBody, changed, found, gone, listed, shown
from chassis.command_handler import Outcome
from chassis.decider import Unknown
from chassis.event_store import Position
from chassis.read_models import Page

OUTCOME = Outcome(state=None, version=3, position=Position("demo", 41))


def test_a_changed_resource_carries_its_version_and_the_position_that_shows_it() -> None:
    answer = changed({"id": "d1"}, OUTCOME)
    assert answer.status_code == 200
    assert answer.content == {"id": "d1"}
    assert answer.headers == {"ETag": '"3"', "Switchboard-Position": "demo-41"}


def test_a_created_resource_says_where_it_is() -> None:
    answer = changed("desk", OUTCOME, status_code=201, location="/api/v1/desks/d1")
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/api/v1/desks/d1"


def test_what_is_gone_shows_nothing_but_the_position() -> None:
    answer = gone(OUTCOME)
    assert (answer.status_code, answer.content) == (204, None)
    assert answer.headers == {"Switchboard-Position": "demo-41"}


def test_a_found_resource_carries_its_version() -> None:
    assert found({"id": "d1"}, 7).headers == {"ETag": '"7"'}


@dataclass(frozen=True)
class DeskView:
    """A document of a read model."""

    name: str
    version: int


def test_a_shown_document_is_rendered_with_its_own_version() -> None:
    answer = shown(DeskView("d1", 4), lambda view: view.name)
    assert (answer.content, answer.headers) == ("d1", {"ETag": '"4"'})


def test_a_document_that_is_not_there_is_unknown() -> None:
    view: DeskView | None = None
    with pytest.raises(Unknown):
        shown(view, str)


def test_a_list_is_rendered_item_by_item_and_names_the_next_page() -> None:
    page = listed(Page([1, 2], "cursor"), str)
    assert (page.items, page.next) == (["1", "2"], "cursor")


def test_request_bodies_keep_what_was_sent_exactly() -> None:
    class Body(RequestBody):
        text: str

    assert Body(text="  as typed ").text == "  as typed "
