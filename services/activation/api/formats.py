"""The format a softphone asks for, by a query parameter or by its headers."""

from typing import Any

from litestar import Request, Response

from services.activation.documents import Configuration
from services.activation.renderers import renderer_of
from services.activation.renderers.renderer import Renderer


def wanted(request: Request[Any, Any, Any], name: str | None) -> Renderer:
    """The renderer for this request. Raises `UnknownFormat`."""
    headers = request.headers
    return renderer_of(name, headers.get("accept", ""), headers.get("user-agent", ""))


def sent(
    renderer: Renderer, configuration: Configuration, url: str | None, **headers: str
) -> Response[bytes]:
    """The configuration as an answer, which says in words what the format had to leave out."""
    document = renderer.render(configuration, url)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if document.left_out:
        named["Switchboard-Left-Out"] = "; ".join(document.left_out)
    return Response(document.content, media_type=renderer.media_type, headers=named)


def is_browser(request: Request[Any, Any, Any], name: str | None) -> bool:
    """Whether a person looks, not a softphone: browsers alone ask for HTML."""
    return name is None and "text/html" in request.headers.get("accept", "").lower()
