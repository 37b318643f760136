"""What every format is: a name, a media type and a pure function."""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.activation import Format
from services.activation.documents import Configuration


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders a configuration.

    `render` also gets the address to fetch it from later, None where nobody may be told.
    `user_agent` is found, without regard to case, in the name of softphones that take it.
    """

    format: Format
    media_type: str
    render: Callable[[Configuration, str | None], bytes]
    user_agent: str | None = None
