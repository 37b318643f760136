"""The formats softphones take their configuration in, by name. One module each."""

from chassis.decider import Refused
from schemas.activation import Format
from services.activation.renderers import json_document
from services.activation.renderers.renderer import Renderer

RENDERERS: dict[Format, Renderer] = {
    renderer.format: renderer for renderer in (json_document.renderer,)
}
DEFAULT: Format = "json"


class UnknownFormat(Refused):
    """There is no such configuration format."""

    status = 400


def renderer_of(name: str | None) -> Renderer:
    """The renderer of a format, of JSON if none is named. Raises `UnknownFormat`."""
    for renderer in RENDERERS.values():
        if renderer.format == (name or DEFAULT):
            return renderer
    raise UnknownFormat(f"Choose one of these formats: {', '.join(RENDERERS)}.")
