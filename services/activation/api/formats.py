"""The format a softphone asks for, by a query parameter or by its headers."""

from typing import Any

from litestar import Request

from services.activation.renderers import renderer_of
from services.activation.renderers.renderer import Renderer


def wanted(request: Request[Any, Any, Any], name: str | None) -> Renderer:
    """The renderer for this request. Raises `UnknownFormat`."""
    headers = request.headers
    return renderer_of(name, headers.get("accept", ""), headers.get("user-agent", ""))


def is_browser(request: Request[Any, Any, Any], name: str | None) -> bool:
    """Whether a person looks, not a softphone: browsers alone ask for HTML."""
    return name is None and "text/html" in request.headers.get("accept", "").lower()
