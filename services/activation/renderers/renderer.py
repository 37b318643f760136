"""What every format is: a name, a media type and a pure function."""

from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.activation import Format
from services.activation.documents import Configuration


@dataclass(frozen=True, slots=True)
class Document:
    """A configuration in a format, and in words what the format could not carry."""

    content: bytes = field(repr=False)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders a configuration.

    `render` also gets the address to fetch it from later, None where nobody may be told.
    `user_agent` is found, without regard to case, in the name of softphones that take it.
    """

    format: Format
    media_type: str
    render: Callable[[Configuration, str | None], Document]
    user_agent: str | None = None
