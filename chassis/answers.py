"""What an HTTP handler gives back: resources with their version, and lists in pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from litestar import Response
from pydantic import BaseModel, ConfigDict

from chassis.command_handler import Outcome
from chassis.decider import Unknown
from chassis.read_models import Page

R = TypeVar("R")
D = TypeVar("D")
V = TypeVar("V", bound="Versioned")

POSITION_HEADER = "Switchboard-Position"
STALE_HEADER = "Switchboard-Stale"


class Versioned(Protocol):
    """A document that says which version of its aggregate it shows."""

    @property
    def version(self) -> int:
        """From 1."""
        ...


class RequestBody(BaseModel):
    """Base of every request body. A misspelt field is refused; no value is ever repeated back."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Listed(Generic[R]):
    """Part of a list; pass `next` as `cursor` to get the following part, null means the end."""

    items: list[R]
    next: str | None


def etag(version: int) -> str:
    """The entity tag of a resource in this version."""
    return f'"{version}"'


def changed(
    resource: R, outcome: Outcome[Any], *, status_code: int = 200, location: str | None = None
) -> Response[R]:
    """Answer to a command: the resource as it is now, and the position that shows it to readers."""
    headers = {"ETag": etag(outcome.version), POSITION_HEADER: str(outcome.position)}
    if location is not None:
        headers["Location"] = location
    return Response(resource, status_code=status_code, headers=headers)


def created(resource: R, outcome: Outcome[Any], collection: str, resource_id: str) -> Response[R]:
    """Answer to a command that has made something, which is found below `collection`."""
    location = f"{collection}/{resource_id}"
    return changed(resource, outcome, status_code=201, location=location)


def gone(outcome: Outcome[Any]) -> Response[None]:
    """Answer to a command that leaves nothing to show."""
    headers = {POSITION_HEADER: str(outcome.position)}
    return Response(None, status_code=204, headers=headers)


def found(resource: R, version: int) -> Response[R]:
    """Answer to a question for one resource."""
    return Response(resource, headers={"ETag": etag(version)})


def shown(view: V | None, render: Callable[[V], R]) -> Response[R]:
    """Answer to a question for one document of a read model. Raises `Unknown`."""
    if view is None:
        raise Unknown("There is nothing under this id. Look it up in the list.")
    return found(render(view), view.version)


def listed(page: Page[D], render: Callable[[D], R]) -> Listed[R]:
    """Answer to a question for many."""
    return Listed([render(document) for document in page.items], page.next)
