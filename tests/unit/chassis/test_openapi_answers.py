"""Answers are described in words of ours, and lists go by the name of their items."""

from http import HTTPStatus
from typing import Any

import pytest
from litestar import Controller, delete, get, post
from pydantic import BaseModel

from chassis.answers import Listed
from chassis.service import Service
from chassis.testing.http import HttpFakes
from chassis.web.docs_page import docs_page, prose
from chassis.web.openapi import document
from chassis.web.openapi_answers import name_lists

LAMP = "A lamp, and whether it is `lit`."


class LampResource(BaseModel):
    """A lamp, and whether it is `lit`."""

    lit: bool


class LampController(Controller):
    """Lamps."""

    path = "/api/v1/lamps"

    @get()
    async def list_all(self) -> Listed[LampResource]:
        """List lamps."""
        return Listed([], None)

    @get("/names")
    async def names(self) -> Listed[str]:
        """List names."""
        return Listed([], None)

    @post()
    async def add(self) -> LampResource:
        """Add a lamp."""
        return LampResource(lit=True)

    @post("/later", status_code=202)
    async def order(self) -> LampResource:
        """Order a lamp."""
        return LampResource(lit=False)

    @get("/picture")
    async def picture(self) -> bytes:
        """Show what lamps look like."""
        return b""

    @get("/own", response_description="The best lamp.")
    async def own(self) -> LampResource:
        """Show the best lamp."""
        return LampResource(lit=True)

    @delete("/old")
    async def remove(self) -> None:
        """Throw old lamps away."""


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    lamps = Service(name="lamps", controllers=[LampController], dependencies={}, projections=[])
    app = HttpFakes().app(lamps)
    assert document(app) == document(app)
    return document(app)


@pytest.mark.parametrize(
    ("method", "path", "status", "meaning"),
    [
        ("post", "", "201", f"Created. {LAMP}"),
        ("post", "/later", "202", f"Accepted; it happens a moment later. {LAMP}"),
        ("get", "/picture", "200", "Show what lamps look like."),
        ("get", "/own", "200", "The best lamp."),
        ("delete", "/old", "204", "Done. There is nothing to show."),
    ],
)
def test_an_answer_says_what_it_holds(
    described: dict[str, Any], method: str, path: str, status: str, meaning: str
) -> None:
    responses = described["paths"][f"/api/v1/lamps{path}"][method]["responses"]
    assert responses[status]["description"] == meaning


def test_no_answer_is_described_by_the_phrase_of_its_status(described: dict[str, Any]) -> None:
    phrases = {status.description for status in HTTPStatus}
    said = {
        response["description"]
        for path in described["paths"].values()
        for operation in path.values()
        for response in operation["responses"].values()
    }
    assert said & phrases == set()


@pytest.mark.parametrize(("path", "name"), [("", "LampResourceList"), ("/names", "StrList")])
def test_a_list_goes_by_the_name_of_its_items(
    described: dict[str, Any], path: str, name: str
) -> None:
    response = described["paths"][f"/api/v1/lamps{path}"]["get"]["responses"]["200"]
    (content,) = response["content"].values()
    assert content["schema"] == {"$ref": f"#/components/schemas/{name}"}
    schema = described["components"]["schemas"][name]
    assert (schema["title"], set(schema["properties"])) == (name, {"items", "next"})
    assert schema["description"].startswith("Part of a list;")


def test_every_component_has_a_plain_name(described: dict[str, Any]) -> None:
    names = list(described["components"]["schemas"])
    assert names == sorted(names)
    assert [name for name in names if not name.isalnum()] == []


def test_two_lists_of_one_name_are_refused() -> None:
    schemas: dict[str, Any] = {"Listed_a.Lamp_": {}, "Listed_b.Lamp_": {}}
    with pytest.raises(ValueError, match="LampList"):
        name_lists({"components": {"schemas": schemas}})


def test_what_stands_between_back_ticks_is_shown_as_code_and_nothing_else_is(
    described: dict[str, Any],
) -> None:
    assert "whether it is <code>lit</code>." in docs_page(described, "/raw")
    assert prose("a `b<i>` <i> `c") == "a <code>b&lt;i&gt;</code> &lt;i&gt; `c"
